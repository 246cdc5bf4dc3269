//! The pages that show a digest in the browser: each list of articles once, under a name made of what it says.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

use super::sql::args;
use super::{Result, Store};

/// What a digest's page shows; nothing of a reader.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DigestPage {
    /// "daily" or "weekly".
    pub cadence: String,
    /// The slot's moment (Unix milliseconds).
    pub at: i64,
    /// Articles and the slugs of the sections they were released in.
    pub articles: Vec<(i64, String)>,
}

impl DigestPage {
    /// Its name: the hash of what it says, so that one list has one page.
    pub fn name(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{} {}", self.cadence, self.at));
        for (article, section) in &self.articles {
            hash.update(format!(" {article}:{section}"));
        }
        let hash: Vec<u8> = hash.finalize().into_iter().take(15).collect();
        BASE32_NOPAD.encode(&hash).to_ascii_lowercase()
    }
}

impl Store {
    /// Keeps a page; one that is there stays as it is.
    pub async fn keep_digest_page(&self, id: &str, page: &DigestPage, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO digest_pages (id, body, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
        self.run(sql, args![id, serde_json::to_string(page)?, now_ms]).await.map(|_| ())
    }

    /// A page by its name.
    pub async fn digest_page(&self, id: &str) -> Result<Option<DigestPage>> {
        match self.row("SELECT body FROM digest_pages WHERE id = $1", args![id]).await? {
            Some(row) => Ok(Some(serde_json::from_str(&row.text(0)?)?)),
            None => Ok(None),
        }
    }

    /// Forgets pages made before a moment; how many.
    pub async fn prune_digest_pages(&self, before_ms: i64) -> Result<u64> {
        if self.row("SELECT 1 FROM digest_pages WHERE created_at < $1 LIMIT 1", args![before_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM digest_pages WHERE created_at < $1", args![before_ms]).await
    }
}
