//! The filters of a section: which articles are let in, by keywords and regular expressions. What the listing already
//! decides is dropped before a page is opened ([`listed`]), the rest after it was read ([`read`]). Each answer is the
//! rule in words, for `explain`. By rules of the same kind an article is [`urgent`].

use unicode_normalization::UnicodeNormalization as _;

use crate::article::{Candidate, Reading, text};
use crate::config::{FilterField, FilterPattern, FilterRule, FilterRules};

/// What is known of an article at the moment.
struct Known<'a> {
    titles: Vec<&'a str>,
    lead: Option<&'a str>,
    /// The whole text, once the page was read.
    text: Option<&'a str>,
    byline: Option<&'a str>,
    tags: Vec<&'a str>,
    url: &'a str,
}

/// Why what the listing says is enough to drop an article; `None` when it is let in or its page has to be read first.
pub fn listed(rules: &FilterRules, candidate: &Candidate) -> Option<String> {
    let known = Known {
        titles: candidate.title.as_deref().into_iter().collect(),
        lead: candidate.lead.as_deref(),
        text: None,
        byline: candidate.byline.as_deref(),
        tags: candidate.tags.iter().map(String::as_str).collect(),
        url: candidate.url.as_str(),
    };
    if let Some(reason) = excluded(rules, &known) {
        return Some(reason);
    }
    // A listing that cuts its titles off may hide the word that is looked for.
    let whole_title = candidate.title.as_deref().is_some_and(|title| !title.ends_with('…') && !title.ends_with("..."));
    let decided = rules.include.iter().all(|rule| match rule.field {
        FilterField::Url => true,
        FilterField::Title => whole_title,
        _ => false,
    });
    if decided { not_included(rules, &known) } else { None }
}

/// Why an article that was read is dropped, if it is.
pub fn read(rules: &FilterRules, candidate: &Candidate, reading: &Reading) -> Option<String> {
    let known = Known {
        titles: candidate.title.as_deref().into_iter().chain([reading.title.as_str()]).collect(),
        lead: reading.lead.as_deref().or(candidate.lead.as_deref()),
        text: Some(reading.text.as_str()),
        byline: reading.byline.as_deref().or(candidate.byline.as_deref()),
        tags: candidate.tags.iter().chain(&reading.tags).map(String::as_str).collect(),
        url: candidate.url.as_str(),
    };
    excluded(rules, &known).or_else(|| not_included(rules, &known))
}

/// Whether an article is urgent: by a rule of its section, or because whoever pushed it says so.
pub fn urgent(rules: &FilterRules, candidate: &Candidate, reading: Option<&Reading>) -> bool {
    if candidate.urgent || rules.include.is_empty() {
        return candidate.urgent;
    }
    let read = |field: fn(&Reading) -> Option<&str>| reading.and_then(field);
    let known = Known {
        titles: candidate.title.as_deref().into_iter().chain(read(|r| Some(&r.title))).collect(),
        lead: read(|r| r.lead.as_deref()).or(candidate.lead.as_deref()),
        text: read(|r| Some(&r.text)),
        byline: read(|r| r.byline.as_deref()).or(candidate.byline.as_deref()),
        tags: candidate.tags.iter().chain(reading.into_iter().flat_map(|r| &r.tags)).map(String::as_str).collect(),
        url: candidate.url.as_str(),
    };
    rules.include.iter().any(|rule| matches(rule, &known))
}

fn excluded(rules: &FilterRules, known: &Known<'_>) -> Option<String> {
    let rule = rules.exclude.iter().find(|rule| matches(rule, known))?;
    Some(format!("dropped by filter.exclude: {}", rule.written))
}

fn not_included(rules: &FilterRules, known: &Known<'_>) -> Option<String> {
    if rules.include.is_empty() || rules.include.iter().any(|rule| matches(rule, known)) {
        return None;
    }
    let written: Vec<&str> = rules.include.iter().take(5).map(|rule| rule.written.as_str()).collect();
    let more = if rules.include.len() > 5 { ", …" } else { "" };
    Some(format!("dropped by filter.include: none of {}{more}", written.join(", ")))
}

fn matches(rule: &FilterRule, known: &Known<'_>) -> bool {
    let mut places: Vec<&str> = match rule.field {
        FilterField::Any => known.titles.iter().chain(&known.tags).copied().collect(),
        FilterField::Title => known.titles.clone(),
        FilterField::Text => known.text.into_iter().collect(),
        FilterField::Byline => known.byline.into_iter().collect(),
        FilterField::Tag => known.tags.clone(),
        FilterField::Url => vec![known.url],
    };
    if matches!(rule.field, FilterField::Any | FilterField::Text) {
        places.extend(known.lead);
    }
    match &rule.pattern {
        FilterPattern::Regex(regex) => places.iter().any(|place| regex.is_match(place)),
        // An address is no text: letters stand in it as they are.
        FilterPattern::Keyword(word) if rule.field == FilterField::Url => known.url.contains(word.as_str()),
        FilterPattern::Keyword(word) => {
            let word = Word::of(word);
            places.iter().any(|place| word.is_in(place))
        }
    }
}

/// A letter, and the same without its marks ("ả", "a").
type Letter = (char, char);

/// A keyword: whole words, in any case, with or without accents. "bao" finds "bão" and "Báo", "bão" finds "BÃO" and
/// "bao" but not "báo". A `*` at an end lets the word go on there.
struct Word {
    letters: Vec<Letter>,
    open_before: bool,
    open_after: bool,
}

impl Word {
    fn of(word: &str) -> Self {
        Self {
            letters: letters(word.trim_matches('*')),
            open_before: word.starts_with('*'),
            open_after: word.ends_with('*'),
        }
    }

    fn is_in(&self, place: &str) -> bool {
        let place = letters(place);
        let (Some(first), Some(last)) = (self.letters.first(), self.letters.last()) else { return false };
        let begins_word = first.0.is_alphanumeric() && !self.open_before;
        let ends_word = last.0.is_alphanumeric() && !self.open_after;
        place.windows(self.letters.len()).enumerate().any(|(at, window)| {
            let is_letter = |at: usize| place.get(at).is_some_and(|(c, _)| c.is_alphanumeric());
            window.iter().zip(&self.letters).all(|(place, word)| same(*place, *word))
                && !(begins_word && at > 0 && is_letter(at - 1))
                && !(ends_word && is_letter(at + window.len()))
        })
    }
}

/// Whether two letters are one: alike, or alike but for marks that one of them does not have.
fn same(a: Letter, b: Letter) -> bool {
    a.1 == b.1 && (a.0 == b.0 || a.0 == a.1 || b.0 == b.1)
}

fn letters(text: &str) -> Vec<Letter> {
    text::match_key(text).chars().map(|c| (c, bare(c))).collect()
}

/// The letter without its marks.
fn bare(c: char) -> char {
    match c {
        'đ' => 'd',
        c if c.is_ascii() => c,
        c => c.nfd().next().unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::filter_pattern;

    fn rules(include: &[(FilterField, &str)], exclude: &[(FilterField, &str)]) -> FilterRules {
        let all = |given: &[(FilterField, &str)]| {
            let rule =
                |&(field, text): &(FilterField, &str)| FilterRule::new(field, text, filter_pattern(text).unwrap());
            given.iter().map(rule).collect()
        };
        FilterRules::new(all(include), all(exclude))
    }

    fn candidate(title: &str, tags: &[&str]) -> Candidate {
        Candidate {
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Candidate::of("https://tinh.example.vn/thoi-su/bai-1.html".parse().unwrap())
        }
    }

    #[test]
    fn a_keyword_is_whole_words_in_any_case_and_with_or_without_accents() {
        for (word, text, found) in [
            ("bão", "BÃO SỐ 3 ĐỔ BỘ", true),
            ("bao", "Bão số 3", true),
            ("bão", "Tin bao so 3", true),
            ("bão", "Báo cáo quý III", false),
            ("lũ", "Thung lũng hoa", false),
            ("lũ", "Nước lũ, rút chậm", true),
            ("Đảng bộ", "đảng  bộ tỉnh", true),
            ("dang bo", "Ðảng bộ tỉnh", true),
            ("giáo dục", "Sở GIÁO DỤC", true),
            ("hoà bình", "Hòa Bình", true),
            ("flood*", "Flooding in the north", true),
            ("flood", "Flooding in the north", false),
            ("*flood", "Mudflood", true),
            ("C++", "Học C++ cơ bản", true),
            ("bão", "", false),
        ] {
            assert_eq!(Word::of(word).is_in(text), found, "{word} in {text}");
            let nfd: String = text.nfd().collect();
            assert_eq!(Word::of(word).is_in(&nfd), found, "{word} in {text}, decomposed");
        }
    }

    #[test]
    fn what_the_listing_decides_is_dropped_before_it_is_read() {
        let only_storms = rules(&[(FilterField::Title, "bão"), (FilterField::Title, "re:lũ (quét|ống)")], &[]);
        assert_eq!(listed(&only_storms, &candidate("Bão số 3", &[])), None);
        assert_eq!(listed(&only_storms, &candidate("LŨ QUÉT trong đêm", &[])), None);
        let reason = listed(&only_storms, &candidate("Lễ hội", &[])).unwrap();
        assert_eq!(reason, "dropped by filter.include: none of title \"bão\", title \"re:lũ (quét|ống)\"");
        assert_eq!(listed(&only_storms, &candidate("Tin buổi sáng: mưa…", &[])), None, "a title that is cut off");
        assert_eq!(listed(&only_storms, &candidate("", &[])), None, "no title yet");
        let no_ads = rules(&[], &[(FilterField::Any, "quảng cáo"), (FilterField::Url, "/video/")]);
        assert_eq!(listed(&no_ads, &candidate("Tin", &["Thời sự"])), None);
        assert_eq!(
            listed(&no_ads, &candidate("Tin", &["Quảng cáo"])).unwrap(),
            "dropped by filter.exclude: \"quảng cáo\""
        );
        let by_tag = rules(&[(FilterField::Tag, "Thời sự")], &[]);
        assert_eq!(listed(&by_tag, &candidate("Tin", &[])), None, "the page may have tags");
    }

    #[test]
    fn what_was_read_decides_the_rest() {
        let reading = |text: &str, byline: &str| Reading {
            title: "Tin".into(),
            text: text.into(),
            byline: Some(byline.into()),
            tags: vec!["Thời sự".into()],
            ..Reading::default()
        };
        let found =
            rules(&[(FilterField::Text, "re:^mưa"), (FilterField::Tag, "the thao")], &[(FilterField::Byline, "TTXVN")]);
        let listed = candidate("Tin", &[]);
        assert_eq!(read(&found, &listed, &reading("Sáng nay.\nMưa to.", "Hà")), None);
        assert!(read(&found, &listed, &reading("Nắng.", "Hà")).unwrap().contains("none of text \"re:^mưa\""));
        assert!(read(&found, &listed, &reading("Mưa.", "Theo TTXVN")).unwrap().contains("byline \"TTXVN\""));
        assert!(read(&rules(&[], &[(FilterField::Tag, "thoi su")]), &listed, &reading("", "")).is_some());
    }

    #[test]
    fn what_is_urgent() {
        let set = rules(&[(FilterField::Title, "re:^(tin )?khẩn"), (FilterField::Tag, "khẩn cấp")], &[]);
        let reading = |title: &str, tags: &[&str]| Reading {
            title: title.into(),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Reading::default()
        };
        let is_urgent =
            |title: &str, tags: &[&str], read: Option<&Reading>| urgent(&set, &candidate(title, tags), read);
        assert!(is_urgent("KHẨN: Bão số 3 đổi hướng", &[], None));
        assert!(is_urgent("Bão số 3", &["Khẩn cấp"], None));
        assert!(!is_urgent("Khắc phục khẩn trương", &["Thời sự"], None));
        assert!(is_urgent("Bão số 3", &[], Some(&reading("Tin khẩn: Bão số 3", &[]))), "by the title of its page");
        assert!(is_urgent("Bão số 3", &[], Some(&reading("Bão số 3", &["khan cap"]))), "by a tag of its page");
        let pushed = Candidate { urgent: true, ..candidate("Tin", &[]) };
        assert!(
            urgent(&FilterRules::default(), &pushed, None)
                && !urgent(&FilterRules::default(), &candidate("KHẨN", &[]), None)
        );
    }
}
