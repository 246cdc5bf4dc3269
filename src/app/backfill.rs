//! The older pages of a section, walked by request: by its pager, the numbers in its addresses, a feed's or API's own
//! paging. What is found is recorded and pushed to nobody, unless told. The position is kept page by page, so that a
//! walk that was cut off goes on where it stopped.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use url::Url;

use super::App;
use super::again::Again;
use super::guard::Run;
use super::look::{LookError, Looked, Seen};
use super::recognise::Prober;
use super::take::Taken;
use crate::article::{Candidate, canonical};
use crate::clock::from_ms;
use crate::config::Section;
use crate::fetch::Document;
use crate::source::Listing;
use crate::source::recognise::{self, Signs, paging};
use crate::store::{Also, BackfillRow, ReleaseAs, SectionRow};

/// What is asked of a walk.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Most pages of this walk.
    pub pages: usize,
    /// No articles from before this day.
    pub since: Option<NaiveDate>,
    /// Let the articles out, so that channels follow.
    pub push: bool,
    /// Begin at the first page, whatever was walked before.
    pub anew: bool,
}

/// Where a walk stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Walked {
    /// The page that was walked last.
    pub url: String,
    /// Whether an earlier walk was gone on with.
    pub resumed: bool,
    /// Pages of this walk.
    pub pages: usize,
    /// Pages of this walk and those it goes on with.
    pub pages_in_all: usize,
    /// Articles listed.
    pub listed: usize,
    /// Articles recorded.
    pub new: usize,
    /// Articles that could not be read.
    pub failed: Vec<String>,
    /// The day of the oldest article listed.
    pub oldest: Option<String>,
    /// Where the next walk goes on; `None`: the end is reached.
    pub next: Option<String>,
    /// Why the walk ended, in words.
    pub ended: String,
}

/// One page on the way.
struct Place {
    url: Url,
    document: Document,
    listing: Listing,
}

impl App {
    /// Walks the older pages of a section; `tell` hears of each page.
    pub async fn backfill(
        &self,
        section: &Arc<Section>,
        wanted: &Wanted,
        mut tell: impl FnMut(&Walked),
    ) -> Result<Walked, LookError> {
        let mut row = self.row_of(section).await?;
        if row.seeded_at.is_none() {
            self.look(section).await?;
            row = self.row_of(section).await?;
        }
        let prober =
            Prober::new(self.fetcher.clone(), self.clock.clone(), self.config.fetch.allow_private).beside(&self.lanes);
        let source = section.url.to_string();
        let kept = self.store.backfill(row.id).await?.filter(|kept| kept.source == source && !wanted.anew);
        let mut walked = Walked::default();
        let mut position = BackfillRow { source, next: None, pages: 0, found: 0 };
        let goes_on = kept.as_ref().and_then(|kept| kept.next.as_deref()?.parse::<Url>().ok());
        let mut place = match (goes_on, kept) {
            (Some(url), Some(kept)) => {
                walked.resumed = true;
                position = kept;
                self.place(&prober, section, url).await?
            }
            _ => self.start(&prober, section, &row).await?,
        };
        let mut visited = HashSet::new();
        let mut listed = HashSet::new();
        loop {
            visited.insert(place.url.to_string());
            let keys: Vec<String> = place.listing.candidates.iter().map(|c| canonical::key(&c.url)).collect();
            let fresh = keys.into_iter().filter(|key| listed.insert(key.clone())).count();
            if fresh == 0 && walked.pages > 0 {
                "the last page is reached: the next one lists nothing further".clone_into(&mut walked.ended);
                position.next = None;
                break;
            }
            let next = next(&place, &section.url).await;
            let before = walked.new;
            let past = self.take_page(section, row.id, &place.listing, wanted, &mut walked).await?;
            walked.pages += 1;
            position.pages += 1;
            position.found += i64::try_from(walked.new - before).unwrap_or(0);
            walked.pages_in_all = usize::try_from(position.pages).unwrap_or(walked.pages);
            walked.url = place.url.to_string();
            position.next = next.as_ref().ok().map(Url::to_string).filter(|url| !visited.contains(url));
            walked.next.clone_from(&position.next);
            self.store.set_backfill(row.id, &position, self.clock.now_ms()).await?;
            crate::lifecycle::fault("backfill.page").await;
            tell(&walked);
            let following = match (next, past) {
                (_, true) => {
                    "the day asked for is reached".clone_into(&mut walked.ended);
                    break;
                }
                (Err(why), _) => {
                    walked.ended = why;
                    break;
                }
                (Ok(url), _) if visited.contains(url.as_str()) => {
                    "the last page is reached: the pager leads back".clone_into(&mut walked.ended);
                    break;
                }
                (Ok(_), _) if walked.pages >= wanted.pages => {
                    walked.ended = format!("{} pages, as asked", walked.pages);
                    break;
                }
                (Ok(url), _) => url,
            };
            place = match self.place(&prober, section, following).await {
                Ok(place) => place,
                Err(LookError::Fetch(error)) if is_end(&error) => {
                    "the last page is reached: the one after it is not there".clone_into(&mut walked.ended);
                    position.next = None;
                    break;
                }
                Err(error) => return Err(error),
            };
        }
        walked.next.clone_from(&position.next);
        self.store.set_backfill(row.id, &position, self.clock.now_ms()).await?;
        Ok(walked)
    }

    async fn row_of(&self, section: &Section) -> Result<SectionRow, LookError> {
        let row = self.store.section(&section.slug).await?;
        row.ok_or_else(|| LookError::NoSection(section.slug.clone()))
    }

    /// Where a walk begins: at the section's page where it leads on, else at the feed or API it is looked at by.
    async fn start(&self, prober: &Prober, section: &Arc<Section>, row: &SectionRow) -> Result<Place, LookError> {
        let way = self.store.way(row.id).await?.map(|stored| stored.way).filter(|way| way.url != section.url);
        let Some(way) = way else { return self.place(prober, section, section.url.clone()).await };
        if way.kind == "feed"
            && let Ok(page) = self.place(prober, section, section.url.clone()).await
            && !page.listing.candidates.is_empty()
            && next(&page, &section.url).await.is_ok()
        {
            return Ok(page);
        }
        self.place(prober, section, way.url).await
    }

    async fn place(&self, prober: &Prober, section: &Arc<Section>, url: Url) -> Result<Place, LookError> {
        let document = prober.get(section, &url).await?;
        let (mut listing, document) = prober.list(section, document).await?;
        prober.follow(section, &mut listing).await;
        recognise::narrow(&section.url, &mut listing);
        Ok(Place { url, document, listing })
    }

    /// Records what a page lists; true when it goes back behind the day asked for.
    async fn take_page(
        &self,
        section: &Arc<Section>,
        id: i64,
        listing: &Listing,
        wanted: &Wanted,
        walked: &mut Walked,
    ) -> Result<bool, LookError> {
        let day = |candidate: &Candidate| candidate.published.as_ref().map(|date| date.at.day(section.timezone));
        let days: Vec<NaiveDate> = listing.candidates.iter().filter_map(day).collect();
        let oldest = days.iter().min().map(ToString::to_string);
        walked.oldest = match (walked.oldest.take(), oldest) {
            (Some(before), Some(now)) => Some(before.min(now)),
            (before, now) => before.or(now),
        };
        walked.listed += listing.candidates.len();
        let is_wanted = |candidate: &&Candidate| match (wanted.since, day(candidate)) {
            (Some(since), Some(day)) => day >= since,
            _ => true,
        };
        let candidates: Vec<Candidate> = listing.candidates.iter().filter(is_wanted).cloned().collect();
        let past = wanted.since.is_some_and(|since| !days.is_empty() && days.iter().all(|day| *day < since));
        let run = if wanted.push { Run::Push } else { Run::Seed };
        let mut seen: Vec<Seen> = self.compare(section, id, candidates).await?;
        if !section.filter.is_empty() {
            self.without_dropped(section, id, &mut seen).await?;
        }
        if wanted.push {
            // What is older goes out first.
            seen.reverse();
        }
        let mut again = Again::of(&seen, false);
        for seen in seen {
            match &seen.known {
                Some(known) if known.listing_hash.is_some() => {}
                Some(known) => {
                    if self.is_dropped(section, id, known.article_id, &seen).await? {
                        continue;
                    }
                    let guid = seen.candidate.native_id.clone().filter(|_| section.keep_guid);
                    let release = if wanted.push { ReleaseAs::Out } else { ReleaseAs::Quiet };
                    let now_ms = self.clock.now_ms();
                    // What an admin fetches from the past waits for its slots as everything else.
                    let also = Also {
                        article_id: known.article_id,
                        keys: seen.keys,
                        listing_hash: seen.hash,
                        release,
                        guid,
                        urgent: false,
                    };
                    self.store.commit_also(id, &[also], now_ms).await?;
                    walked.new += 1;
                }
                None => {
                    let mut looked = Looked::default();
                    let taken = self.take_new(section, id, run, 0, seen, &mut looked, &mut again).await?;
                    walked.failed.append(&mut looked.failed);
                    let mut article = match taken {
                        Some(Taken::New(article)) => *article,
                        Some(Taken::Also(one)) => {
                            self.store.commit_also(id, &[one], self.clock.now_ms()).await?;
                            walked.new += 1;
                            continue;
                        }
                        None => continue,
                    };
                    // What is old is not read again and again, and without a date it is older than what is known.
                    article.next_read = None;
                    article.urgent = false;
                    if article.reading.published.is_none() {
                        article.feed_date = self.before_all(id).await?.min(article.feed_date);
                    }
                    self.store.commit_new(&[article], self.clock.now_ms()).await?;
                    walked.new += 1;
                }
            }
        }
        self.feed_bell.notify_waiters();
        self.outbox_bell.notify_waiters();
        Ok(past)
    }

    /// A second before the oldest article of a section.
    async fn before_all(&self, section_id: i64) -> Result<DateTime<Utc>, LookError> {
        let oldest = self.store.oldest_feed_date(section_id).await?.map(from_ms);
        Ok(oldest.unwrap_or_else(|| self.clock.now()) - TimeDelta::seconds(1))
    }
}

/// The page after one, or why there is none.
async fn next(place: &Place, first: &Url) -> Result<Url, String> {
    if let Some(next) = place.listing.next.as_ref().filter(|next| !paging::leads_back(&place.url, next)) {
        return Ok(next.clone());
    }
    if place.listing.why.iter().any(|why| why.contains("__doPostBack")) {
        return Err("its pager works by __doPostBack (ASP.NET), which cannot be walked: the site answers it to a \
                    browser only; look for a feed, a sitemap or an archive by month"
            .to_owned());
    }
    let (document, first) = (place.document.clone(), first.clone());
    let is_page = place.listing.kind == "html";
    let found = tokio::task::spawn_blocking(move || {
        if is_page {
            let signs = Signs::of(&document);
            paging::of_links(&signs, &first).or_else(|| paging::of_system(&signs))
        } else {
            paging::of_feed(&document)
        }
    });
    found.await.ok().flatten().ok_or_else(|| "no further page is named".to_owned())
}

/// Whether an error means that there is no such page.
fn is_end(error: &crate::fetch::FetchError) -> bool {
    error.is_gone() || matches!(error, crate::fetch::FetchError::Status { status: 400, .. })
}
