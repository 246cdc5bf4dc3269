//! One item as every format says it: sanitised once, dates with their offset, the lead picture in its place.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use url::Url;

use super::{Head, Item, sanitise};
use crate::article::text::shorten;
use crate::article::{Attachment, Measured, Picture, Reading};
use crate::config::{EnclosureMode, TextMode};

/// Longest summary made of the first paragraph, in characters.
const SUMMARY: usize = 300;

/// The media type of what nobody knows.
const UNKNOWN: &str = "application/octet-stream";

/// A sanitised item.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub id: String,
    /// Atom's: it has to be a URI.
    pub atom_id: String,
    /// Whether the id is the article's own address, as RSS can say.
    pub is_permalink: bool,
    pub url: String,
    /// Plain text, never markup.
    pub title: String,
    /// Plain text.
    pub summary: Option<String>,
    /// The body as HTML, where the feed carries it.
    pub html: Option<Body<'a>>,
    pub author: Option<String>,
    pub published: DateTime<FixedOffset>,
    pub updated: DateTime<FixedOffset>,
    /// Both in the form of RFC 3339.
    pub published_text: String,
    pub updated_text: String,
    /// Section names and tags, each once.
    pub categories: Vec<String>,
    pub picture: Option<Media>,
    /// Files, in the article's order.
    pub files: Vec<Enclosure>,
    pub language: String,
}

/// The body: what bantin puts before it, and the article's own HTML, which is long and not copied.
#[derive(Debug, Clone)]
pub(super) struct Body<'a> {
    figure: String,
    html: Cow<'a, str>,
}

impl Body<'_> {
    /// Both, one after the other.
    pub fn pieces(&self) -> [&str; 2] {
        [&self.figure, &self.html]
    }
}

/// The lead picture.
#[derive(Debug, Clone)]
pub(super) struct Media {
    pub url: String,
    pub mime: Option<&'static str>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub caption: Option<String>,
}

/// A file of an article.
#[derive(Debug, Clone)]
pub(super) struct Enclosure {
    pub url: String,
    pub mime: String,
    pub title: Option<String>,
    /// In bytes, where it is known.
    pub length: Option<u64>,
}

/// The items of a feed, sanitised, in their order.
pub(super) fn entries<'a>(head: &Head, items: &'a [Item]) -> Vec<Entry<'a>> {
    items.iter().map(|item| entry(head, item)).collect()
}

fn entry<'a>(head: &Head, item: &'a Item) -> Entry<'a> {
    let article = &item.article;
    let reading = &article.reading;
    let public_id = sanitise::id(&article.public_id);
    let url = article.url.as_ref().and_then(sanitise::web).unwrap_or_else(|| {
        // No page on the web: the section's page of bantin, at the place of the article.
        format!("{}#{}", item.page, public_id.rsplit(':').next().unwrap_or_default())
    });
    let id = item.guid.as_deref().map_or_else(|| public_id.clone(), sanitise::id);
    let picture = reading.image.as_ref().and_then(media);
    let whole = head.text == TextMode::Full && item.text == TextMode::Full && !reading.html.trim().is_empty();
    // One article must not push all others out of the feed: an overlong one is carried by its lead.
    let html = (whole && reading.html.len() <= head.max_bytes / 3).then(|| with_picture(reading, picture.as_ref()));
    let mut categories: Vec<String> = Vec::new();
    for name in item.sections.iter().chain(&reading.tags).map(|name| sanitise::line(name)) {
        if !name.is_empty() && !categories.contains(&name) {
            categories.push(name);
        }
    }
    let picture_file = picture.as_ref().and_then(|picture| Some((picture.url.clone(), picture.mime?)));
    let published = local(article.feed_date, head.timezone);
    // An edit found by a clock that was set back must not make `updated` older than `published`.
    let updated = local(article.updated_at, head.timezone).max(published);
    let published_text = published.to_rfc3339();
    Entry {
        updated_text: if updated == published { published_text.clone() } else { updated.to_rfc3339() },
        published_text,
        title: some_line(&reading.title).unwrap_or_else(|| url.clone()),
        summary: summary(reading),
        html,
        author: reading.byline.as_deref().and_then(some_line),
        published,
        updated,
        categories,
        picture,
        files: enclosures(head.enclosure, reading, picture_file),
        language: item.language.clone(),
        atom_id: if is_uri(&id) { id.clone() } else { public_id },
        is_permalink: id == url || article.url.as_ref().is_some_and(|url| url.as_str() == id),
        id,
        url,
    }
}

/// Whether an id is a URI, as Atom needs it.
pub(super) fn is_uri(id: &str) -> bool {
    Url::parse(id).is_ok()
}

fn some_line(text: &str) -> Option<String> {
    Some(sanitise::line(text)).filter(|line| !line.is_empty())
}

fn local(at: DateTime<Utc>, zone: Tz) -> DateTime<FixedOffset> {
    at.with_timezone(&zone).fixed_offset()
}

/// The lead, or the beginning of the first paragraph.
fn summary(reading: &Reading) -> Option<String> {
    let lead = reading.lead.as_deref().and_then(some_line);
    // What a document is known by stands first: number, issuing body, day.
    let document = reading.document.as_ref().and_then(|document| some_line(&document.line()));
    if document.is_some() {
        return document;
    }
    lead.or_else(|| reading.text.lines().find_map(some_line).map(|line| shorten(&line, SUMMARY)))
}

/// The files, or where there is none, and they are wanted, the lead picture of known length.
fn enclosures(mode: EnclosureMode, reading: &Reading, picture: Option<(String, &'static str)>) -> Vec<Enclosure> {
    if mode == EnclosureMode::Off {
        return Vec::new();
    }
    let files: Vec<Enclosure> = reading.attachments.iter().filter_map(|file| enclosure(file, reading)).collect();
    if mode == EnclosureMode::Pictures
        && files.is_empty()
        && let Some((url, mime)) = picture
        && let Some(known) = measured(reading, &url)
    {
        let mime =
            known.media_type.clone().filter(|kind| kind.starts_with("image/")).unwrap_or_else(|| mime.to_owned());
        return vec![Enclosure { url, mime, title: None, length: Some(known.bytes) }];
    }
    files
}

fn measured<'a>(reading: &'a Reading, url: &str) -> Option<&'a Measured> {
    reading.measured.iter().find(|known| sanitise::url(&known.url).as_deref() == Some(url))
}

fn enclosure(file: &Attachment, reading: &Reading) -> Option<Enclosure> {
    let url = sanitise::url(&file.url)?;
    let known = measured(reading, &url);
    let told = known.and_then(|known| known.media_type.as_deref()).filter(|kind| *kind != UNKNOWN);
    Some(Enclosure {
        // Feeds require a type; the last is the one that promises nothing.
        mime: told.or(file.media_type.as_deref()).and_then(some_line).unwrap_or_else(|| UNKNOWN.to_owned()),
        title: file.name.as_deref().and_then(some_line),
        length: known.map(|known| known.bytes),
        url,
    })
}

fn media(picture: &Picture) -> Option<Media> {
    let url = sanitise::url(&picture.url)?;
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let mime = match path.rsplit('.').next() {
        Some("jpg" | "jpeg" | "jfif") => Some("image/jpeg"),
        Some("png") => Some("image/png"),
        Some("gif") => Some("image/gif"),
        Some("webp") => Some("image/webp"),
        Some("avif") => Some("image/avif"),
        Some("svg") => Some("image/svg+xml"),
        _ => None,
    };
    let caption = picture.caption.as_deref().and_then(some_line);
    Some(Media { url, mime, width: picture.width, height: picture.height, caption })
}

/// The body, headed by the lead picture unless the body shows it already.
fn with_picture<'a>(reading: &'a Reading, picture: Option<&Media>) -> Body<'a> {
    let html = sanitise::html(&reading.html);
    let Some(picture) = picture.filter(|picture| !shows(reading, &html, picture)) else {
        return Body { figure: String::new(), html };
    };
    let size = match (picture.width, picture.height) {
        (Some(width), Some(height)) => format!(" width=\"{width}\" height=\"{height}\""),
        _ => String::new(),
    };
    let url = sanitise::escape(&picture.url);
    let alt = picture.caption.as_deref().map(sanitise::escape).unwrap_or_default();
    let caption = if alt.is_empty() { String::new() } else { format!("<figcaption>{alt}</figcaption>") };
    Body { figure: format!("<figure><img src=\"{url}\"{size} alt=\"{alt}\">{caption}</figure>\n"), html }
}

/// Whether the body shows the picture, be it in another size.
fn shows(reading: &Reading, body: &str, picture: &Media) -> bool {
    let wanted = picture_key(&picture.url);
    if reading.pictures.iter().any(|p| picture_key(&p.url) == wanted) {
        return true;
    }
    // Most bodies without a picture in the list have none at all.
    if !body.contains("<img") {
        return false;
    }
    body.contains(picture.url.as_str()) || body.contains(&sanitise::escape(&picture.url))
}

/// What stays of a picture's address when sites scale it: no query, no `-300x200`, no scheme.
fn picture_key(url: &str) -> Cow<'_, str> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let Some((stem, extension)) = url.rsplit_once('.') else { return Cow::Borrowed(url) };
    match stem.rsplit_once('-') {
        Some((head, size)) if is_size(size) => Cow::Owned(format!("{head}.{extension}")),
        _ => Cow::Borrowed(url),
    }
}

fn is_size(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('x').is_some_and(|(width, height)| number(width) && number(height))
}

/// As many of the first items as keep the feed within `max` bytes; one at least.
pub(super) fn fit<'a>(entries: &[Entry<'a>], max: usize, write: impl Fn(&[Entry<'a>]) -> Vec<u8>) -> Vec<u8> {
    let mut count = entries.len();
    loop {
        let bytes = write(entries.get(..count).unwrap_or(entries));
        if bytes.len() <= max || count <= 1 {
            return bytes;
        }
        count = (count * max / bytes.len()).clamp(1, count - 1);
    }
}

/// The newest change of a feed, for its head: never the clock.
pub(super) fn newest(entries: &[Entry<'_>]) -> Option<DateTime<FixedOffset>> {
    entries.iter().map(|entry| entry.updated).max()
}

impl Entry<'_> {
    /// About how many bytes it will take.
    pub(super) fn weight(&self) -> usize {
        let body = self.html.as_ref().map_or(0, |body| body.pieces().iter().map(|piece| piece.len()).sum());
        body + self.title.len() + 2 * self.summary.as_ref().map_or(0, String::len) + 1_000
    }
}
