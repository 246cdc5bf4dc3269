//! Addresses of the pages of one listing: which number an address states, and what the following one is.

use url::Url;

/// Query parameters that count pages.
const PAGES: &[&str] = &[
    "page",
    "p",
    "pg",
    "paged",
    "trang",
    "cur",
    "currentpage",
    "pagenum",
    "pageindex",
    "pageno",
    "pagenumber",
    "curpage",
];
/// Query parameters that count articles.
const OFFSETS: &[&str] = &["start", "offset", "limitstart", "from", "skip", "pagefirstrow"];

/// A place in an address where a page's number stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The value of a query parameter.
    Query(String),
    /// Within the path, from byte to byte.
    Path(usize, usize),
}

/// What counts the pages in an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub number: u32,
    /// Whether it counts articles and not pages.
    pub is_offset: bool,
    place: Place,
    /// The address without it: that of the first page, more or less.
    pub rest: String,
}

/// The counter of an address: `?page=2`, `?_101_cur=2`, `?start=20`, `/page/2`, `/page-2`, `/trang-2.html`.
pub fn counter(url: &Url) -> Option<Counter> {
    for (name, value) in url.query_pairs() {
        let Ok(number) = value.parse::<u32>() else { continue };
        let low = name.to_ascii_lowercase();
        let last = low.rsplit(['_', '-']).find(|part| !part.is_empty()).unwrap_or(&low);
        let is_offset = OFFSETS.contains(&low.as_str());
        if is_offset || PAGES.contains(&low.as_str()) || PAGES.contains(&last) {
            let others: Vec<String> =
                url.query_pairs().filter(|(other, _)| *other != name).map(|(k, v)| format!("{k}={v}")).collect();
            let rest = format!("{}?{}", url.path().trim_end_matches('/'), others.join("&"));
            return Some(Counter { number, is_offset, place: Place::Query(name.into_owned()), rest });
        }
    }
    in_path(url)
}

/// A number in the last parts of the path that stands beside a word for "page", or alone at its end.
fn in_path(url: &Url) -> Option<Counter> {
    let path = url.path();
    let whole = path.trim_end_matches('/');
    let (stem, ending) = match whole.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 5 && !ending.contains('/') => (stem, whole.get(stem.len()..)?),
        _ => (whole, ""),
    };
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 || digits > 4 {
        return None;
    }
    let start = stem.len() - digits;
    let number = stem.get(start..)?.parse().ok()?;
    let before = stem.get(..start)?;
    let low = before.to_ascii_lowercase();
    let word = [
        "/page/", "/page-", "/page", "/trang-", "/trang/", "/trang", "-page-", "-trang-", "/p/", "/p", "-p", "/page_",
        "-page",
    ]
    .iter()
    .find(|word| low.ends_with(*word));
    let cut = match word {
        Some(word) => before.len() - word.len(),
        // `/stories/2`: a bare number as the last part, `tin2.htm`: at the end of a file's name.
        None if before.ends_with('/') || !ending.is_empty() => before.len(),
        None => return None,
    };
    let base = path.get(..cut)?.trim_end_matches(['/', '-', '_']);
    let query = url.query().map_or_else(|| "?".to_owned(), |query| format!("?{query}"));
    Some(Counter { number, is_offset: false, place: Place::Path(start, stem.len()), rest: format!("{base}{query}") })
}

/// The address with another number in its counter.
fn with(url: &Url, counter: &Counter, number: u32) -> Option<Url> {
    let mut out = url.clone();
    match &counter.place {
        Place::Query(name) => {
            let pairs: Vec<(String, String)> =
                url.query_pairs()
                    .map(|(k, v)| {
                        if k == *name { (k.into_owned(), number.to_string()) } else { (k.into_owned(), v.into_owned()) }
                    })
                    .collect();
            out.query_pairs_mut().clear().extend_pairs(&pairs);
        }
        Place::Path(start, end) => {
            let path = url.path();
            out.set_path(&format!("{}{number}{}", path.get(..*start)?, path.get(*end..)?));
        }
    }
    Some(out)
}

/// The page after `next`, where the step from `current` to `next` shows how the site counts its pages; for pagers
/// that stop naming their next page.
pub fn following(current: &Url, next: &Url) -> Option<Url> {
    let after = counter(next)?;
    let before = counter(current).filter(|counter| counter.place == after.place || counter.rest == after.rest);
    let step = match before {
        Some(before) => after.number.checked_sub(before.number).filter(|step| *step > 0)?,
        // The first page has no number: the second is 2 or 1, or an offset as long as a page.
        None if after.is_offset => after.number,
        None => 1,
    };
    let url = with(next, &after, after.number.checked_add(step)?)?;
    (url != *next).then_some(url)
}

/// Whether `link` is the page after `current` by its number alone.
pub fn is_after(current: &Url, link: &Url) -> bool {
    let Some(after) = counter(link) else { return false };
    if current.host_str() != link.host_str() {
        return false;
    }
    match counter(current) {
        Some(before) if before.is_offset == after.is_offset && before.rest == after.rest => {
            !after.is_offset && after.number == before.number + 1
        }
        Some(_) => false,
        None => {
            let own = |url: &Url| {
                let path = url.path().trim_end_matches('/');
                let path = path.rsplit_once('.').filter(|(_, end)| end.len() <= 5).map_or(path, |(stem, _)| stem);
                path.trim_end_matches("/index").to_ascii_lowercase()
            };
            let base = after.rest.split('?').next().unwrap_or_default().to_ascii_lowercase();
            let base = base.rsplit_once('.').filter(|(_, end)| end.len() <= 5).map_or(base.as_str(), |(stem, _)| stem);
            !after.is_offset && after.number == 2 && base == own(current)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        format!("https://x.vn{text}").parse().unwrap()
    }

    #[test]
    fn counters_are_read_and_go_on() {
        for (first, second, third) in [
            ("/tin-tuc/", "/tin-tuc/page-2/", "/tin-tuc/page-3/"),
            ("/news", "/news?page=1", "/news?page=2"),
            ("/news?page=1", "/news?page=2", "/news?page=3"),
            ("/thoi-su.html", "/thoi-su/trang-2.html", "/thoi-su/trang-3.html"),
            ("/tin", "/tin?p_id=9&_101_INSTANCE_ab_cur=2", "/tin?p_id=9&_101_INSTANCE_ab_cur=3"),
            ("/tin", "/tin?start=7", "/tin?start=14"),
            ("/tin?start=7", "/tin?start=14", "/tin?start=21"),
            ("/stories/", "/stories/2/", "/stories/3/"),
            ("/tin.htm", "/tin2.htm", "/tin3.htm"),
            ("/a/page/9", "/a/page/10", "/a/page/11"),
        ] {
            assert_eq!(following(&url(first), &url(second)), Some(url(third)), "{first} {second}");
        }
        assert_eq!(following(&url("/a"), &url("/b")), None);
        assert!(
            is_after(&url("/tin-tuc/"), &url("/tin-tuc/page-2")) && !is_after(&url("/tin-tuc/"), &url("/khac/page-2"))
        );
        assert!(
            is_after(&url("/tin?page=3"), &url("/tin?page=4")) && !is_after(&url("/tin?page=3"), &url("/tin?page=2"))
        );
        assert!(is_after(&url("/thoi-su.html"), &url("/thoi-su/trang-2.html")));
        assert!(counter(&url("/tin/khanh-thanh-cau-2026-4100.html")).is_none_or(|counter| counter.number == 4100));
    }
}
