//! An article's clean HTML made fit for a mail: pictures no wider than the column, every style inline (some mail
//! programs drop style sheets), nothing a mail cannot load. Cleaned again at the end, so the result is as safe as
//! what it was made of.

use std::collections::HashSet;

use ammonia::{Builder, UrlRelative};
use dom_query::Document;
use url::Url;

use crate::channel::entry;

/// Width of the column within its 600 px frame.
pub const COLUMN: u32 = 536;

/// Tag and inline style.
const STYLES: &[(&str, &str)] = &[
    ("p", "margin:0 0 16px"),
    ("h1", "margin:24px 0 12px;font-size:22px;line-height:1.3"),
    ("h2", "margin:24px 0 12px;font-size:20px;line-height:1.3"),
    ("h3", "margin:20px 0 10px;font-size:18px;line-height:1.35"),
    ("h4", "margin:20px 0 10px;font-size:16px;line-height:1.4"),
    ("ul", "margin:0 0 16px;padding-left:24px"),
    ("ol", "margin:0 0 16px;padding-left:24px"),
    ("li", "margin:0 0 6px"),
    ("blockquote", "margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid #b3261e"),
    ("figure", "margin:0 0 20px"),
    ("figcaption", "margin:8px 0 0;font-size:14px;line-height:1.5;font-style:italic"),
    ("img", "display:block;width:auto;max-width:100%;height:auto;border:0;border-radius:6px"),
    ("table", "width:100%;max-width:100%;border-collapse:collapse;margin:0 0 16px;font-size:15px"),
    ("th", "padding:6px 8px;border:1px solid #98a1ab;text-align:left;vertical-align:top;word-break:break-word"),
    ("td", "padding:6px 8px;border:1px solid #98a1ab;vertical-align:top;word-break:break-word"),
    ("pre", "margin:0 0 16px;white-space:pre-wrap;word-break:break-word;font-size:14px"),
    ("hr", "border:0;border-top:1px solid #98a1ab;margin:24px 0"),
];

/// The HTML of an article, for a mail; with its pictures or without any.
pub fn for_mail(html: &str, pictures: bool) -> String {
    let document = Document::fragment(html);
    for image in document.select("img").nodes() {
        let web = image.attr("src").and_then(|src| Url::parse(&src).ok()).is_some_and(|url| entry::is_web(&url));
        if !(web && pictures) {
            image.remove_from_parent();
            continue;
        }
        // Word, as Outlook uses it, knows nothing but the attributes; others keep the room that they tell.
        let stated = |name: &str| {
            let value = image.attr(name).and_then(|value| value.trim_end_matches("px").parse::<u32>().ok());
            value.filter(|&pixels| pixels > 0)
        };
        let (own, height) = (stated("width"), stated("height"));
        let width = own.unwrap_or(COLUMN).min(COLUMN);
        image.set_attr("width", &width.to_string());
        match own.zip(height) {
            Some((own, height)) => image.set_attr("height", &(height.saturating_mul(width) / own).max(1).to_string()),
            None => image.remove_attr("height"),
        }
        if image.attr("alt").is_none() {
            image.set_attr("alt", "");
        }
    }
    // Two values set by ammonia on one tag come in random order, and a retry must be the same mail: one is set here.
    for link in document.select("a").nodes() {
        link.set_attr("class", "link");
    }
    let mut builder = Builder::default();
    builder
        .link_rel(None)
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .rm_tag_attributes("table", ["width", "align"])
        .rm_tag_attributes("td", ["width", "align"])
        .rm_tag_attributes("th", ["width", "align"])
        .rm_tags(["map", "area", "center"])
        .add_tag_attributes("a", ["class"]);
    for (tag, style) in STYLES {
        builder.set_tag_attribute_value(*tag, "style", *style);
    }
    builder.set_tag_attribute_value("a", "style", "color:#0b57d0");
    builder.clean(&document.inner_html()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fit_the_column_and_styles_stand_inline() {
        let html = for_mail(
            "<p>Xin <b>chào</b> <a href=\"https://e.vn/?a=1&amp;b\" onclick=x>nhé</a></p>\
             <img src=\"https://e.vn/a.jpg\" width=\"1200\" height=\"900\"><img src=\"https://e.vn/b.png\" width=\"80\" alt=\"biểu tượng\">\
             <img src=\"file:///etc/x.png\"><img src=\"data:image/gif;base64,x\"><script>1</script>",
            true,
        );
        insta::assert_snapshot!(html);
    }

    #[test]
    fn broken_html_comes_out_whole() {
        assert_eq!(for_mail("<p>a<b>b", true), "<p style=\"margin:0 0 16px\">a<b>b</b></p>");
    }
}
