//! What every look asks of the store, remembered: the sections' rows and the validators of addresses. A look that
//! finds nothing new then costs no statement at all. What others change (a command, another instance) raises the
//! counter `sections`, which is asked at most every [`TRUSTED_MS`]; everything is read anew when it moved.

use std::collections::{BTreeSet, HashMap};

use super::sql::{Tx, args};
use super::{Result, SectionRow, Store};
use crate::fetch::Validators;

/// How long what is remembered is believed before the counter is asked again.
const TRUSTED_MS: i64 = 200;

/// The memory; empty until it is first asked.
#[derive(Debug, Default)]
pub(super) struct Looks {
    checked_at: i64,
    version: Option<i64>,
    slugs: HashMap<String, i64>,
    rows: HashMap<i64, SectionRow>,
    validators: HashMap<String, Validators>,
    /// Changes that are applied here, above one that is not yet.
    ahead: BTreeSet<i64>,
}

impl Looks {
    pub(super) fn section_mut(&mut self, id: i64) -> Option<&mut SectionRow> {
        self.rows.get_mut(&id)
    }

    pub(super) fn pause(&mut self, slug: &str, paused: bool, until: Option<i64>) {
        if let Some(row) = self.slugs.get(slug).and_then(|id| self.rows.get_mut(id)) {
            row.paused = paused;
            row.paused_until = until;
        }
    }

    pub(super) fn validators_mut(&mut self) -> &mut HashMap<String, Validators> {
        &mut self.validators
    }
}

impl Store {
    /// A section by its slug, as remembered: at most [`TRUSTED_MS`] behind what others change.
    pub async fn known_section(&self, slug: &str, now_ms: i64) -> Result<Option<SectionRow>> {
        let looks = self.looks(now_ms).await?;
        Ok(looks.slugs.get(slug).and_then(|id| looks.rows.get(id)).cloned())
    }

    /// The validators of an address, as remembered.
    pub async fn known_validators(&self, url: &str, now_ms: i64) -> Result<Option<Validators>> {
        Ok(self.looks(now_ms).await?.validators.get(url).cloned())
    }

    async fn looks(&self, now_ms: i64) -> Result<tokio::sync::MutexGuard<'_, Looks>> {
        let mut looks = self.looks.lock().await;
        if looks.version.is_some() && (now_ms - looks.checked_at).abs() < TRUSTED_MS {
            return Ok(looks);
        }
        // The counter first: what changes between the two reads is read again then.
        let row = self.row("SELECT value FROM counters WHERE name = 'sections'", vec![]).await?;
        let version = row.map_or(Ok(0), |r| r.int(0))?;
        if looks.version != Some(version) {
            let sections = self.sections().await?;
            looks.slugs = sections.iter().map(|row| (row.slug.clone(), row.id)).collect();
            looks.rows = sections.into_iter().map(|row| (row.id, row)).collect();
            let rows = self.rows("SELECT url, etag, last_modified, body_hash FROM validators", vec![]).await?;
            looks.validators = rows
                .iter()
                .map(|row| Ok((row.text(0)?, super::sections::validators(row, 1)?)))
                .collect::<Result<_>>()?;
            looks.version = Some(version);
            looks.ahead.clear();
        }
        looks.checked_at = now_ms;
        Ok(looks)
    }

    /// Commits a change of sections or validators and makes it known: here by `apply`, to others by the counter.
    pub(super) async fn commit_known(&self, mut tx: Tx, apply: impl FnOnce(&mut Looks)) -> Result<()> {
        let version = tx.count("sections", 1).await?;
        tx.commit().await?;
        let mut looks = self.looks.lock().await;
        let Some(known) = looks.version.filter(|known| *known < version) else { return Ok(()) };
        apply(&mut looks);
        // Those who commit together come here in any order. Where somebody else changed something meanwhile, there
        // stays a gap, and the next look reads everything.
        looks.ahead.insert(version);
        let mut last = known;
        while looks.ahead.remove(&(last + 1)) {
            last += 1;
        }
        looks.version = Some(last);
        Ok(())
    }

    /// One such change of a single statement.
    pub(super) async fn run_known(
        &self,
        sql: &'static str,
        arguments: Vec<super::sql::Arg>,
        apply: impl FnOnce(&mut Looks),
    ) -> Result<u64> {
        let mut tx = self.begin().await?;
        let rows = tx.run(sql, arguments).await?;
        if rows > 0 {
            self.commit_known(tx, apply).await?;
        }
        Ok(rows)
    }

    /// Makes the next look read everything.
    pub(super) async fn forget_looks(&self) {
        self.looks.lock().await.version = None;
    }
}

/// Raises the counter within a change of many rows.
pub(super) async fn raise(tx: &mut Tx) -> Result<()> {
    tx.run("UPDATE counters SET value = value + 1 WHERE name = 'sections'", args![]).await.map(|_| ())
}
