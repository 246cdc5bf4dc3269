//! The text of a post: what its plain text is, how long Telegram counts it, and what a browser may be shown.

use std::sync::LazyLock;

use ammonia::Builder;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(
            [
                "b",
                "strong",
                "i",
                "em",
                "u",
                "ins",
                "s",
                "strike",
                "del",
                "a",
                "code",
                "pre",
                "blockquote",
                "tg-spoiler",
            ]
            .into(),
        )
        .tag_attributes([("a", ["href"].into()), ("blockquote", ["expandable"].into())].into())
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer"))
        .set_tag_attribute_value("a", "target", "_blank");
    builder
});

/// A post as HTML that is safe to show: Telegram's own tags alone, hashtags marked.
pub(super) fn to_html(text: &str, parse_mode: Option<&str>) -> String {
    let html = match parse_mode {
        Some(mode) if mode.eq_ignore_ascii_case("html") => CLEANER.clean(text).to_string(),
        _ => ammonia::clean_text(text).replace("&#10;", "\n").replace("&#32;", " "),
    };
    mark_hashtags(html.trim())
}

/// The plain text of shown HTML.
pub(super) fn plain(html: &str) -> String {
    dom_query::Document::fragment(html).text().to_string()
}

/// The length that Telegram counts: UTF-16 units of the plain text.
pub(super) fn length(plain: &str) -> usize {
    plain.encode_utf16().count()
}

/// Wraps each `#tag` of the text (not of attributes) in a `<span class="tag">`.
fn mark_hashtags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let (mut in_markup, mut in_tag, mut before) = (false, false, ' ');
    for c in html.chars() {
        if in_tag && !(c.is_alphanumeric() || c == '_') {
            out.push_str("</span>");
            in_tag = false;
        }
        if c == '#' && !in_markup && (before.is_whitespace() || before == '>') {
            out.push_str("<span class=\"tag\">");
            in_tag = true;
        }
        match c {
            '<' => in_markup = true,
            '>' => in_markup = false,
            _ => {}
        }
        out.push(c);
        before = c;
    }
    if in_tag {
        out.push_str("</span>");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_telegrams_markup_is_shown() {
        let html = to_html(
            "<b>Cầu & đường</b>\n<script>x</script> <a href=\"https://a.vn/#x\">đọc</a> #Tin_tức",
            Some("HTML"),
        );
        assert!(html.starts_with("<b>Cầu &amp; đường</b>\n"), "{html}");
        assert!(!html.contains("script"), "{html}");
        assert!(html.contains("href=\"https://a.vn/#x\"") && html.contains("target=\"_blank\""), "{html}");
        assert!(html.ends_with("<span class=\"tag\">#Tin_tức</span>"), "{html}");
        assert!(plain(&html).starts_with("Cầu & đường\n"));
    }

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(to_html("1 < 2", None), "1 &lt; 2");
        assert_eq!(length("a😀"), 3);
    }
}
