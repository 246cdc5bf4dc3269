//! What came of a look is noted ([`App::note_health`]), and what has to be told is told once: in the log, to admins, in
//! `status`, `/status` and `/metrics`.

use super::App;
use super::health::Verdict;
use super::look::{LookError, Looked};
use crate::config::{Expect, Section};
use crate::fetch::{FetchError, Validators};
use crate::health::{self, Code, Event, Evidence, Finding, Memory, Signal};
use crate::source::SourceError;
use crate::store::{Decision, HoldKind, SectionRow, StoreError, Told};

impl App {
    /// Notes what a look came to, stores what changed, and tells what has to be told.
    pub(super) async fn note_health(&self, section: &Section, row: &SectionRow, outcome: &Result<Looked, LookError>) {
        let noted = match outcome {
            Ok(looked) => self.note_look(section, row, looked).await,
            Err(error) => self.note_failure(section, row, error).await,
        };
        if let Err(error) = noted {
            tracing::error!(section = section.slug, %error, "how the source fares could not be recorded");
        }
    }

    async fn note_look(&self, section: &Section, row: &SectionRow, looked: &Looked) -> Result<(), StoreError> {
        let now = self.clock.now();
        let now_ms = now.timestamp_millis();
        let Some(check) = &looked.check else {
            let expected = expected(section);
            if let Some(brief) = self.book.brief(&self.store, row.id).await? {
                let silence = expected.or(brief.silence).filter(|_| section.expect_every != Expect::Off);
                let is_late = brief.memory_news > 0 && silence.is_some_and(|most| now_ms - brief.memory_news > most);
                if brief.is_well && !is_late {
                    return Ok(());
                }
            }
            let memory = self.store.health_memory(row.id).await?;
            let findings = self.store.findings(row.id).await?;
            let evidence = Evidence::Unchanged(Vec::from_iter(silent(section, &memory, now_ms)));
            return self.settle_findings(section, row, &memory, None, findings, (&evidence, &[])).await;
        };
        let mut memory = check.memory.clone();
        let mut findings = check.findings.clone();
        let news = looked.new + looked.also;
        let mut changed = check.tried_next || check.anew || matches!(check.verdict, Verdict::Approved | Verdict::Seen);
        if !check.letters.is_empty() {
            memory.add_articles(&check.letters);
            changed = true;
        }
        let mut signals = check.signals.clone();
        let is_told = |code: Code| {
            let open = findings.iter().any(|finding| finding.code == code && finding.closed_at.is_none());
            open || check.signals.iter().any(|signal| signal.code == code)
        };
        // What is told of the list is not told of its articles again.
        let known = [(Code::Dates, health::DATE), (Code::Pictures, health::PICTURE)];
        let known = known.iter().filter(|(code, _)| is_told(*code)).map(|(_, bit)| bit).sum();
        signals.extend(health::judge_articles(&memory.articles, known));
        if news > 0 {
            memory.last_news = if looked.seeded { looked.newest.unwrap_or(now_ms) } else { now_ms };
            changed = true;
        }
        if signals.is_empty() && !check.is_part && (news > 0 || memory.days.is_empty()) {
            let overlap = (!looked.seeded).then(|| check.overlap.share(memory.last.items));
            // The first look shows what there is, not what a day brings.
            let usual = if looked.seeded || looked.held.is_some() { 0 } else { news };
            memory.learn(&check.run, usual, overlap, now);
            changed = true;
        }
        signals.extend(silent(section, &memory, now_ms));
        if matches!(check.verdict, Verdict::Approved | Verdict::Seen) {
            // Decided: it is well from this look on.
            for finding in findings.iter_mut().filter(|finding| finding.code.keeps_out()) {
                finding.clean = 1;
            }
        }
        let unsaid = if check.tried_next { Vec::new() } else { vec![Code::NextPage] };
        let evidence = if check.is_part { Evidence::Unchanged(signals) } else { Evidence::Read(signals, unsaid) };
        self.settle_findings(section, row, &memory, changed.then_some(&memory), findings, (&evidence, &looked.read))
            .await
    }

    async fn note_failure(&self, section: &Section, row: &SectionRow, error: &LookError) -> Result<(), StoreError> {
        let Some(mut signal) = failure(error) else { return Ok(()) };
        // Nobody waits for a second look at a section that was just added.
        signal.at_once = row.seeded_at.is_none();
        let memory = self.store.health_memory(row.id).await?;
        let findings = self.store.findings(row.id).await?;
        let mut signals = vec![signal];
        signals.extend(silent(section, &memory, self.clock.now_ms()));
        self.settle_findings(section, row, &memory, None, findings, (&Evidence::Failed(signals), &[])).await
    }

    async fn settle_findings(
        &self,
        section: &Section,
        row: &SectionRow,
        memory: &Memory,
        learnt: Option<&Memory>,
        mut findings: Vec<Finding>,
        (evidence, read): (&Evidence, &[(String, Validators)]),
    ) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        let before = findings.clone();
        let events = health::note(&mut findings, evidence, now_ms);
        let mut anew = None;
        for event in &events {
            match event {
                Event::Opened(told) if told.code.keeps_out() && section.guard.is_some() => {
                    let hold = self.store.hold(row.id, HoldKind::List, &Told::words(&told.words), now_ms).await?;
                    self.store.hold_is_whole(hold, now_ms).await?;
                    for finding in findings.iter_mut().filter(|finding| finding.code == told.code) {
                        finding.hold_id = Some(hold);
                    }
                }
                Event::Closed(over) => {
                    if let Some(hold) = over.hold_id {
                        self.store.settle_hold(hold, Decision::Seen, now_ms).await?;
                    }
                }
                Event::Usual(_) => {
                    let mut memory = memory.clone();
                    memory.begin_anew();
                    anew = Some(memory);
                }
                Event::Opened(_) => {}
            }
        }
        let changed: Vec<Finding> = findings.iter().filter(|finding| !before.contains(finding)).cloned().collect();
        let learnt = anew.as_ref().or(learnt);
        self.store.record_health(row.id, learnt, &changed, read, now_ms).await?;
        // Findings that were stored just now have their keys in the store only.
        self.book.keep(row.id, learnt.unwrap_or(memory), &findings);
        for event in &events {
            tell(section, event, &findings);
        }
        Ok(())
    }
}

/// Tells the log, once for each event; what admins are told by chat and mail stands in the store (`store::alerts`).
fn tell(section: &Section, event: &Event, findings: &[Finding]) {
    match event {
        Event::Opened(told) => {
            let code = told.code.text();
            let hold = findings.iter().find(|finding| finding.code == told.code).and_then(|finding| finding.hold_id);
            let remedy = told.code.english().1.replace("SECTION", &section.slug).replace("SLUG", &section.slug);
            let remedy = hold.map_or_else(|| remedy.clone(), |hold| remedy.replace(" ID`", &format!(" {hold}`")));
            tracing::warn!(
                section = section.slug,
                code,
                proposal = told.proposal,
                "not well: {}; its feeds stay as they are. {remedy}",
                told.words
            );
        }
        Event::Closed(over) => {
            tracing::info!(section = section.slug, code = over.code.text(), "well again (it was: {})", over.words);
        }
        Event::Usual(over) => tracing::info!(
            section = section.slug,
            code = over.code.text(),
            "so for seven days, and taken for the usual from now on: {}",
            over.words
        ),
    }
}

/// What a failed look says of the source; `None` where it is not the source's fault.
fn failure(error: &LookError) -> Option<Signal> {
    let code = match error {
        LookError::Fetch(FetchError::Status { status, .. }) => health::status(*status),
        LookError::Fetch(FetchError::Missing { .. }) => Code::Gone,
        LookError::Fetch(FetchError::Refused { .. }) => Code::Refused,
        // It was not asked, so nothing was learnt.
        LookError::Fetch(FetchError::Resting { .. })
        | LookError::Store(_)
        | LookError::NoSection(_)
        | LookError::Pushed(_) => {
            return None;
        }
        LookError::Fetch(_) => Code::Unreachable,
        LookError::Source(SourceError::Unknown { .. } | SourceError::Broken { .. }) | LookError::Pinned { .. } => {
            Code::Unreadable
        }
        LookError::Empty { why, proposal, .. } => {
            let mut signal = Signal { proposal: proposal.clone(), ..health::empty(why) };
            if !proposal.is_empty() {
                // The articles are there; only the selectors do not find them.
                signal.code = Code::Selectors;
            }
            return Some(signal);
        }
    };
    Some(Signal::new(code, error.to_string()))
}

/// What time alone says.
fn silent(section: &Section, memory: &Memory, now_ms: i64) -> Option<Signal> {
    match section.expect_every {
        Expect::Off => None,
        _ => health::stale(memory, expected(section), now_ms),
    }
}

/// What the configuration expects, in milliseconds.
fn expected(section: &Section) -> Option<i64> {
    match section.expect_every {
        Expect::Every(every) => i64::try_from(every.as_millis()).ok(),
        Expect::Learnt | Expect::Off => None,
    }
}
