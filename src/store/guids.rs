//! The source's own ids, for sections whose feeds keep them. The first article of a section that comes with an id
//! has it for good; a second one with the same id keeps bantin's.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::sql::{Tx, args, groups, list};
use super::{Result, Store};

/// Rows of one statement.
const SET: usize = 100;
/// Longest id that is kept, in bytes.
const LONGEST: usize = 1000;

/// Whether an id can be kept: text that a feed can carry as it is.
fn can_be_kept(guid: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && crate::article::text::is_xml_char(c);
    !guid.is_empty() && guid.len() <= LONGEST && guid.chars().all(is_plain)
}

/// Records ids within the commit of their articles.
pub(super) async fn add(tx: &mut Tx, set: &[(i64, &str, i64)]) -> Result<()> {
    let kept: Vec<_> = set.iter().filter(|(_, guid, _)| can_be_kept(guid)).collect();
    for chunk in kept.chunks(SET) {
        let sql = format!(
            "INSERT INTO guids (section_id, guid, article_id) VALUES {} ON CONFLICT DO NOTHING",
            groups(1, chunk.len(), 3)
        );
        let arguments = chunk.iter().flat_map(|(section, guid, article)| args![*section, *guid, *article]).collect();
        tx.run(AssertSqlSafe(sql), arguments).await?;
    }
    Ok(())
}

impl Store {
    /// Records the ids of articles that a section had before it kept ids. Writes only what is missing.
    pub async fn keep_guids(&self, section_id: i64, set: &[(&str, i64)]) -> Result<()> {
        let articles: Vec<i64> = set.iter().map(|(_, article)| *article).collect();
        let known: HashMap<i64, String> = self.guids(&[section_id], &articles).await?.into_iter().collect();
        let mut missing = Vec::new();
        for (guid, article) in set.iter().filter(|(guid, article)| !known.contains_key(article) && can_be_kept(guid)) {
            let taken = self.row("SELECT 1 FROM guids WHERE section_id = $1 AND guid = $2", args![section_id, *guid]);
            if taken.await?.is_none() {
                missing.push((section_id, *guid, *article));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        add(&mut tx, &missing).await?;
        tx.touch_section(section_id).await?;
        tx.commit().await
    }

    /// The kept ids of articles in the sections, those of the section that was there first last.
    pub async fn guids(&self, section_ids: &[i64], articles: &[i64]) -> Result<Vec<(i64, String)>> {
        let mut found = Vec::new();
        if section_ids.is_empty() {
            return Ok(found);
        }
        for chunk in articles.chunks(400) {
            let sql = format!(
                "SELECT article_id, guid FROM guids WHERE section_id IN {} AND article_id IN {} ORDER BY section_id DESC",
                list(1, section_ids.len()),
                list(1 + section_ids.len(), chunk.len())
            );
            let arguments = section_ids.iter().chain(chunk).map(|&id| id.into()).collect();
            for row in self.rows(AssertSqlSafe(sql), arguments).await? {
                found.push((row.int(0)?, row.text(1)?));
            }
        }
        Ok(found)
    }
}
