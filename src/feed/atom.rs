//! Atom (RFC 4287): full text as escaped HTML, `published` that never moves, `updated` that moves on a real edit,
//! tombstones (RFC 6721) for the withdrawn.

use chrono::{DateTime, FixedOffset, TimeZone, Utc};

use super::entry::{self, Entry};
use super::xml::Xml;
use super::{Head, Item, Kind, Tombstone, moment, rss, sanitise};

/// The Atom feed as bytes. A tombstone of an article that is among the items is left out.
pub fn render(head: &Head, items: &[Item], tombstones: &[Tombstone]) -> Vec<u8> {
    of_entries(head, &entry::entries(head, items), tombstones)
}

/// The same of items that are sanitised already.
pub(super) fn of_entries(head: &Head, entries: &[Entry<'_>], tombstones: &[Tombstone]) -> Vec<u8> {
    entry::fit(entries, head.max_bytes, |entries| write(head, entries, tombstones))
}

fn write(head: &Head, entries: &[Entry<'_>], tombstones: &[Tombstone]) -> Vec<u8> {
    let gone: Vec<(String, DateTime<FixedOffset>)> = tombstones
        .iter()
        .map(|t| (sanitise::id(&t.public_id), t.when.with_timezone(&head.timezone).fixed_offset()))
        .filter(|(id, _)| entries.iter().all(|entry| entry.atom_id() != *id))
        .collect();
    let updated = entry::newest(entries).into_iter().chain(gone.iter().map(|(_, when)| *when)).max();
    // Escaped, markup takes more room than it is long.
    let mut xml = Xml::about(2_000 + entries.iter().map(Entry::weight).sum::<usize>() * 5 / 4);
    xml.open_with(
        "feed",
        &[
            ("xmlns", Some("http://www.w3.org/2005/Atom")),
            ("xmlns:at", Some(sanitise::TOMBSTONES).filter(|_| !gone.is_empty())),
            ("xmlns:media", Some(sanitise::MEDIA)),
            ("xml:lang", Some(&head.language)),
        ],
    );
    xml.words("title", &sanitise::line(&head.title));
    xml.element("id", &id(head));
    xml.element("updated", &moment::rfc3339(updated.unwrap_or_else(|| beginning(head))));
    person(&mut xml, &sanitise::line(&head.publisher));
    xml.element("generator", "bantin");
    links(&mut xml, head);
    xml.words("subtitle", &sanitise::line(&head.description));
    for entry in entries {
        item(&mut xml, head, entry);
    }
    for (id, when) in gone {
        xml.empty("at:deleted-entry", &[("ref", Some(&id)), ("when", Some(&moment::rfc3339(when)))]);
    }
    xml.close("feed");
    xml.done()
}

fn id(head: &Head) -> String {
    let query = head.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
    sanitise::id(&format!("tag:{}:feed:{}{query}", head.authority, head.first_slug))
}

/// The date of an empty feed, which has none of its own: the first instant of the year since when ids are made, the
/// same everywhere.
fn beginning(head: &Head) -> DateTime<FixedOffset> {
    let year = head.authority.split_once(',').and_then(|(_, date)| date.get(..4)?.parse().ok());
    let first = year.and_then(|year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single());
    first.unwrap_or_default().fixed_offset()
}

fn person(xml: &mut Xml, name: &str) {
    xml.open("author");
    xml.words("name", name);
    xml.close("author");
}

fn links(xml: &mut Xml, head: &Head) {
    let mut link = |rel: &str, href: &str, mime: Option<&str>, hreflang: Option<&str>| {
        let attributes = [("href", Some(href)), ("rel", Some(rel)), ("hreflang", hreflang), ("type", mime)];
        xml.empty("link", &attributes);
    };
    let page = sanitise::url(&head.link).unwrap_or_else(|| head.base_url.clone());
    let mime = Some(Kind::Atom.mime());
    link("self", &head.self_url(Kind::Atom), mime, None);
    link("alternate", &page, Some("text/html"), Some(&head.language));
    for hub in &head.hubs {
        link("hub", hub, None, None);
    }
    if let Some((slug, language)) = &head.translation {
        link("alternate", &head.feed_url(slug, Kind::Atom), mime, Some(language));
    }
}

fn item(xml: &mut Xml, head: &Head, entry: &Entry<'_>) {
    xml.open_with("entry", &[("xml:lang", entry.language_beside(head))]);
    xml.words("title", &entry.title);
    xml.element("id", entry.atom_id());
    xml.element("updated", &entry.updated_apart());
    if let Some(author) = &entry.author {
        person(xml, author);
    }
    for name in &entry.categories {
        xml.empty("category", &[("term", Some(name))]);
    }
    let page = [("href", Some(&*entry.url)), ("rel", Some("alternate")), ("type", Some("text/html"))];
    xml.empty("link", &page);
    for file in &entry.files {
        let length = file.length.map(|bytes| bytes.to_string());
        let attributes = [
            ("href", Some(file.url.as_str())),
            ("rel", Some("enclosure")),
            ("type", Some(&file.mime)),
            ("title", file.title.as_deref()),
            ("length", length.as_deref()),
        ];
        xml.empty("link", &attributes);
    }
    xml.element("published", &entry.published_text);
    // Without text there is a summary at least.
    if let Some(summary) = entry.summary.as_ref().or(entry.html.is_none().then_some(&entry.title)) {
        xml.words("summary", summary);
    }
    if let Some(body) = &entry.html {
        xml.open_with("content", &[("type", Some("html"))]);
        for piece in body.pieces() {
            xml.text(piece);
        }
        xml.close("content");
    }
    if let Some(picture) = &entry.picture {
        rss::media(xml, picture);
    }
    xml.close("entry");
}
