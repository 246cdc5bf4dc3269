//! Atom (RFC 4287): full text as escaped HTML, `published` that never moves, `updated` that moves on a real edit,
//! tombstones (RFC 6721) for the withdrawn.

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Feed, Generator, Link, Person, Text};
use chrono::{DateTime, FixedOffset};

use super::entry::{self, Entry, Media};
use super::{Head, Item, Kind, Tombstone, sanitise};

/// The Atom feed as bytes. A tombstone of an article that is among the items is left out.
pub fn render(head: &Head, items: &[Item], tombstones: &[Tombstone]) -> Vec<u8> {
    of_entries(head, &entry::entries(head, items), tombstones)
}

/// The same of items that are sanitised already.
pub(super) fn of_entries(head: &Head, entries: &[Entry], tombstones: &[Tombstone]) -> Vec<u8> {
    entry::fit(entries, head.max_bytes, |entries| write(head, entries, tombstones))
}

fn write(head: &Head, entries: &[Entry], tombstones: &[Tombstone]) -> Vec<u8> {
    let gone: Vec<(String, DateTime<FixedOffset>)> = tombstones
        .iter()
        .map(|t| (sanitise::id(&t.public_id), t.when.with_timezone(&head.timezone).fixed_offset()))
        .filter(|(id, _)| entries.iter().all(|entry| entry.atom_id != *id))
        .collect();
    let updated = entry::newest(entries).into_iter().chain(gone.iter().map(|(_, when)| *when)).max();
    let mut namespaces = BTreeMap::from([sanitise::namespace("media")]);
    let mut extensions = ExtensionMap::new();
    if !gone.is_empty() {
        namespaces.extend([sanitise::namespace("at")]);
        let entries = gone.iter().map(|(id, when)| tombstone(id, *when)).collect();
        extensions.insert("at".to_owned(), BTreeMap::from([("deleted-entry".to_owned(), entries)]));
    }
    let feed = Feed {
        title: Text::plain(sanitise::line(&head.title)),
        subtitle: Some(Text::plain(sanitise::line(&head.description))),
        id: id(head),
        // An empty feed has no date of its own; the epoch is the one that is the same everywhere.
        updated: updated.unwrap_or_default(),
        authors: vec![person(&head.publisher)],
        generator: Some(Generator { value: "bantin".to_owned(), uri: None, version: None }),
        links: links(head),
        entries: entries.iter().map(|entry| item(head, entry)).collect(),
        extensions,
        namespaces,
        lang: Some(head.language.clone()),
        ..Feed::default()
    };
    feed.write_to(Vec::new()).unwrap_or_default() // writing to memory does not fail
}

fn id(head: &Head) -> String {
    let query = head.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
    sanitise::id(&format!("tag:{}:feed:{}{query}", head.authority, head.first_slug))
}

fn person(name: &str) -> Person {
    Person { name: sanitise::line(name), ..Person::default() }
}

fn link(rel: &str, href: String, mime: &str, hreflang: Option<&str>) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        hreflang: hreflang.map(str::to_owned),
        mime_type: Some(mime.to_owned()),
        ..Link::default()
    }
}

fn links(head: &Head) -> Vec<Link> {
    let page = sanitise::url(&head.link).unwrap_or_else(|| head.base_url.clone());
    let mut links = vec![
        link("self", head.self_url(Kind::Atom), Kind::Atom.mime(), None),
        link("alternate", page, "text/html", Some(&head.language)),
    ];
    links.extend(head.hubs.iter().map(|hub| Link { href: hub.clone(), rel: "hub".to_owned(), ..Link::default() }));
    if let Some((slug, language)) = &head.translation {
        links.push(link("alternate", head.feed_url(slug, Kind::Atom), Kind::Atom.mime(), Some(language)));
    }
    links
}

fn item(head: &Head, entry: &Entry) -> atom_syndication::Entry {
    let lang = (entry.language != head.language).then(|| entry.language.clone());
    let text = |value: &str| Text { lang: lang.clone(), ..Text::plain(value) };
    let mut extensions = ExtensionMap::new();
    if let Some(picture) = &entry.picture {
        extensions.insert("media".to_owned(), BTreeMap::from([("content".to_owned(), vec![media(picture)])]));
    }
    atom_syndication::Entry {
        title: text(&entry.title),
        id: entry.atom_id.clone(),
        updated: entry.updated,
        published: Some(entry.published),
        authors: entry.author.iter().map(|name| person(name)).collect(),
        categories: entry
            .categories
            .iter()
            .map(|term| Category { term: term.clone(), scheme: None, label: None })
            .collect(),
        links: std::iter::once(link("alternate", entry.url.clone(), "text/html", None))
            .chain(entry.files.iter().map(|file| Link {
                title: file.title.clone(),
                length: file.length.map(|bytes| bytes.to_string()),
                ..link("enclosure", file.url.clone(), &file.mime, None)
            }))
            .collect(),
        summary: entry.summary.as_deref().map(text),
        content: entry.html.clone().map(|html| Content {
            value: Some(html),
            content_type: Some("html".to_owned()),
            lang: lang.clone(),
            ..Content::default()
        }),
        extensions,
        ..atom_syndication::Entry::default()
    }
}

/// An element of another namespace. The crate writes attributes of extensions as they are: they are escaped here.
fn extension(name: &str, attributes: BTreeMap<String, String>, value: Option<String>) -> Extension {
    let attrs = attributes.into_iter().map(|(name, value)| (name, sanitise::escape(&value))).collect();
    Extension { name: name.to_owned(), value, attrs, children: BTreeMap::new() }
}

fn media(picture: &Media) -> Extension {
    let mut content = extension("media:content", picture.attributes(), None);
    if let Some(caption) = &picture.caption {
        let kind = BTreeMap::from([("type".to_owned(), "plain".to_owned())]);
        let description = extension("media:description", kind, Some(caption.clone()));
        content.children.insert("description".to_owned(), vec![description]);
    }
    content
}

fn tombstone(id: &str, when: DateTime<FixedOffset>) -> Extension {
    let attributes = BTreeMap::from([("ref".to_owned(), id.to_owned()), ("when".to_owned(), when.to_rfc3339())]);
    extension("at:deleted-entry", attributes, None)
}
