//! What becomes of signals over several looks: seen once they wait, seen twice in a row they are told, well twice in a
//! row they are closed. An unchanged page repeats the verdict of the look before.

use super::{Code, Signal};

/// Looks in a row that settle something.
const SETTLED: i64 = 2;
/// How long something that may become the usual is told as not well.
const USUAL_MS: i64 = 7 * 86_400_000;

/// Something that is not well with a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its key in the store; 0: not stored yet.
    pub id: i64,
    /// What.
    pub code: Code,
    /// In words, as first seen.
    pub words: String,
    /// What may be put into `config.toml`.
    pub proposal: String,
    /// When it was first seen.
    pub since: i64,
    /// Looks in a row that saw it, until it is told.
    pub seen: i64,
    /// When it was told.
    pub told_at: Option<i64>,
    /// Looks in a row that were well again.
    pub clean: i64,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// The decision that an admin is asked for.
    pub hold_id: Option<i64>,
}

/// What a look has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The source is as it was at the last look; what time alone says is given anew.
    Unchanged(Vec<Signal>),
    /// The look failed, which says nothing of the list; and what time alone says.
    Failed(Vec<Signal>),
    /// The list was read: everything that is not well with it, and what it says nothing of.
    Read(Vec<Signal>, Vec<Code>),
}

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is not well.
    Opened(Finding),
    /// It is well again.
    Closed(Finding),
    /// It has been so for so long that it is taken for the usual.
    Usual(Finding),
}

impl Evidence {
    /// Whether it says anything of a code.
    fn covers(&self, code: Code) -> bool {
        match self {
            // That it answers is known. What is kept out leaves nothing to be asked by: unchanged means as it last
            // was well.
            Self::Unchanged(_) => code.is_failure() || code.keeps_out() || code == Code::Stale,
            Self::Failed(_) => code.is_failure() || code == Code::Stale,
            Self::Read(_, unsaid) => !unsaid.contains(&code),
        }
    }

    fn signals(&self) -> &[Signal] {
        match self {
            Self::Unchanged(signals) | Self::Failed(signals) | Self::Read(signals, _) => signals,
        }
    }
}

/// Brings the findings of a section up to date; what is to be told. Closed ones stay in the list, with their time.
pub fn note(findings: &mut Vec<Finding>, evidence: &Evidence, now_ms: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let same = |one: Code, other: Code| one == other || (one.is_failure() && other.is_failure());
    for finding in findings.iter_mut().filter(|finding| finding.closed_at.is_none()) {
        let signal = evidence.signals().iter().find(|signal| same(signal.code, finding.code));
        match (signal, evidence) {
            (Some(signal), _) => {
                finding.clean = 0;
                if finding.code != signal.code {
                    // One failure after another is one trouble, in other words.
                    finding.code = signal.code;
                    finding.words.clone_from(&signal.words);
                    finding.proposal.clone_from(&signal.proposal);
                }
                if finding.told_at.is_none() {
                    finding.words.clone_from(&signal.words);
                    finding.proposal.clone_from(&signal.proposal);
                    confirm(finding, signal.at_once, now_ms, &mut events);
                }
            }
            (None, evidence) if evidence.covers(finding.code) => well(finding, now_ms, &mut events),
            // That another page failed once is no verdict on this one.
            (None, Evidence::Unchanged(_)) if finding.code == Code::NextPage => {}
            (None, Evidence::Unchanged(_)) if finding.told_at.is_none() => confirm(finding, false, now_ms, &mut events),
            (None, Evidence::Unchanged(_)) if finding.clean > 0 => well(finding, now_ms, &mut events),
            _ => {}
        }
        if let Some(told) = finding.told_at
            && finding.closed_at.is_none()
            && finding.code.may_stay()
            && now_ms - told > USUAL_MS
        {
            finding.closed_at = Some(now_ms);
            events.push(Event::Usual(finding.clone()));
        }
    }
    for signal in evidence.signals() {
        let is_open = |finding: &Finding| finding.closed_at.is_none() && same(finding.code, signal.code);
        if findings.iter().any(is_open) {
            continue;
        }
        let mut finding = Finding {
            id: 0,
            code: signal.code,
            words: signal.words.clone(),
            proposal: signal.proposal.clone(),
            since: now_ms,
            seen: 0,
            told_at: None,
            clean: 0,
            closed_at: None,
            hold_id: None,
        };
        confirm(&mut finding, signal.at_once, now_ms, &mut events);
        findings.push(finding);
    }
    events
}

fn confirm(finding: &mut Finding, at_once: bool, now_ms: i64, events: &mut Vec<Event>) {
    finding.seen += 1;
    if at_once || finding.seen >= SETTLED {
        finding.told_at = Some(now_ms);
        events.push(Event::Opened(finding.clone()));
    }
}

fn well(finding: &mut Finding, now_ms: i64, events: &mut Vec<Event>) {
    if finding.told_at.is_none() {
        finding.closed_at = Some(now_ms);
        return;
    }
    finding.clean += 1;
    // Time alone opened it; a single article closes it.
    if finding.clean >= SETTLED || finding.code == Code::Stale {
        finding.closed_at = Some(now_ms);
        events.push(Event::Closed(finding.clone()));
    }
}
