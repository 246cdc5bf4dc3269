//! Articles known again by what stands in them (promise 4): when neither address nor listed title tells, the page is
//! read anyway, and its own title and text do. What is known again is an alias, or the same article a second time;
//! never news.

use std::collections::HashSet;

use super::App;
use super::alias;
use super::look::Seen;
use super::page::Page;
use crate::article::{Candidate, feed_date, fingerprint, identity};
use crate::config::Section;
use crate::store::{Print, StoreError};

/// Articles of a section that a page is compared with.
const PRINTS: i64 = 1000;
/// How far apart the dates of one article in two places may lie.
const TWINS_MS: i64 = 2 * 86_400_000;
/// Pages that are read to find out whether a list of strangers is the section's own after all.
const PROBES: usize = 5;

/// What articles of one look are compared with; read when the first of them asks.
#[derive(Debug, Default)]
pub(super) struct Again {
    prints: Option<Vec<Print>>,
    /// Articles that stand in the list under addresses that are known.
    pub(super) listed: HashSet<i64>,
    /// Whether the list moved as a whole.
    pub(super) as_a_whole: bool,
    /// From this place on nothing is known any more: what has no date there slid back into the list.
    pub(super) tail: Option<usize>,
    /// Since when nobody looked, if this is the first look after an outage.
    pub(super) away_since: Option<i64>,
    /// The places of the articles that were known again.
    pub(super) places: Vec<usize>,
}

/// What a page turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// An article of the section, under a new address.
    Moved(i64),
    /// An article of the section that stands in the list a second time.
    Beside(i64),
    /// An article of another section.
    Twin(i64),
}

impl Again {
    /// For a list.
    pub(super) fn of(seen: &[Seen], as_a_whole: bool) -> Self {
        let here: Vec<(usize, i64)> = seen
            .iter()
            .enumerate()
            .filter(|(_, one)| one.is_here())
            .filter_map(|(at, one)| Some((at, one.known.as_ref()?.article_id)))
            .collect();
        let pairs = here.windows(2).filter_map(|pair| Some((pair.first()?.1, pair.get(1)?.1)));
        let (all, falling) = pairs.fold((0, 0), |(all, falling), (a, b)| (all + 1, falling + usize::from(a > b)));
        // Keys grow with time: in a list that has its newest first they fall.
        let is_ordered = all >= 3 && falling * 5 >= all * 4;
        Self {
            listed: here.iter().map(|(_, id)| *id).collect(),
            as_a_whole,
            tail: here.last().map(|(at, _)| at + 1).filter(|_| is_ordered),
            ..Self::default()
        }
    }
}

impl App {
    /// Which known article a page is, if it is one.
    pub(super) async fn same_article(
        &self,
        section: &Section,
        section_id: i64,
        page: &Page,
        again: &mut Again,
    ) -> Result<Option<Same>, StoreError> {
        let (reading, now) = (&page.reading, self.clock.now());
        let at = feed_date(reading.published.as_ref().map(|date| date.at), now, section.timezone).timestamp_millis();
        if fingerprint::of(&reading.text).is_some() {
            for (article, feed_date) in self.store.same_content(&identity::content_hash(reading)).await? {
                if (at - feed_date).abs() > TWINS_MS {
                    continue;
                }
                if again.listed.contains(&article) {
                    return Ok(Some(Same::Beside(article)));
                }
                let here = self.store.is_in(section_id, article).await?;
                return Ok(Some(if here { Same::Moved(article) } else { Same::Twin(article) }));
            }
        }
        let prints = match &mut again.prints {
            Some(prints) => prints,
            none => none.insert(self.store.prints(section_id, PRINTS).await?),
        };
        let found = alias::by_reading(reading, prints, &again.listed, again.as_a_whole, now, section.timezone);
        let Some(article) = found else { return Ok(None) };
        if !again.as_a_whole
            && let Some(known) = self.store.article(article).await?
            && fingerprint::numbers(&known.reading.text) != fingerprint::numbers(&reading.text)
        {
            // A text of the same pattern with other figures is another text.
            return Ok(None);
        }
        Ok(Some(Same::Moved(article)))
    }

    /// Whether a list of strangers is the section's own under new addresses and titles: some of its pages are read.
    pub(super) async fn is_moved_by_content(
        &self,
        section: &Section,
        section_id: i64,
        seen: &[Seen],
    ) -> Result<bool, StoreError> {
        let strangers: Vec<&Candidate> =
            seen.iter().filter(|one| one.known.is_none()).map(|one| &one.candidate).collect();
        if strangers.len() < PROBES {
            return Ok(false);
        }
        let mut again = Again::of(seen, true);
        let (mut read, mut known) = (0, 0);
        for candidate in strangers.iter().step_by(strangers.len().div_ceil(PROBES)) {
            let Ok(page) = self.read_new(section, candidate).await else { continue };
            read += 1;
            if let Some(Same::Moved(article)) = self.same_article(section, section_id, &page, &mut again).await? {
                again.listed.insert(article);
                known += 1;
            }
        }
        Ok(read >= 3 && known * 5 >= read * 3)
    }
}
