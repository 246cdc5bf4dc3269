//! An article as pages show it: title, lead, picture, and the source's own date (promise 3), or none.

use serde::Serialize;

use crate::article::text::{begins_with, shorten};
use crate::article::{Article, Moment};
use crate::config::{Section, TextMode};
use crate::feed::sanitise;

/// Most files of an article on a page.
const FILES: usize = 8;
/// Longest lead on a page, in characters.
const LEAD: usize = 320;

/// What a page shows of an article.
#[derive(Debug, Serialize)]
pub struct Teaser {
    /// Its place on the page: feeds link here when the article has no page of its own.
    anchor: String,
    title: String,
    /// The article's page, if it has one.
    url: Option<String>,
    /// Its language, where it is not the section's.
    lang: Option<String>,
    lead: Option<String>,
    byline: Option<String>,
    picture: Option<Picture>,
    date: Option<Date>,
    /// Its files.
    files: Vec<File>,
    /// The whole body, where there is no page to go to.
    html: Option<String>,
}

#[derive(Debug, Serialize)]
struct Picture {
    url: String,
    width: Option<u32>,
    height: Option<u32>,
    alt: String,
}

#[derive(Debug, Serialize)]
struct File {
    url: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Date {
    ms: i64,
    zone: &'static str,
    /// For `<time datetime>`.
    machine: String,
    with_time: bool,
}

impl Teaser {
    /// The teaser of an article in a section.
    pub fn new(article: &Article, section: &Section) -> Self {
        let reading = &article.reading;
        let document = reading.document.as_ref().map(crate::article::OfficialDocument::line);
        let lead = document.as_deref().or(reading.lead.as_deref()).or_else(|| reading.text.lines().next());
        let url = article.url.as_ref().and_then(|url| sanitise::url(url.as_str()));
        let whole = url.is_none() && section.text == TextMode::Full && !reading.html.is_empty();
        Self {
            anchor: sanitise::id(article.public_id.rsplit(':').next().unwrap_or_default()),
            title: sanitise::line(&reading.title),
            lang: reading.language.clone().filter(|lang| lang != section.language.code()),
            lead: lead.map(|lead| shorten(&sanitise::line(lead), LEAD)).filter(|lead| !lead.is_empty()),
            byline: reading.byline.as_deref().map(sanitise::line).filter(|line| !line.is_empty()),
            picture: reading.image.as_ref().and_then(|picture| {
                Some(Picture {
                    url: sanitise::url(&picture.url)?,
                    width: picture.width,
                    height: picture.height,
                    alt: sanitise::line(picture.caption.as_deref().unwrap_or_default()),
                })
            }),
            date: reading.published.as_ref().and_then(|date| moment(date.at, section)),
            files: reading.attachments.iter().take(FILES).filter_map(file).collect(),
            html: whole.then(|| sanitise::html(&reading.html).into_owned()),
            url,
        }
    }

    /// The whole article, with a body of at most `most` bytes; where the section gives no more than leads, or the body is
    /// longer, the lead.
    pub fn whole(article: &Article, section: &Section, most: usize) -> Self {
        let mut teaser = Self::new(article, section);
        let reading = &article.reading;
        if section.text == TextMode::Full && !reading.html.is_empty() {
            let body = sanitise::html(&reading.html);
            if body.len() <= most {
                // A body that begins with its lead says it once, and shows its pictures itself.
                let lead = reading.lead.as_deref().unwrap_or_default();
                teaser.lead = Some(sanitise::line(lead)).filter(|l| !l.is_empty() && !begins_with(&reading.text, l));
                teaser.picture = teaser.picture.filter(|_| !body.contains("<img"));
                teaser.html = Some(body.into_owned());
                return teaser;
            }
        }
        teaser.html = None;
        teaser
    }

    /// Nothing but the title and the date.
    pub fn shorten(&mut self) {
        (self.lead, self.picture, self.html) = (None, None, None);
        self.files.clear();
    }

    /// Drops the body when the page would become too heavy; answers what it weighs.
    pub fn lighten(&mut self, room: usize) -> usize {
        let weight = self.html.as_ref().map_or(0, String::len);
        if weight > room {
            self.html = None;
            return 0;
        }
        weight
    }
}

fn file(file: &crate::article::Attachment) -> Option<File> {
    let url = sanitise::url(&file.url)?;
    let name = file.name.as_deref().map(sanitise::line).filter(|name| !name.is_empty());
    Some(File { name: name.unwrap_or_else(|| url.rsplit('/').next().unwrap_or_default().to_owned()), url })
}

fn moment(at: Moment, section: &Section) -> Option<Date> {
    let zone = section.timezone;
    let (instant, with_time) = match at {
        Moment::Instant(at) => (at.with_timezone(&zone), true),
        // Noon, so that no zone rule can move the day.
        Moment::Day(day) => (day.and_hms_opt(12, 0, 0)?.and_local_timezone(zone).earliest()?, false),
    };
    let machine = if with_time { instant.to_rfc3339() } else { instant.date_naive().to_string() };
    Some(Date { ms: instant.timestamp_millis(), zone: zone.name(), machine, with_time })
}
