//! One item as every format says it: sanitised once, dates with their offset, the lead picture in its place.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use chrono_tz::Tz;
use url::Url;

use super::xml::escape_into;
use super::{Head, Item, moment, sanitise};
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
    /// Atom's, where that is no URI, which it has to be.
    other_id: Option<String>,
    /// Whether the id is the article's own address, as RSS can say.
    pub is_permalink: bool,
    pub url: Cow<'a, str>,
    /// Plain text, never markup.
    pub title: Cow<'a, str>,
    /// Plain text.
    pub summary: Option<Cow<'a, str>>,
    /// The body as HTML, where the feed carries it.
    pub html: Option<Body<'a>>,
    pub author: Option<Cow<'a, str>>,
    pub published: DateTime<FixedOffset>,
    pub updated: DateTime<FixedOffset>,
    /// Both in the form of RFC 3339.
    pub published_text: String,
    pub updated_text: String,
    /// Section names and tags, each once.
    pub categories: Vec<Cow<'a, str>>,
    pub picture: Option<Media<'a>>,
    /// Files, in the article's order.
    pub files: Vec<Enclosure>,
    pub language: &'a str,
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
pub(super) struct Media<'a> {
    pub url: Cow<'a, str>,
    pub mime: Option<&'static str>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub caption: Option<Cow<'a, str>>,
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
pub(super) fn entries<'a>(head: &'a Head, items: &'a [Item]) -> Vec<Entry<'a>> {
    items.iter().map(|item| entry(head, item)).collect()
}

fn entry<'a>(head: &'a Head, item: &'a Item) -> Entry<'a> {
    let article = &item.article;
    let reading = &article.reading;
    let public_id = sanitise::id(&article.public_id);
    let url = article.url.as_ref().and_then(sanitise::web).unwrap_or_else(|| {
        // No page on the web: the section's page of bantin, at the place of the article.
        Cow::Owned(format!("{}#{}", item.page, public_id.rsplit(':').next().unwrap_or_default()))
    });
    let (id, other_id) = match item.guid.as_deref().map(sanitise::id) {
        None => (public_id, None),
        Some(guid) if is_uri(&guid) => (guid, None),
        Some(guid) => (guid, Some(public_id)),
    };
    let picture = reading.image.as_ref().and_then(media);
    let whole = head.text == TextMode::Full && item.text == TextMode::Full && !reading.html.trim().is_empty();
    // One article must not push all others out of the feed: an overlong one is carried by its lead.
    let html = (whole && reading.html.len() <= head.max_bytes / 3).then(|| with_picture(reading, picture.as_ref()));
    let mut categories: Vec<Cow<'_, str>> = Vec::with_capacity(item.sections.len() + reading.tags.len());
    for name in item.sections.iter().chain(&reading.tags).map(|name| sanitise::lined(name)) {
        if !name.is_empty() && !categories.contains(&name) {
            categories.push(name);
        }
    }
    let files = enclosures(head.enclosure, reading, picture.as_ref());
    let published = local(article.feed_date, head.timezone);
    // An edit found by a clock that was set back must not make `updated` older than `published`.
    let updated = local(article.updated_at, head.timezone).max(published);
    let published_text = moment::rfc3339(published);
    Entry {
        updated_text: if updated == published { published_text.clone() } else { moment::rfc3339(updated) },
        published_text,
        title: some_line(&reading.title).unwrap_or_else(|| url.clone()),
        summary: summary(reading),
        html,
        author: reading.byline.as_deref().and_then(some_line),
        published,
        updated,
        categories,
        picture,
        files,
        language: sanitise::language(&item.language).unwrap_or(&head.language),
        other_id,
        is_permalink: id == url,
        id,
        url,
    }
}

/// Whether an id is a URI, as Atom needs it.
pub(super) fn is_uri(id: &str) -> bool {
    Url::parse(id).is_ok()
}

fn some_line(text: &str) -> Option<Cow<'_, str>> {
    Some(sanitise::lined(text)).filter(|line| !line.is_empty())
}

fn local(at: DateTime<Utc>, zone: Tz) -> DateTime<FixedOffset> {
    at.with_timezone(&zone).fixed_offset()
}

/// The lead, or the beginning of the first paragraph.
fn summary(reading: &Reading) -> Option<Cow<'_, str>> {
    let lead = reading.lead.as_deref().and_then(some_line);
    // What a document is known by stands first: number, issuing body, day.
    let document = reading.document.as_ref().map(|document| sanitise::line(&document.line()));
    if let Some(document) = document.filter(|line| !line.is_empty()) {
        return Some(Cow::Owned(document));
    }
    lead.or_else(|| reading.text.lines().find_map(some_line).map(|line| Cow::Owned(shorten(&line, SUMMARY))))
}

/// The files, or where there is none, and they are wanted, the lead picture of known length.
fn enclosures(mode: EnclosureMode, reading: &Reading, picture: Option<&Media<'_>>) -> Vec<Enclosure> {
    if mode == EnclosureMode::Off {
        return Vec::new();
    }
    let files: Vec<Enclosure> = reading.attachments.iter().filter_map(|file| enclosure(file, reading)).collect();
    if mode == EnclosureMode::Pictures
        && files.is_empty()
        && let Some(picture) = picture
        && let Some(mime) = picture.mime
        && let Some(known) = measured(reading, &picture.url)
    {
        let url = picture.url.clone().into_owned();
        let told = known.media_type.as_deref().and_then(sanitise::media_type);
        let mime = told.filter(|kind| kind.starts_with("image/")).unwrap_or_else(|| mime.to_owned());
        return vec![Enclosure { url, mime, title: None, length: Some(known.bytes) }];
    }
    files
}

fn measured<'a>(reading: &'a Reading, url: &str) -> Option<&'a Measured> {
    reading.measured.iter().find(|known| sanitise::address(&known.url).as_deref() == Some(url))
}

fn enclosure(file: &Attachment, reading: &Reading) -> Option<Enclosure> {
    let url = sanitise::url(&file.url)?;
    let known = measured(reading, &url);
    let told =
        known.and_then(|known| sanitise::media_type(known.media_type.as_deref()?)).filter(|kind| kind != UNKNOWN);
    let stated = || file.media_type.as_deref().and_then(sanitise::media_type);
    Some(Enclosure {
        // Feeds require a type; the last is the one that promises nothing.
        mime: told.or_else(stated).unwrap_or_else(|| UNKNOWN.to_owned()),
        title: file.name.as_deref().and_then(some_line).map(Cow::into_owned),
        length: known.map(|known| known.bytes),
        url,
    })
}

fn media(picture: &Picture) -> Option<Media<'_>> {
    const TYPES: [(&str, &str); 8] = [
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
        ("gif", "image/gif"),
        ("avif", "image/avif"),
        ("jfif", "image/jpeg"),
        ("svg", "image/svg+xml"),
    ];
    let url = sanitise::address(&picture.url)?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let end = path.rsplit('.').next().unwrap_or_default();
    let mime = TYPES.iter().find(|(known, _)| end.eq_ignore_ascii_case(known)).map(|(_, kind)| *kind);
    let caption = picture.caption.as_deref().and_then(some_line);
    let size = |number: Option<u32>| number.filter(|&number| number > 0);
    Some(Media { url, mime, width: size(picture.width), height: size(picture.height), caption })
}

/// The body, headed by the lead picture unless the body shows it already.
fn with_picture<'a>(reading: &'a Reading, picture: Option<&Media<'_>>) -> Body<'a> {
    let html = sanitise::html(&reading.html);
    let Some(picture) = picture.filter(|picture| !shows(reading, &html, picture)) else {
        return Body { figure: String::new(), html };
    };
    let caption = picture.caption.as_deref().unwrap_or_default();
    let mut figure = String::with_capacity(picture.url.len() + 2 * caption.len() + 100);
    figure.push_str("<figure><img src=\"");
    escape_into(&mut figure, &picture.url);
    if let (Some(width), Some(height)) = (picture.width, picture.height) {
        let _ = write!(figure, "\" width=\"{width}\" height=\"{height}"); // writing to a String does not fail
    }
    figure.push_str("\" alt=\"");
    escape_into(&mut figure, caption);
    figure.push_str("\">");
    if !caption.is_empty() {
        figure.push_str("<figcaption>");
        escape_into(&mut figure, caption);
        figure.push_str("</figcaption>");
    }
    figure.push_str("</figure>\n");
    Body { figure, html }
}

/// Whether the body shows the picture, be it in another size.
fn shows(reading: &Reading, body: &str, picture: &Media<'_>) -> bool {
    if !reading.pictures.is_empty() {
        let wanted = picture_key(&picture.url);
        if reading.pictures.iter().any(|p| picture_key(&p.url) == wanted) {
            return true;
        }
    }
    // Most bodies without a picture in the list have none at all.
    if memchr::memmem::find(body.as_bytes(), b"<img").is_none() {
        return false;
    }
    body.contains(&*picture.url) || body.contains(&sanitise::escape(&picture.url))
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
    /// The id as Atom can say it.
    pub(super) fn atom_id(&self) -> &str {
        self.other_id.as_deref().unwrap_or(&self.id)
    }

    /// The language, where it is another than the feed's.
    pub(super) fn language_beside(&self, head: &Head) -> Option<&str> {
        Some(self.language).filter(|language| *language != head.language)
    }

    /// `updated` as Atom says it: no two entries of one feed should say the same, and pages name minutes or days only.
    /// What is less than they can tell, thousandths of a millisecond, is made of the id, which never changes.
    pub(super) fn updated_apart(&self) -> String {
        const PRIME: u64 = 0x0100_0000_01B3; // FNV-1a
        let hash =
            self.id.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
        let apart = i64::try_from((hash ^ (hash >> 32)) % 999_999).unwrap_or_default() + 1;
        // Whole seconds leave room for shorter ones.
        let apart = if self.updated.timestamp_subsec_nanos() == 0 { apart * 1_000 } else { apart };
        moment::rfc3339(self.updated + TimeDelta::nanoseconds(apart))
    }

    /// About how many bytes it will take.
    pub(super) fn weight(&self) -> usize {
        let body = self.html.as_ref().map_or(0, |body| body.pieces().iter().map(|piece| piece.len()).sum());
        body + self.title.len() + 2 * self.summary.as_ref().map_or(0, |text| text.len()) + 1_000
    }
}
