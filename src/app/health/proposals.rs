//! Where selectors of a section may be to blame for a list, others are proposed; they are never taken by themselves.

use std::sync::Arc;

use super::super::lanes::Reads;
use super::super::look::LookError;
use super::super::{App, propose};
use super::{Check, Found};
use crate::config::Section;
use crate::fetch::Document;
use crate::health::Code;
use crate::store::StoreError;

impl App {
    /// Where selectors may be to blame, what is recognised without them.
    pub(super) async fn add_proposals(
        &self,
        section: &Section,
        id: i64,
        found: &Found,
        check: &mut Check,
    ) -> Result<(), LookError> {
        let blames =
            |code: Code| matches!(code, Code::OtherList | Code::Fewer | Code::Dates | Code::Pictures | Code::Titles);
        let is_told =
            |code: Code| check.findings.iter().any(|finding| finding.code == code && finding.told_at.is_some());
        if !check.signals.iter().any(|signal| blames(signal.code) && !is_told(signal.code)) {
            return Ok(());
        }
        let Some(document) = &found.document else { return Ok(()) };
        let proposal = self.proposal(section, id, document).await?;
        for signal in check.signals.iter_mut().filter(|signal| blames(signal.code)) {
            signal.proposal.clone_from(&proposal);
        }
        Ok(())
    }

    /// What is recognised on a page without the section's selectors, held against the articles it is known to have, and
    /// which selectors would name it; empty where the section has none or nothing better is recognised.
    pub(in crate::app) async fn proposal(
        &self,
        section: &Section,
        id: i64,
        document: &Arc<Document>,
    ) -> Result<String, StoreError> {
        if section.html.item.is_none() && section.html.link.is_none() {
            return Ok(String::new());
        }
        let free = Arc::new(propose::without_selectors(section));
        let Ok(listing) = self.list(&free, document.clone()).await else { return Ok(String::new()) };
        let seen = self.compare(section, id, listing.candidates).await?;
        let moved = self.find_moved(section, id, &seen).await?.len();
        let known = seen.iter().filter(|one| one.is_here()).count() + moved;
        let selectors = {
            let (document, now, bytes) = (document.clone(), self.clock.now(), document.bytes.len());
            let propose = move || propose::selectors(&document, &free, now);
            self.lanes.read(&section.slug, Reads::Listing, bytes, propose).await.unwrap_or_default()
        };
        // A list of strangers is no better, but where nothing is known yet.
        let before = self.store.recent(id, 1).await?.len();
        let is_better = if before == 0 { seen.len() >= 3 } else { known >= 3 && known * 2 >= seen.len() };
        Ok(if is_better { propose::words(section, seen.len(), known, selectors.as_ref()) } else { String::new() })
    }
}
