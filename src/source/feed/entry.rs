//! From an entry of a feed to a candidate.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use chrono_tz::Tz;
use dom_query::Document;
use feed_rs::model::{Entry, Feed, MediaObject};
use url::Url;

use super::Dates;
use crate::article::text::one_line;
use crate::article::{Candidate, Moment, SourceDate};
use crate::fetch::bound::bound_html;
use crate::source::{people, plain};

/// From this many characters on a description with paragraphs is the whole text and no lead.
const FULL_TEXT: usize = 1200;

/// The candidate, unless the entry has no address. `maker` is the feed's generator.
pub fn candidate(entry: &Entry, base: &Url, dates: &Dates, maker: &Maker) -> Option<Candidate> {
    let native_id = one_line(&entry.id);
    let url = address(entry, &native_id, base)?;
    let mut found = Candidate::of(url);
    let summary = entry.summary.as_ref().map(|text| text.content.trim().to_owned()).unwrap_or_default();
    let lead = plain::of_html(&summary);
    found.title = entry.title.as_ref().map(|title| plain::of_html(&title.content)).filter(|title| !title.is_empty());
    found.body = entry.content.as_ref().and_then(|content| {
        let body = content.body.as_deref()?.trim();
        let is_plain = content.content_type.as_str() == "text/plain";
        (!body.is_empty()).then(|| if is_plain { plain::paragraphs(body) } else { body.to_owned() })
    });
    if found.body.is_none() && lead.chars().count() >= FULL_TEXT && summary.matches("<p").count() > 1 {
        found.body = Some(summary.clone());
    } else if !lead.is_empty() && found.title.as_deref() != Some(lead.as_str()) {
        found.lead = Some(lead);
    }
    let base = entry.base.as_deref().and_then(|base| Url::parse(base).ok()).unwrap_or_else(|| base.clone());
    found.image = picture(&entry.media)
        .or_else(|| first_image(&summary, &base))
        .or_else(|| first_image(found.body.as_deref().unwrap_or_default(), &base));
    found.byline = byline(entry);
    for category in &entry.categories {
        let tag = plain::of_html(category.label.as_deref().unwrap_or(&category.term));
        if !tag.is_empty() && !found.tags.contains(&tag) {
            found.tags.push(tag);
        }
    }
    let date = |at: Option<DateTime<Utc>>, provenance: &str| {
        let (at, mended) = maker.mend(dates.moment(at?)?, &native_id);
        let provenance = if mended { format!("{provenance} (to the day)") } else { provenance.to_owned() };
        Some(SourceDate { at, provenance })
    };
    found.published = date(entry.published, "feed").or_else(|| date(entry.updated, "feed (updated)"));
    found.updated = date(entry.updated, "feed").filter(|_| entry.published.is_some());
    found.native_id = Some(native_id).filter(|id| !id.is_empty());
    Some(found)
}

/// The program that wrote a feed, as far as its dates have known faults.
#[derive(Debug)]
pub struct Maker {
    nukeviet: bool,
    zone: Tz,
}

impl Maker {
    /// The maker of a feed whose section lies in `zone`.
    pub fn of(feed: &Feed, zone: Tz) -> Self {
        let named = |generator: &feed_rs::model::Generator| {
            let name = format!("{} {}", generator.content, generator.uri.as_deref().unwrap_or_default());
            name.to_lowercase().contains("nukeviet")
        };
        Self { nukeviet: feed.generator.as_ref().is_some_and(named), zone }
    }

    /// A date without what is known to be wrong in it, and whether anything was. NukeViet writes the month where the
    /// minutes should stand (`Mon, 8 Jul 2019 07:07:00 GMT` for 07:35): the hour is right, so the day is.
    fn mend(&self, at: Moment, id: &str) -> (Moment, bool) {
        let named = id.strip_prefix("news_").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        match at {
            Moment::Instant(instant) if self.nukeviet || named => {
                let utc = instant.with_timezone(&Utc);
                let lies = utc.minute() == utc.month();
                if lies { (Moment::Day(at.day(self.zone)), true) } else { (at, false) }
            }
            _ => (at, false),
        }
    }
}

/// The page's address: the link meant for readers, else a guid that is an address.
fn address(entry: &Entry, id: &str, base: &Url) -> Option<Url> {
    let alternate = entry.links.iter().find(|link| {
        link.rel.as_deref().is_none_or(|rel| rel == "alternate")
            && link.media_type.as_deref().is_none_or(|kind| kind.contains("html"))
    });
    let link =
        alternate.or_else(|| entry.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate")));
    let of = |href: &str| {
        // A browser that saves a feed breaks lines inside addresses.
        let href: String = href.split_whitespace().collect();
        let url = base.join(&href).ok().filter(|_| !href.is_empty())?;
        (matches!(url.scheme(), "http" | "https") || url.scheme() == base.scheme()).then_some(url)
    };
    link.and_then(|link| of(&link.href)).or_else(|| id.starts_with("http").then(|| of(id)).flatten())
}

/// The largest picture among enclosures and media elements, else a thumbnail.
fn picture(media: &[MediaObject]) -> Option<Url> {
    let is_image = |kind: Option<&str>, url: &Url| {
        let path = url.path().to_ascii_lowercase();
        let named = [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().any(|ending| path.ends_with(ending));
        kind.map_or(named, |kind| kind.starts_with("image/"))
    };
    let mut best: Option<(u32, &Url)> = None;
    for content in media.iter().flat_map(|object| &object.content) {
        let Some(url) = &content.url else { continue };
        let width = content.width.unwrap_or_default();
        let kind = content.content_type.as_ref().map(ToString::to_string);
        if is_image(kind.as_deref(), url) && best.is_none_or(|(widest, _)| width > widest) {
            best = Some((width, url));
        }
    }
    best.map(|(_, url)| url.clone()).or_else(|| {
        let thumbnail = media.iter().flat_map(|object| &object.thumbnails).next()?;
        Url::parse(&thumbnail.image.uri).ok()
    })
}

/// The first picture of a description.
fn first_image(html: &str, base: &Url) -> Option<Url> {
    if !html.contains("<img") {
        return None;
    }
    let fragment = Document::fragment(bound_html(html).as_ref());
    let image = fragment.select_single("img[src]");
    let url = base.join(image.attr("src")?.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") || url.scheme() == base.scheme()).then_some(url)
}

/// The authors' names, without the names of machines and without addresses.
fn byline(entry: &Entry) -> Option<String> {
    let names = entry.authors.iter().filter_map(|author| author.name.as_deref());
    people(names.map(plain::of_html).collect())
}
