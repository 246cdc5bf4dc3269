//! RSS 2.0 after the Best Practices Profile: summary in `description`, full text in `content:encoded` after it,
//! the by-line as `dc:creator`, the lead picture as one `media:content`,
//! the first file as the one enclosure that readers expect of an item.

use std::collections::BTreeMap;

use rss::extension::Extension;
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Enclosure, Guid};

use super::entry::{self, Entry, Media};
use super::{Head, Item, Kind, sanitise};

/// The RSS feed as bytes.
pub fn render(head: &Head, items: &[Item]) -> Vec<u8> {
    of_entries(head, &entry::entries(head, items))
}

/// The same of items that are sanitised already.
pub(super) fn of_entries(head: &Head, entries: &[Entry]) -> Vec<u8> {
    entry::fit(entries, head.max_bytes, |entries| write(head, entries))
}

fn write(head: &Head, entries: &[Entry]) -> Vec<u8> {
    let channel = Channel {
        title: sanitise::line(&head.title),
        link: sanitise::url(&head.link).unwrap_or_else(|| head.base_url.clone()),
        description: sanitise::line(&head.description),
        language: Some(head.language.clone()),
        last_build_date: entry::newest(entries).map(|at| at.to_rfc2822()),
        generator: Some("bantin".to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        atom_ext: Some(AtomExtension { links: links(head) }),
        namespaces: BTreeMap::from([sanitise::namespace("media")]),
        items: entries.iter().map(item).collect(),
        ..Channel::default()
    };
    channel.write_to(Vec::new()).unwrap_or_default() // writing to memory does not fail
}

fn links(head: &Head) -> Vec<Link> {
    let link = |rel: &str, href: String, hreflang: Option<String>| Link {
        href,
        rel: rel.to_owned(),
        hreflang,
        mime_type: (rel != "hub").then(|| Kind::Rss.mime().to_owned()),
        ..Link::default()
    };
    let mut links = vec![link("self", head.self_url(Kind::Rss), None)];
    links.extend(head.hubs.iter().map(|hub| link("hub", hub.clone(), None)));
    if let Some((slug, language)) = &head.translation {
        links.push(link("alternate", head.feed_url(slug, Kind::Rss), Some(language.clone())));
    }
    links
}

fn item(entry: &Entry) -> rss::Item {
    let mut extensions = rss::extension::ExtensionMap::new();
    if let Some(picture) = &entry.picture {
        extensions.insert("media".to_owned(), BTreeMap::from([("content".to_owned(), vec![media(picture)])]));
    }
    rss::Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.clone()),
        // Readers take a description for HTML, so plain text is escaped before it enters the CDATA section.
        description: entry.summary.as_deref().map(sanitise::escape),
        categories: entry.categories.iter().map(|name| Category { name: name.clone(), domain: None }).collect(),
        guid: Some(Guid { value: entry.id.clone(), permalink: entry.is_permalink }),
        pub_date: Some(entry.published.to_rfc2822()),
        content: entry.html.clone(),
        // Its length is required: a file of which nobody tells it is in Atom and JSON only.
        enclosure: entry.files.iter().find_map(|file| {
            let length = file.length?.to_string();
            Some(Enclosure { url: file.url.clone(), length, mime_type: file.mime.clone() })
        }),
        dublin_core_ext: entry
            .author
            .clone()
            .map(|author| DublinCoreExtension { creators: vec![author], ..DublinCoreExtension::default() }),
        extensions,
        ..rss::Item::default()
    }
}

fn media(picture: &Media) -> Extension {
    let mut children = BTreeMap::new();
    if let Some(caption) = &picture.caption {
        let description = Extension {
            name: "media:description".to_owned(),
            value: Some(caption.clone()),
            attrs: BTreeMap::from([("type".to_owned(), "plain".to_owned())]),
            children: BTreeMap::new(),
        };
        children.insert("description".to_owned(), vec![description]);
    }
    // This crate escapes attributes itself; escaping here would do it twice.
    Extension { name: "media:content".to_owned(), value: None, attrs: picture.attributes(), children }
}
