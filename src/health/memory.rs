//! What is usual for a section, learnt from the looks that brought news and were well: one line a day, and one letter
//! for each of the last articles. A cycle without news adds nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Run;
use super::run::small;

/// Days remembered: longer than a month, so that a list that begins anew each month is known to do so.
const DAYS: usize = 45;
/// Articles remembered.
const ARTICLES: usize = 60;
/// Days with news from which on they tell how much is plausible.
const LEARNT: usize = 3;

/// The usual of one section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Under which address and rules it was learnt: others begin anew.
    pub rules: String,
    /// The days with news, the newest last.
    pub days: Vec<Day>,
    /// The last look that was learnt from.
    pub last: Run,
    /// When that was.
    pub last_at: i64,
    /// When the source last brought something new.
    pub last_news: i64,
    /// Articles a day by the list's own dates at the first look, in hundredths.
    pub pace: u32,
    /// How the newest articles were read, the newest last: the sum of 1 (date), 2 (picture) and 4 (text).
    pub articles: String,
    /// When the list's next page was last tried.
    pub next_tried: i64,
    /// How often in a row it was there.
    pub next_good: u32,
    /// The version of reading that looked last: another one may see more on the same page.
    pub version: u32,
}

/// The looks of one day that brought news.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Day {
    /// The day (UTC), as days since 1970.
    pub day: i64,
    /// Looks with news.
    pub looks: u32,
    /// New articles.
    pub new: u32,
    /// The most of them in one look.
    pub most: u32,
    /// The least and the most articles listed.
    pub items: (u32, u32),
    /// The least share of them with a date, in thousandths.
    pub dated: u32,
    /// With a picture.
    pub pictured: u32,
    /// With a lead or body.
    pub worded: u32,
    /// Of different titles.
    pub titles: u32,
    /// The least share that was known before.
    pub overlap: u32,
    /// The largest share under a title that is not theirs.
    pub renamed: u32,
    /// Whether a next page was always there.
    pub next: bool,
}

/// A share in thousandths.
pub fn share(part: u32, whole: u32) -> u32 {
    part.saturating_mul(1000).checked_div(whole).unwrap_or(1000)
}

impl Memory {
    /// Learns from a look that brought `new` articles and was well.
    pub fn learn(&mut self, run: &Run, new: usize, overlap: Option<u32>, now: DateTime<Utc>) {
        let now_ms = now.timestamp_millis();
        let day = now_ms.div_euclid(86_400_000);
        let items = run.items;
        let seen = Day {
            day,
            looks: 1,
            new: small(new),
            most: small(new),
            items: (items, items),
            dated: share(run.dated, items),
            pictured: share(run.pictured, items),
            worded: share(run.worded, items),
            titles: share(run.titles, items),
            overlap: overlap.unwrap_or(1000),
            renamed: share(run.renamed, run.known.max(1)),
            next: run.next,
        };
        match self.days.last_mut().filter(|last| last.day == day) {
            Some(last) => last.join(&seen),
            None => self.days.push(seen),
        }
        let too_many = self.days.len().saturating_sub(DAYS);
        self.days.drain(..too_many);
        self.last = run.clone();
        self.last_at = now_ms;
    }

    /// Adds how new articles were read, as letters.
    pub fn add_articles(&mut self, letters: &str) {
        self.articles.push_str(letters);
        let too_many = self.articles.len().saturating_sub(ARTICLES);
        self.articles.drain(..too_many);
    }

    /// An admin approved a run of so many new articles: it is not strange any more.
    pub fn learn_approved(&mut self, new: usize, now_ms: i64) {
        let day = now_ms.div_euclid(86_400_000);
        if let Some(last) = self.days.last_mut() {
            // Figures of the list itself were not learnt: they stand as on the last day that was well.
            last.new = last.new.saturating_add(small(new));
            last.most = last.most.max(small(new));
            last.day = last.day.max(day);
        }
    }

    /// The most new articles of one look that the past makes plausible after `gap_ms` without news; at least `least`.
    pub fn plausible_run(&self, least: usize, gap_ms: i64) -> usize {
        // News gather while nobody publishes or looks, but not for ever; and not where nothing was learnt yet.
        let news = if self.busy_days() < LEARNT { 0 } else { self.per_day() };
        let gap = gap_ms.clamp(0, 4 * 86_400_000);
        let gathered = 3 * i64::from(news) * gap / 86_400_000;
        let usual = (3 * self.high(|day| day.most)).max(self.most(|day| day.most) * 3 / 2);
        least.max(usual as usize).max(usize::try_from(gathered).unwrap_or(0))
    }

    /// The most new articles of 24 hours that the past makes plausible; `None` while too little is known.
    pub fn plausible_day(&self, least: usize) -> Option<usize> {
        if self.busy_days() < LEARNT {
            return None;
        }
        let usual = (3 * self.per_day()).max(self.most(|day| day.new) * 3 / 2);
        // After a few days off, their news come on one.
        Some(least.max(usual as usize).max(self.plausible_run(least, 4 * 86_400_000)))
    }

    /// New articles of a busy day; by the first list's own dates too, until a week is known.
    fn per_day(&self) -> u32 {
        let pace = if self.busy_days() < 7 { self.pace / 100 } else { 0 };
        self.high(|day| day.new).max(pace)
    }

    /// Days with news that are remembered.
    fn busy_days(&self) -> usize {
        self.days.iter().filter(|day| day.new > 0).count()
    }

    /// The 95th percentile of a figure over the remembered days.
    fn high(&self, figure: impl Fn(&Day) -> u32) -> u32 {
        let mut all: Vec<u32> = self.days.iter().map(figure).collect();
        all.sort_unstable();
        let place = (all.len() * 95).div_ceil(100).saturating_sub(1);
        all.get(place).copied().unwrap_or(0)
    }

    /// Takes what is seen now for the usual: forgets what was usual before.
    pub fn begin_anew(&mut self) {
        self.days.clear();
        self.articles.clear();
        self.next_good = 0;
    }

    /// The least of a figure over the remembered days.
    pub fn least(&self, figure: impl Fn(&Day) -> u32) -> u32 {
        self.days.iter().map(figure).min().unwrap_or(0)
    }

    /// The largest of a figure over the remembered days.
    pub fn most(&self, figure: impl Fn(&Day) -> u32) -> u32 {
        self.days.iter().map(figure).max().unwrap_or(0)
    }

    /// Looks with news that are remembered.
    pub fn looks(&self) -> u32 {
        self.days.iter().map(|day| day.looks).sum()
    }

    /// How long the source may be silent by what it did so far: three times its longest silence of the remembered
    /// days, at least ten days; `None` while too little is known.
    pub fn learnt_silence(&self) -> Option<i64> {
        let (first, last) = (self.days.first()?, self.days.last()?);
        if self.days.len() < 8 || last.day - first.day < 14 {
            return None;
        }
        let longest =
            self.days.windows(2).map(|pair| pair.last().map_or(0, |b| b.day) - pair.first().map_or(0, |a| a.day));
        Some((3 * longest.max().unwrap_or(0)).max(10) * 86_400_000)
    }
}

impl Day {
    fn join(&mut self, other: &Self) {
        self.looks += other.looks;
        self.new = self.new.saturating_add(other.new);
        self.most = self.most.max(other.most);
        self.items = (self.items.0.min(other.items.0), self.items.1.max(other.items.1));
        self.dated = self.dated.min(other.dated);
        self.pictured = self.pictured.min(other.pictured);
        self.worded = self.worded.min(other.worded);
        self.titles = self.titles.min(other.titles);
        self.overlap = self.overlap.min(other.overlap);
        self.renamed = self.renamed.max(other.renamed);
        self.next &= other.next;
    }
}
