//! "Did you mean …": the nearest of the words that would be right.

/// The candidate nearest to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (likeness(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.82)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Whether two words differ by a slip only.
pub fn alike(a: &str, b: &str) -> bool {
    const ALIKE: f64 = 0.85;
    // Most pairs of words are of other lengths, or begin otherwise: these need no distance.
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if long - short > long / 2 {
        return false;
    }
    let a = a.to_lowercase();
    strsim::jaro_winkler(&a, b) >= ALIKE && likeness(&a, b) >= ALIKE
}

fn likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    // Jaro-Winkler is kind to common beginnings, the distance to swapped and missing letters.
    let distance = strsim::normalized_damerau_levenshtein(a, b);
    strsim::jaro_winkler(a, b).min(distance + 0.3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let keys = ["name", "url", "schedule", "timezone", "telegram", "translation_of", "date_order"];
        for (word, meant) in [
            ("nmae", Some("name")),
            ("shedule", Some("schedule")),
            ("time_zone", Some("timezone")),
            ("telegarm", Some("telegram")),
            ("translation", Some("translation_of")),
            ("date-order", Some("date_order")),
            ("URL", Some("url")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
    }
}
