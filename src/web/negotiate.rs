//! What a client accepts: codings and languages by their q-values (RFC 9110 §12.4.2).

use crate::config::Language;
use crate::feed::Coding;

/// The items of an `Accept-…` header with their weights, 0 to 1000.
fn weighted(header: &str) -> impl Iterator<Item = (&str, u16)> {
    header.split(',').filter_map(|part| {
        let (item, parameters) = part.split_once(';').unwrap_or((part, ""));
        let weight = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok())?
        });
        let item = item.trim();
        (!item.is_empty()).then(|| (item, (weight.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u16))
    })
}

/// The coding a client likes best; of equals the smallest. Without a header, or when nothing of ours is accepted:
/// identity.
pub fn coding(header: Option<&str>) -> Coding {
    let Some(header) = header else { return Coding::Identity };
    if header == "gzip" {
        return Coding::Gzip;
    }
    let weight = |names: &[&str]| {
        let of = |wanted: &str| weighted(header).find(|(item, _)| item.eq_ignore_ascii_case(wanted)).map(|(_, q)| q);
        names.iter().find_map(|name| of(name)).or_else(|| of("*"))
    };
    let known = [(Coding::Brotli, ["br", "br"]), (Coding::Zstd, ["zstd", "zstd"]), (Coding::Gzip, ["gzip", "x-gzip"])];
    // Identity is always acceptable unless it is refused; unnamed it ranks below what is named.
    let identity = weighted(header).find(|(item, _)| item.eq_ignore_ascii_case("identity")).map_or(1, |(_, q)| q);
    let named = known.map(|(coding, names)| (coding, weight(&names).unwrap_or(0)));
    let best = named.into_iter().filter(|(_, q)| *q > 0 && *q >= identity);
    best.reduce(|best, next| if next.1 > best.1 { next } else { best }).map_or(Coding::Identity, |(coding, _)| coding)
}

/// The language of ours a client likes best.
pub fn language(header: &str) -> Option<Language> {
    let known = weighted(header).filter_map(|(tag, q)| Some((Language::from_tag(tag)?, q)));
    // The first of the heaviest: max_by_key would take the last.
    known.filter(|(_, q)| *q > 0).reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(lang, _)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_follow_the_weights() {
        for (header, expected) in [
            (None, Coding::Identity),
            (Some(""), Coding::Identity),
            (Some("gzip, deflate"), Coding::Gzip),
            (Some("gzip, deflate, br, zstd"), Coding::Brotli),
            (Some("gzip, zstd"), Coding::Zstd),
            (Some("zstd;q=0.9, gzip"), Coding::Gzip),
            (Some("br;q=0.5, gzip;q=0.8"), Coding::Gzip),
            (Some("br;q=0, gzip;q=0"), Coding::Identity),
            (Some("*"), Coding::Brotli),
            (Some("*;q=0.5, br;q=0"), Coding::Zstd),
            (Some("identity;q=1, gzip;q=0.5"), Coding::Identity),
            (Some("GZIP;Q=0.3"), Coding::Gzip),
            (Some("deflate, compress"), Coding::Identity),
            (Some("gzip;q=zzz"), Coding::Gzip),
        ] {
            assert_eq!(coding(header), expected, "{header:?}");
        }
    }

    #[test]
    fn languages_follow_the_weights() {
        for (header, expected) in [
            ("vi-VN,vi;q=0.9,en;q=0.8", Some(Language::Vi)),
            ("en-GB,en;q=0.9,vi;q=0.8", Some(Language::En)),
            ("fr, en;q=0.5, vi;q=0.7", Some(Language::Vi)),
            ("fr, de", None),
            ("en;q=0, vi;q=0.1", Some(Language::Vi)),
            ("en, vi", Some(Language::En)),
        ] {
            assert_eq!(language(header), expected, "{header}");
        }
    }
}
