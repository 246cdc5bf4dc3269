//! What of a page is never read: the content of styles and of most scripts. Its elements stay, empty.

use std::ops::Range;

use super::scan::Tag;

/// What the names of dates in scripts' data have in common (`"datePublished"`, `"publish_date"`, `"pubDate"`).
const DATES: &[&str] = &["ubli", "pubDate", "postedAt"];

/// Whether the content of a raw element says nothing of an article.
pub fn is_silent(tag: &Tag<'_>, content: &str) -> bool {
    tag.name.is("style")
        || tag.name.is("script")
            && !tag.head.to_ascii_lowercase().contains("ld+json")
            && !DATES.iter().any(|date| content.contains(date))
}

/// The page without some stretches of it, which are in order.
pub fn without(html: &str, stretches: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(html.len() - stretches.iter().map(ExactSizeIterator::len).sum::<usize>());
    let mut from = 0;
    for stretch in stretches {
        out.push_str(html.get(from..stretch.start).unwrap_or_default());
        from = stretch.end;
    }
    out.push_str(html.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use crate::fetch::bound::bound_lean;

    #[test]
    fn styles_and_scripts_are_emptied_and_what_says_dates_stays() {
        let lean = |html: &str| bound_lean(html).html.into_owned();
        assert_eq!(
            lean("<style>p{}</style><p>ệ</p><script async>var a = '<p>';</script>"),
            "<style></style><p>ệ</p><script async></script>"
        );
        for kept in [
            r#"<script type="application/ld+json">{"headline":"A"}</script>"#,
            r#"<script>x = {"publishDate":"2019-07-08"}</script>"#,
            r#"<script>x = {"pubDate":"2019-07-08"}</script>"#,
            "<title>Tin</title><textarea>a</textarea>",
        ] {
            assert_eq!(lean(kept), kept);
        }
    }
}
