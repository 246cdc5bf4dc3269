//! Where the pure [`crate::health`] meets pages, store and admin: a look is checked before anything of it is taken in
//! ([`App::check`]). What came of it is noted in `notes`.

mod dates;
mod proposals;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use url::Url;

pub(super) use self::dates::newest;
use self::dates::{is_newer, pace};
use super::App;
use super::alias::{self, Unknown};
use super::lanes::Reads;
use super::look::{LookError, Seen};
use super::push::PUSH;
use crate::article::{Candidate, Reading, alike};
use crate::config::Section;
use crate::extract;
use crate::fetch::{Document, Fetched};
use crate::health::{self, Code, Finding, Memory, Overlap, Run, Signal};
use crate::store::{Condition, Known, Move, StoreError};

/// Recent articles a list is compared with.
const RECENT: i64 = 300;
/// The same for a list that may have moved as a whole.
const RECENT_OF_MOVED: i64 = 2000;
/// Pages walked to find out whether a list that shares nothing with the one before just moved on.
const WALK: usize = 3;
/// Between two tries of a list's next page.
const NEXT_PAGE_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// What becomes of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken in.
    #[default]
    TakeIn,
    /// Nothing of it is taken in until it is well again, or an admin decides.
    KeepOut,
    /// An admin approved it: it is the section's list from now on.
    Approved,
    /// An admin marked it as seen, or nobody decided in time: it is the section's list, and nothing of it is news.
    Seen,
}

/// What a look found out about its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Check {
    /// What is usual.
    pub memory: Memory,
    /// The figures of the list.
    pub run: Run,
    /// How the list stands to the one before.
    pub overlap: Overlap,
    /// What is not well.
    pub signals: Vec<Signal>,
    /// What becomes of the list.
    pub verdict: Verdict,
    /// Candidates that are known articles under new addresses: (place, article).
    pub moved: Vec<(usize, i64)>,
    /// What is noted of the section so far.
    pub findings: Vec<Finding>,
    /// Whether only a part of the list was read.
    pub is_part: bool,
    /// Whether the next page was tried.
    pub tried_next: bool,
    /// How new articles were read, as [`Memory::articles`] has it.
    pub letters: String,
    /// Whether some pages of a list of strangers turned out to be known articles: it moved as a whole.
    pub by_content: bool,
    /// Whether it was looked at by other rules or another version of reading before.
    pub anew: bool,
}

impl Check {
    /// Whether it is the section's own list, in a state that the next look may be compared with.
    pub fn is_own(&self) -> bool {
        !self.signals.iter().any(|signal| signal.code.keeps_out())
    }

    /// Whether what the list says of known articles is believed.
    pub fn is_believed(&self) -> bool {
        !self.signals.iter().any(|signal| signal.code.freezes())
    }
}

/// A list as it was found, apart from its candidates.
pub(super) struct Found {
    /// The document, where it is at hand.
    pub(super) document: Option<Arc<Document>>,
    /// The address it was asked for at.
    pub(super) way: Url,
    pub(super) run: Run,
    pub(super) next: Option<Url>,
    /// Whether only what changed of it was read: its figures say nothing of the whole.
    pub(super) is_part: bool,
}

impl Found {
    /// Under which rules and by which way it was read, as [`Memory::rules`] has it.
    pub(super) fn rules(&self, section: &Section) -> String {
        format!("{} {}", section.rules_hash, self.way)
    }
}

impl App {
    /// Checks a list before anything of it is taken in. With `dry` nothing is stored and nothing further is asked of
    /// the site.
    pub(super) async fn check(
        &self,
        section: &Section,
        condition: &Condition,
        found: Found,
        seen: &mut [Seen],
        dry: bool,
    ) -> Result<Check, LookError> {
        let now = self.clock.now();
        let Condition { row, memory, is_unwell } = condition;
        let mut memory = memory.clone();
        let rules = found.rules(section);
        let mut anew = false;
        if found.run.kind != PUSH {
            anew = memory.rules != rules || memory.version != extract::VERSION;
            if memory.rules != rules {
                memory = Memory { rules, last_news: memory.last_news, ..Memory::default() };
            }
            memory.version = extract::VERSION;
        }
        let findings = if *is_unwell { self.store.findings(row.id).await? } else { Vec::new() };
        let mut check = Check { memory, run: found.run.clone(), findings, anew, ..Check::default() };
        if row.seeded_at.is_none() {
            check.memory.pace = pace(seen, section, now);
            return Ok(check);
        }
        check.is_part = found.is_part;
        check.moved = self.find_moved(section, row.id, seen).await?;
        if !found.is_part {
            self.compare_with_before(section, row.id, &found, seen, dry, &mut check).await?;
        }
        if !dry && !check.moved.is_empty() && check.verdict != Verdict::KeepOut {
            let mut moves = Vec::with_capacity(check.moved.len());
            for &(at, article) in &check.moved {
                let Some(one) = seen.get_mut(at) else { continue };
                one.known = Some(Known { article_id: article, listing_hash: Some(one.hash.clone()) });
                moves.push(Move {
                    article_id: article,
                    keys: one.keys.clone(),
                    listing_hash: one.hash.clone(),
                    url: one.candidate.url.clone(),
                });
            }
            self.store.add_aliases(row.id, &moves).await?;
            tracing::info!(section = section.slug, articles = check.moved.len(), "known articles under new addresses");
        }
        Ok(check)
    }

    /// Which unknown candidates are recent articles under new addresses.
    async fn find_moved(&self, section: &Section, id: i64, seen: &[Seen]) -> Result<Vec<(usize, i64)>, StoreError> {
        let unknown: Vec<Unknown<'_>> = seen
            .iter()
            .enumerate()
            .filter(|(_, one)| one.known.is_none())
            .map(|(at, one)| Unknown { at, candidate: &one.candidate, hash: &one.hash })
            .collect();
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let listed: HashSet<i64> = seen.iter().filter_map(|one| Some(one.known.as_ref()?.article_id)).collect();
        let as_a_whole = alias::is_move(unknown.len(), seen.len());
        let recent = self.store.recent(id, if as_a_whole { RECENT_OF_MOVED } else { RECENT }).await?;
        Ok(alias::moved(&unknown, &recent, &listed, as_a_whole, self.clock.now(), section.timezone))
    }

    async fn compare_with_before(
        &self,
        section: &Section,
        id: i64,
        found: &Found,
        seen: &[Seen],
        dry: bool,
        check: &mut Check,
    ) -> Result<(), LookError> {
        let now = self.clock.now();
        let now_ms = now.timestamp_millis();
        let known: Vec<&Seen> = seen.iter().filter(|one| one.is_here()).collect();
        check.run.moved = count(check.moved.len());
        check.run.known = count(known.len()) + check.run.moved;
        check.run.renamed = self.renamed(&known).await?;
        let moved: HashSet<usize> = check.moved.iter().map(|(at, _)| *at).collect();
        let mut unknown = seen.iter().enumerate().filter(|(at, one)| !one.is_here() && !moved.contains(at));
        let last_news = check.memory.last_news;
        check.overlap = Overlap {
            listed: count(seen.len()),
            known: check.run.known,
            all_newer: unknown.all(|(_, one)| is_newer(&one.candidate, last_news, section)),
            gap_ms: now_ms - check.memory.last_at.max(self.health.last_look_ms(&section.slug)),
            led_away: found.document.as_ref().is_some_and(|document| led_away(&found.way, &document.url)),
        };
        let mut other = health::other_list(&check.memory, &check.overlap);
        if other && !dry && !check.overlap.led_away {
            self.walk_on(section, id, found, &mut check.overlap).await?;
            other = health::other_list(&check.memory, &check.overlap);
        }
        // News explain a list of strangers, or it moved; their pages tell.
        let strangers = seen.len().saturating_sub(known.len() + check.moved.len());
        if (other || alias::is_move(strangers, seen.len()))
            && !dry
            && !check.overlap.led_away
            && self.is_moved_by_content(section, id, seen).await?
        {
            check.by_content = true;
            other = false;
        }
        check.signals = health::judge(&check.memory, &check.run);
        if other && !check.signals.iter().any(|signal| signal.code.keeps_out()) {
            let mut words = format!(
                "only {} of the {} listed articles are known to be this section's; before there were {}",
                check.overlap.known, check.overlap.listed, check.memory.last.items
            );
            if check.overlap.led_away {
                let there = found.document.as_ref().map_or(&found.way, |document| &document.url);
                words = format!("the address leads to {there} now, and {words}");
            }
            // What else is unlike before is so because it is another list.
            check.signals = vec![Signal::new(Code::OtherList, words)];
        }
        let unknown = count(seen.len()).saturating_sub(check.run.known);
        let is_open = check.findings.iter().any(|finding| finding.code == Code::NextPage);
        if !dry && (unknown > 0 || is_open) && check.signals.is_empty() {
            let signal = self.try_next_page(section, found, seen, check, now_ms).await;
            check.signals.extend(signal);
            check.tried_next = check.memory.next_tried == now_ms;
        }
        self.add_proposals(section, id, found, check).await?;
        if section.guard.is_some() && check.signals.iter().any(|signal| signal.code.keeps_out()) {
            check.verdict = self.decision(&check.findings).await?;
            if check.verdict != Verdict::KeepOut {
                check.signals.retain(|signal| !signal.code.keeps_out());
                check.memory.begin_anew();
            }
        }
        Ok(())
    }

    /// What an admin decided about a list that is kept out.
    async fn decision(&self, findings: &[Finding]) -> Result<Verdict, StoreError> {
        let hold = findings.iter().filter(|finding| finding.code.keeps_out()).find_map(|finding| finding.hold_id);
        let Some(hold) = hold else { return Ok(Verdict::KeepOut) };
        Ok(match self.store.hold_decision(hold).await?.as_deref() {
            None => Verdict::KeepOut,
            Some("approved") => Verdict::Approved,
            Some(_) => Verdict::Seen,
        })
    }

    /// Known articles that the list shows under titles that are not theirs; only asked where most entries changed.
    async fn renamed(&self, known: &[&Seen]) -> Result<u32, StoreError> {
        let changed: Vec<&&Seen> = known.iter().filter(|one| one.is_changed()).collect();
        if changed.len() < 4 || changed.len() * 2 < known.len() {
            return Ok(0);
        }
        let ids: Vec<i64> = changed.iter().filter_map(|one| Some(one.known.as_ref()?.article_id)).collect();
        let titles: HashMap<i64, String> =
            self.store.articles(&ids).await?.into_iter().map(|a| (a.id, a.reading.title)).collect();
        let is_other = |one: &&&&Seen| {
            let title = one.known.as_ref().and_then(|known| titles.get(&known.article_id));
            let listed = one.candidate.title.as_deref().unwrap_or_default();
            title.is_some_and(|title| !alike::same(title, listed) && !alike::similar(title, listed, 50))
        };
        Ok(count(changed.iter().filter(is_other).count()))
    }

    /// Walks on to further pages, to find what was listed before.
    async fn walk_on(&self, section: &Section, id: i64, found: &Found, overlap: &mut Overlap) -> Result<(), LookError> {
        let mut next = found.next.clone();
        for _ in 0..WALK {
            let Some(url) = next.take() else { break };
            let Ok(Fetched::Document(document)) = self.fetch(section, &url, None, Reads::Listing).await else { break };
            let Ok(listing) = self.list(&Arc::new(section.clone()), Arc::new(document)).await else { break };
            next = listing.next.filter(|further| *further != url);
            let seen = self.compare(section, id, listing.candidates).await?;
            let known = seen.iter().filter(|one| one.is_here()).count();
            overlap.known += count(known);
            if known > 0 {
                break;
            }
        }
        Ok(())
    }

    /// Tries the list's next page now and then, when there is news anyway: whether it is as good as it was.
    async fn try_next_page(
        &self,
        section: &Section,
        found: &Found,
        seen: &[Seen],
        check: &mut Check,
        now_ms: i64,
    ) -> Option<Signal> {
        let next = found.next.as_ref().filter(|_| check.run.kind == "html")?;
        // A verdict that waits for a second look is not kept waiting.
        let is_waiting =
            |finding: &Finding| finding.code == Code::NextPage && (finding.told_at.is_none() || finding.clean > 0);
        if now_ms - check.memory.next_tried < NEXT_PAGE_MS && !check.findings.iter().any(is_waiting) {
            return None;
        }
        check.memory.next_tried = now_ms;
        let reason = match self.fetch(section, next, None, Reads::Listing).await {
            Err(error) => Some(error.to_string()),
            Ok(Fetched::NotModified) => None,
            Ok(Fetched::Document(document)) => {
                let listing = self.list(&Arc::new(section.clone()), Arc::new(document)).await;
                let keys: HashSet<&str> = seen.iter().flat_map(|one| one.keys.iter().map(String::as_str)).collect();
                let is_further = |candidate: &Candidate| {
                    !crate::article::identity::keys(&section.url, candidate)
                        .iter()
                        .any(|key| keys.contains(key.as_str()))
                };
                match listing {
                    Ok(listing) if listing.candidates.is_empty() => Some(format!("{next} lists no article")),
                    Ok(listing) if !listing.candidates.iter().any(is_further) => {
                        Some(format!("{next} lists the same articles as the first page"))
                    }
                    Ok(_) => None,
                    Err(error) => Some(error.to_string()),
                }
            }
        };
        let Some(reason) = reason else {
            check.memory.next_good = check.memory.next_good.saturating_add(1);
            return None;
        };
        (check.memory.next_good > 0).then(|| {
            Signal::new(Code::NextPage, format!("the list's next page was always there and fails now: {reason}"))
        })
    }
}

/// How an article was read, as one letter.
pub(super) fn letter(reading: &Reading) -> char {
    let date = u32::from(reading.published.is_some()) * health::DATE;
    let picture = u32::from(reading.image.is_some()) * health::PICTURE;
    let text = u32::from(reading.text.chars().count() >= 200) * health::TEXT;
    char::from_digit(date + picture + text, 10).unwrap_or('0')
}

/// Whether an address leads to a page further up now, as when everything is sent to the front page.
fn led_away(wanted: &Url, got: &Url) -> bool {
    let depth = |url: &Url| url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).count();
    let is_web = matches!(got.scheme(), "http" | "https");
    is_web && got.path().trim_end_matches('/') != wanted.path().trim_end_matches('/') && depth(got) < depth(wanted)
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}
