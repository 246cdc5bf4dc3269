//! What a look keeps back (promise 2): which guard speaks, the holds it opens, and who is told. A hold is opened for
//! the first article that needs it, so that a run that turns out to be known again leaves none.

use std::collections::HashMap;

use super::App;
use super::again::Again;
use super::guard::{self, Counts, Run};
use super::health::{Check, Found, Verdict};
use super::look::{DAY_MS, LookError, Looked, Seen};
use super::take::Taken;
use crate::config::{ReadMode, Section};
use crate::extract;
use crate::health::{Code, Memory, Signal};
use crate::store::{HoldKind, NewArticle, ReleaseAs, SectionRow, StoreError, Told};

/// Within which time changes count as made at a time.
const HOUR_MS: i64 = 3_600_000;
/// Articles that must be known again before a list counts as one that moved.
const MOVED: usize = 3;

/// The fact that says when bantin last ran, to the hour.
const ALIVE: &str = "alive_at";

/// What a look keeps back.
#[derive(Debug)]
pub(super) struct Holding {
    /// How the look lets articles out.
    pub(super) run: Run,
    /// Why it is suspicious.
    pub(super) why: Option<Told>,
    /// Since when nobody looked, if this is the first look after an outage.
    pub(super) away_since: Option<i64>,
    /// The most new articles that would be plausible.
    most: usize,
    /// The holds that are open now, by what they keep back.
    pub(super) open: HashMap<HoldKind, i64>,
}

impl Check {
    /// Whether the list of `listed` articles stands under new addresses for the most part.
    pub(super) fn is_moved(&self, listed: usize) -> bool {
        self.by_content || (self.moved.len() >= MOVED && self.moved.len() * 10 >= listed * 3)
    }
}

/// Whether the section was looked at by other rules, or by another version of reading: then what stands between the
/// known articles is not news.
pub(super) fn reads_anew(section: &Section, memory: &Memory, found: &Found) -> bool {
    memory.rules != found.rules(section) || memory.version != extract::VERSION
}

impl App {
    /// Decides how a look lets its articles out.
    pub(super) async fn judge(
        &self,
        section: &Section,
        row: &SectionRow,
        check: &Check,
        new: usize,
    ) -> Result<Holding, StoreError> {
        let now_ms = self.clock.now_ms();
        let gap_ms = now_ms - check.memory.last_news;
        let mut holding = Holding {
            run: Run::Usual,
            why: None,
            away_since: self.away_since(section, row),
            most: check.memory.plausible_run(0, gap_ms).max(MOVED),
            open: HashMap::new(),
        };
        holding.run = match (check.verdict, row.seeded_at, row.seed_since) {
            (Verdict::Seen, ..) | (_, None, None) => Run::Seed,
            (_, None, Some(since)) => Run::Restored(since),
            (Verdict::Approved, ..) => Run::Usual,
            _ => {
                let of_the_day = if new > 0 { self.store.released_since(row.id, now_ms - DAY_MS).await? } else { 0 };
                holding.why = guard::too_many(section, &check.memory, Counts { new, of_the_day, gap_ms });
                if holding.why.is_some() { Run::Suspicious } else { Run::Usual }
            }
        };
        Ok(holding)
    }

    /// Since when nobody looked at a section, if its next look is the first after an outage: of bantin, or of the site.
    fn away_since(&self, section: &Section, row: &SectionRow) -> Option<i64> {
        let away = (self.health.last_look_ms(&section.slug) == 0).then(|| self.book.away_since()).flatten();
        away.into_iter().chain(row.outcome_at.filter(|_| !row.outcome.is_empty())).min()
    }

    /// Notes that bantin runs: once at a start, where it learns since when it did not, and now and then.
    pub(super) async fn note_alive(&self) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        let before = self.store.meta(ALIVE).await?.and_then(|text| text.parse::<i64>().ok());
        if let Some(before) = before {
            self.book.begin_after(before);
        }
        if before.is_none_or(|before| now_ms - before >= HOUR_MS) {
            self.store.set_meta(ALIVE, &now_ms.to_string()).await?;
        }
        Ok(())
    }

    /// How an article is let out, the hold opened where it needs one.
    pub(super) async fn kept(
        &self,
        section_id: i64,
        run: Run,
        release: ReleaseAs,
        holding: &mut Holding,
    ) -> Result<ReleaseAs, StoreError> {
        match release {
            ReleaseAs::Held(_) => {
                let kind = if matches!(run, Run::Restored(_)) { HoldKind::Restored } else { HoldKind::New };
                let why = holding.why.clone().unwrap_or_else(|| Told::new("hold-restored", &[]));
                Ok(ReleaseAs::Held(self.hold_of(section_id, kind, &why, holding).await?))
            }
            ReleaseAs::Late(_) => {
                let why = Told::new("hold-late", &[]);
                Ok(ReleaseAs::Late(self.hold_of(section_id, HoldKind::Late, &why, holding).await?))
            }
            other => Ok(other),
        }
    }

    async fn hold_of(
        &self,
        section_id: i64,
        kind: HoldKind,
        why: &Told,
        holding: &mut Holding,
    ) -> Result<i64, StoreError> {
        if let Some(&hold) = holding.open.get(&kind) {
            return Ok(hold);
        }
        let hold = self.store.hold(section_id, kind, why, self.clock.now_ms()).await?;
        holding.open.insert(kind, hold);
        Ok(hold)
    }

    /// Where only the listing is read, its entries are the articles: too many that changed at a time are held.
    pub(super) async fn hold_entries(
        &self,
        section: &Section,
        section_id: i64,
        seen: &[Seen],
        holding: &mut Holding,
    ) -> Result<(), StoreError> {
        if section.read != ReadMode::Listing {
            return Ok(());
        }
        let changed = seen.iter().filter(|one| one.is_changed()).count();
        if let Some(hold) = self.hold_changes(section, section_id, HoldKind::Edits, changed).await? {
            holding.open.insert(HoldKind::Edits, hold);
        }
        Ok(())
    }

    /// The hold that so many more edits or withdrawals of a section need, if they are too many at a time.
    pub(super) async fn hold_changes(
        &self,
        section: &Section,
        section_id: i64,
        kind: HoldKind,
        more: usize,
    ) -> Result<Option<i64>, StoreError> {
        if section.guard.is_none() || more == 0 {
            return Ok(None);
        }
        let now_ms = self.clock.now_ms();
        let young = self.store.young(section_id, now_ms - 3 * DAY_MS).await?;
        let most = guard::most_changes(young);
        let changed = more + self.store.changed_since(section_id, kind, now_ms - HOUR_MS).await?;
        if changed <= most {
            return Ok(None);
        }
        let key = if kind == HoldKind::Edits { "hold-edits" } else { "hold-withdrawals" };
        let why = Told::new(key, &[("changed", changed), ("most", most)]);
        self.store.hold(section_id, kind, &why, now_ms).await.map(Some)
    }

    /// Lets out what is not known of a list that moved as a whole. What stands above all that is known again is news,
    /// where nearly everything below is known again and the number is plausible; the rest may be old articles that
    /// were not recognised, and is held.
    pub(super) async fn take_strangers(
        &self,
        section: &Section,
        section_id: i64,
        strangers: Vec<(usize, NewArticle)>,
        again: &Again,
        holding: &mut Holding,
        looked: &mut Looked,
    ) -> Result<(), LookError> {
        if strangers.is_empty() {
            return Ok(());
        }
        let first = again.places.iter().min().copied().unwrap_or(usize::MAX);
        let top = strangers.iter().filter(|(at, _)| *at < first).count();
        let is_sound = (strangers.len() - top) * 10 <= again.places.len() && top <= holding.most;
        let (moved, listed) = (again.places.len(), looked.listed);
        let mut ready = Vec::new();
        for (at, mut article) in strangers {
            if !(is_sound && at < first) && section.guard.is_some() {
                holding.why = Some(Told::new("hold-moved", &[("moved", moved), ("listed", listed)]));
                let published = article.reading.published.as_ref();
                let release =
                    guard::release(Run::Suspicious, section, published, article.urgent, None, self.clock.now());
                article.release = self.kept(section_id, Run::Suspicious, release, holding).await?;
            } else {
                let published = article.reading.published.as_ref();
                let (away, now) = (holding.away_since, self.clock.now());
                let release = guard::release(Run::Usual, section, published, article.urgent, away, now);
                article.release = self.kept(section_id, Run::Usual, release, holding).await?;
            }
            ready.push(article);
        }
        self.commit(section, &mut ready, looked).await
    }

    /// The look is done: whoever has to decide is told.
    pub(super) async fn hold_done(
        &self,
        section: &Section,
        holding: &Holding,
        looked: &mut Looked,
    ) -> Result<(), StoreError> {
        let mut holds: Vec<(&HoldKind, &i64)> = holding.open.iter().collect();
        holds.sort_by_key(|(_, id)| **id);
        for (kind, &hold) in holds {
            let Some(reason) = self.store.hold_is_whole(hold, self.clock.now_ms()).await? else { continue };
            let kind = kind.word();
            tracing::warn!(
                section = section.slug,
                hold,
                kind,
                reason,
                "held: feeds show the articles, nothing is pushed until `bantin holds approve|seen|digest {hold}`"
            );
            looked.held = Some(reason);
        }
        Ok(())
    }
}

/// An article turned out to be known.
pub(super) fn known_again(article: i64, at: usize, looked: &mut Looked, again: &mut Again) -> Option<Taken> {
    again.listed.insert(article);
    again.places.push(at);
    looked.again += 1;
    None
}

/// Tells that articles stand under new addresses, where their pages told it.
pub(super) fn tell_moved(again: &Again, looked: &mut Looked) {
    let (moved, listed) = (looked.again, looked.listed);
    let Some(check) = looked.check.as_mut().filter(|_| again.as_a_whole && moved >= MOVED) else { return };
    if check.signals.iter().all(|signal| signal.code != Code::Addresses) {
        let words = format!("{moved} of {listed} articles stand under new addresses; their texts tell which they are");
        check.signals.push(Signal { at_once: true, ..Signal::new(Code::Addresses, words) });
    }
}
