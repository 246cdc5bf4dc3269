//! RSS 2.0 after the Best Practices Profile: summary in `description`, full text in `content:encoded` after it,
//! the by-line as `dc:creator`, the lead picture as one `media:content`,
//! the first file whose length is known as the one enclosure that readers expect of an item.

use super::entry::{self, Entry, Media};
use super::xml::Xml;
use super::{Head, Item, Kind, moment, sanitise};

/// The RSS feed as bytes.
pub fn render(head: &Head, items: &[Item]) -> Vec<u8> {
    of_entries(head, &entry::entries(head, items))
}

/// The same of items that are sanitised already.
pub(super) fn of_entries(head: &Head, entries: &[Entry<'_>]) -> Vec<u8> {
    entry::fit(entries, head.max_bytes, |entries| write(head, entries))
}

fn write(head: &Head, entries: &[Entry<'_>]) -> Vec<u8> {
    let mut xml = Xml::about(2_000 + entries.iter().map(Entry::weight).sum::<usize>());
    xml.open_with(
        "rss",
        &[
            ("version", Some("2.0")),
            ("xmlns:atom", Some("http://www.w3.org/2005/Atom")),
            ("xmlns:content", Some("http://purl.org/rss/1.0/modules/content/")),
            ("xmlns:dc", Some("http://purl.org/dc/elements/1.1/")),
            ("xmlns:media", Some(sanitise::MEDIA)),
        ],
    );
    xml.open("channel");
    xml.words("title", &sanitise::line(&head.title));
    xml.element("link", &sanitise::url(&head.link).unwrap_or_else(|| head.base_url.clone()));
    xml.words("description", &sanitise::line(&head.description));
    xml.element("language", &head.language);
    if let Some(newest) = entry::newest(entries) {
        xml.element("lastBuildDate", &moment::rfc2822(newest));
    }
    xml.element("generator", "bantin");
    xml.element("docs", "https://www.rssboard.org/rss-specification");
    links(&mut xml, head);
    for entry in entries {
        item(&mut xml, head, entry);
    }
    xml.close("channel");
    xml.close("rss");
    xml.done()
}

fn links(xml: &mut Xml, head: &Head) {
    let mut link = |rel: &str, href: &str, mime: Option<&str>, hreflang: Option<&str>| {
        let attributes = [("href", Some(href)), ("rel", Some(rel)), ("hreflang", hreflang), ("type", mime)];
        xml.empty("atom:link", &attributes);
    };
    let mime = Some(Kind::Rss.mime());
    link("self", &head.self_url(Kind::Rss), mime, None);
    for hub in &head.hubs {
        link("hub", hub, None, None);
    }
    if let Some((slug, language)) = &head.translation {
        link("alternate", &head.feed_url(slug, Kind::Rss), mime, Some(language));
    }
}

fn item(xml: &mut Xml, head: &Head, entry: &Entry<'_>) {
    xml.open_with("item", &[("xml:lang", entry.language_beside(head))]);
    xml.words("title", &entry.title);
    xml.element("link", &entry.url);
    // Full text needs a summary before it: readers that look for `description` alone show that.
    if let Some(summary) = entry.summary.as_ref().or(entry.html.is_some().then_some(&entry.title)) {
        xml.words_as_html("description", summary);
    }
    for name in &entry.categories {
        xml.words("category", name);
    }
    xml.open_with("guid", &[("isPermaLink", Some(if entry.is_permalink { "true" } else { "false" }))]);
    xml.text(&entry.id);
    xml.close("guid");
    xml.element("pubDate", &moment::rfc2822(entry.published));
    // Its length is required: a file of which nobody tells it is in Atom and JSON only.
    if let Some((file, length)) = entry.files.iter().find_map(|file| Some((file, file.length?))) {
        let length = length.to_string();
        xml.empty("enclosure", &[("url", Some(&file.url)), ("length", Some(&length)), ("type", Some(&file.mime))]);
    }
    if let Some(body) = &entry.html {
        xml.open("content:encoded");
        xml.cdata(body.pieces());
        xml.close("content:encoded");
    }
    if let Some(picture) = &entry.picture {
        media(xml, picture);
    }
    if let Some(author) = &entry.author {
        xml.words("dc:creator", author);
    }
    xml.close("item");
}

/// The lead picture, in RSS and Atom alike.
pub(super) fn media(xml: &mut Xml, picture: &Media<'_>) {
    let size = |number: Option<u32>| number.map(|number| number.to_string());
    let (width, height) = (size(picture.width), size(picture.height));
    let attributes = [
        ("url", Some(&*picture.url)),
        ("medium", Some("image")),
        ("type", picture.mime),
        ("width", width.as_deref()),
        ("height", height.as_deref()),
    ];
    let Some(caption) = &picture.caption else { return xml.empty("media:content", &attributes) };
    xml.open_with("media:content", &attributes);
    xml.words_with("media:description", &[("type", Some("plain"))], caption);
    xml.close("media:content");
}
