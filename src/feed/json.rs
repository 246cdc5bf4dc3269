//! JSON Feed 1.1: <https://www.jsonfeed.org/version/1.1/>.

use std::borrow::Cow;

use serde::Serialize;

use super::entry::{self, Body, Entry};
use super::{Head, Item, Kind, sanitise};

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: String,
    description: String,
    home_page_url: String,
    feed_url: String,
    language: &'a str,
    authors: [Author<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Hub<'a> {
    r#type: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Author<'a> {
    name: Cow<'a, str>,
}

#[derive(Serialize)]
struct Member<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a Body<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: &'a str,
    date_modified: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<[Author<'a>; 1]>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [Cow<'a, str>],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File<'a>>,
    language: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

impl Serialize for Body<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.pieces() {
            ["", html] => serializer.serialize_str(html),
            [figure, html] => serializer.collect_str(&format_args!("{figure}{html}")),
        }
    }
}

/// The JSON feed as bytes.
pub fn render(head: &Head, items: &[Item]) -> Vec<u8> {
    of_entries(head, &entry::entries(head, items))
}

/// The same of items that are sanitised already.
pub(super) fn of_entries(head: &Head, entries: &[Entry<'_>]) -> Vec<u8> {
    entry::fit(entries, head.max_bytes, |entries| write(head, entries))
}

fn write(head: &Head, entries: &[Entry<'_>]) -> Vec<u8> {
    let feed = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: sanitise::line(&head.title),
        description: sanitise::line(&head.description),
        home_page_url: sanitise::url(&head.link).unwrap_or_else(|| head.base_url.clone()),
        feed_url: head.self_url(Kind::Json),
        language: &head.language,
        authors: [Author { name: sanitise::lined(&head.publisher) }],
        hubs: head.hubs.iter().map(|url| Hub { r#type: "WebSub", url }).collect(),
        items: entries.iter().map(item).collect(),
    };
    let mut out = Vec::with_capacity(2_000 + entries.iter().map(Entry::weight).sum::<usize>());
    match serde_json::to_writer(&mut out, &feed) {
        Ok(()) => out,
        Err(_) => Vec::new(), // strings and lists of strings always serialise
    }
}

fn item<'a>(entry: &'a Entry<'_>) -> Member<'a> {
    let summary = entry.summary.as_deref();
    Member {
        id: &entry.id,
        url: &entry.url,
        title: &entry.title,
        content_html: entry.html.as_ref(),
        // One of the two is required; without full text the summary is all there is.
        content_text: if entry.html.is_none() { Some(summary.unwrap_or(&entry.title)) } else { None },
        summary,
        image: entry.picture.as_ref().map(|picture| &*picture.url),
        date_published: &entry.published_text,
        date_modified: &entry.updated_text,
        authors: entry.author.clone().map(|name| [Author { name }]),
        tags: &entry.categories,
        attachments: entry
            .files
            .iter()
            .map(|file| File {
                url: &file.url,
                mime_type: &file.mime,
                title: file.title.as_deref(),
                size_in_bytes: file.length,
            })
            .collect(),
        language: entry.language,
    }
}
