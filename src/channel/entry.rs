//! What every channel says of an article in the same way: title, lead, date, links. Text is handed on plain and
//! clean (NFC, one line); escaping and cutting to a channel's limits is the channel's own business.

use chrono::NaiveTime;
use url::Url;

use super::Entry;
use crate::article::{Moment, text};
use crate::config::Language;
use crate::locale;

/// One line without control characters, which neither a post nor a subject can carry.
pub fn line(text: &str) -> String {
    let mut line = text::one_line(text);
    if line.contains(char::is_control) {
        line.retain(|c| !c.is_control());
    }
    line
}

/// The title in one line; the section's name for an article without one.
pub fn title(entry: &Entry) -> String {
    let title = line(&entry.article.reading.title);
    crate::lifecycle::poison(&title);
    if title.is_empty() { line(&entry.section.name) } else { title }
}

/// The lead in at most `max` characters, cut at a word; the beginning of the text for an article without one.
pub fn lead(entry: &Entry, max: usize) -> Option<String> {
    if max == 0 {
        return None;
    }
    let reading = &entry.article.reading;
    let lead = line(reading.lead.as_deref().unwrap_or_default());
    // White space collapses, so a piece several times as long as wanted is enough to cut from.
    let lead = if lead.is_empty() { line(&reading.text.chars().take(max * 4).collect::<String>()) } else { lead };
    (!lead.is_empty()).then(|| text::shorten(&lead, max))
}

/// The date the source states, in the section's zone and no more exact than it was stated.
pub fn date(entry: &Entry, language: Language) -> Option<String> {
    let stated = entry.article.reading.published.as_ref()?;
    Some(match stated.at {
        Moment::Instant(at) => locale::moment(language, &at.with_timezone(&entry.section.timezone), true),
        Moment::Day(day) => locale::moment(language, &day.and_time(NaiveTime::MIN).and_utc(), false),
    })
}

/// The article's page on the web.
pub fn link(entry: &Entry) -> Option<&Url> {
    entry.article.url.as_ref().filter(|url| is_web(url))
}

/// The article's page, or the section's where the article has none.
pub fn page(entry: &Entry) -> Option<&Url> {
    let section = || entry.section.site.as_ref().filter(|url| is_web(url));
    link(entry).or_else(section).or_else(|| Some(&entry.section.url).filter(|url| is_web(url)))
}

/// Whether readers can open the address.
pub fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}
