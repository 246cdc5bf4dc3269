//! A look that takes nothing in: what a section's source lists now, what would become of each entry, and by which rule.
//! What `explain SECTION` shows.

use std::collections::HashSet;
use std::sync::Arc;

use super::App;
use super::guard::{self, Run};
use super::health::{Check, Found, Verdict};
use super::lanes::Reads;
use super::look::{LookError, Seen};
use crate::article::Moment;
use crate::config::Section;
use crate::fetch::{FetchError, Fetched};
use crate::health;
use crate::source::filter;
use crate::store::{ReleaseAs, Told};

/// What a source lists now.
#[derive(Debug)]
pub struct Examined {
    /// Which kind of source read it.
    pub kind: &'static str,
    /// Where it was found, after redirects.
    pub address: String,
    /// Why these and not others.
    pub why: Vec<String>,
    /// The next page.
    pub next: Option<String>,
    /// How the list stands to what is usual; `None` where it lists nothing.
    pub check: Option<Check>,
    /// What would be recognised without the section's selectors, where these are to blame.
    pub proposal: String,
    /// Why the run would be held, if it would.
    pub held: Option<String>,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// An entry of the list.
#[derive(Debug)]
pub struct Entry {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// Its date.
    pub published: Option<String>,
    /// What would become of it, in words.
    pub fate: &'static str,
}

impl App {
    /// Looks at a section without storing anything.
    pub async fn examine(&self, section: &Arc<Section>) -> Result<Examined, LookError> {
        let condition = self.condition(section).await?;
        let row = &condition.row;
        let known = self.known_way(section, row).await?;
        let way = known.as_ref().map_or_else(|| section.url.clone(), |known| known.way.url.clone());
        let Fetched::Document(document) = self.fetch(section, &way, None, Reads::Listing).await? else {
            let url = way.to_string();
            return Err(FetchError::Network { url, reason: "it answered 304 to a first request".to_owned() }.into());
        };
        let document = Arc::new(document);
        let mut listing = self.list(section, document.clone()).await?;
        if !listing.follow.is_empty() {
            Box::pin(self.follow(section, &mut listing, None)).await?;
        }
        let mut why = listing.why.clone();
        if let Some(known) = known.as_ref().filter(|known| known.found) {
            crate::source::recognise::narrow(&section.url, &mut listing);
            why = listing.why.clone();
            why.insert(0, format!("looked at by {}: {}", known.way.url, known.way.why));
        }
        let mut examined = Examined {
            kind: listing.kind,
            address: document.url.to_string(),
            why,
            next: listing.next.as_ref().map(ToString::to_string),
            check: None,
            proposal: String::new(),
            held: None,
            entries: Vec::new(),
        };
        if listing.candidates.is_empty() {
            examined.proposal = self.proposal(section, row.id, &document).await?;
            return Ok(examined);
        }
        let found = Found {
            run: health::Run::of(&listing),
            next: listing.next.clone(),
            document: Some(document),
            way,
            is_part: false,
        };
        let mut seen = self.compare(section, row.id, listing.candidates).await?;
        let check = self.check(section, &condition, found, &mut seen, true).await?;
        let moved: HashSet<usize> = check.moved.iter().map(|(at, _)| *at).collect();
        let is_new = |(at, one): &(usize, &Seen)| !one.is_here() && !moved.contains(at);
        let new = seen.iter().enumerate().filter(is_new).count();
        let holding = self.judge(section, row, &check, new).await?;
        let run = holding.run;
        examined.held = holding.why.as_ref().map(Told::english);
        let held = examined.held.is_some();
        let fate = |at: usize, one: &Seen| match &one.known {
            _ if check.verdict == Verdict::KeepOut => "kept out with the whole list",
            _ if moved.contains(&at) => "known, under a new address",
            Some(_) if one.is_here() && one.is_changed() && check.is_believed() => {
                "known; its entry changed, so it is read again"
            }
            Some(_) if one.is_here() => "known",
            _ => match guard::release(
                run,
                section,
                one.candidate.published.as_ref(),
                filter::urgent(&section.urgent, &one.candidate, None),
                holding.away_since,
                self.clock.now(),
            ) {
                ReleaseAs::Quiet if run == Run::Seed => "new; feeds only, because it is the first look",
                ReleaseAs::Quiet => "new; feeds only, because it is older than `guard.fresh`",
                ReleaseAs::Late(_) => "new; for digests and a hold, because an outage made it old",
                _ if held => "new; held with this run",
                ReleaseAs::Waiting(_) => "new; let out after `delay`",
                _ if filter::urgent(&section.urgent, &one.candidate, None) => "new; urgent: let out at once",
                _ => "new; let out",
            },
        };
        examined.entries = seen
            .iter()
            .enumerate()
            .map(|(at, one)| Entry {
                url: one.candidate.url.to_string(),
                title: one.candidate.title.clone(),
                published: one.candidate.published.as_ref().map(|date| Moment::to_text(date.at)),
                fate: fate(at, one),
            })
            .collect();
        examined.proposal = check
            .signals
            .iter()
            .map(|signal| signal.proposal.clone())
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        examined.check = Some(check);
        Ok(examined)
    }
}
