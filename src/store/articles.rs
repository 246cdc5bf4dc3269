//! Articles: how they are known again, and how a new one is committed together with its releases.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use url::Url;

use super::dialect::numbers;
use super::releases::NewRelease;
use super::sql::{Row, Tx, args, groups, list};
use super::{Result, Store, StoreError};
use crate::article::{Article, Reading, fingerprint, identity, text};
use crate::clock::from_ms;
use crate::fetch::Validators;

/// Articles of one statement.
const SET: usize = 100;

/// What is known of a listed candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The article.
    pub article_id: i64,
    /// The hash of its entry in this section's listing; `None`: it is not in this section yet.
    pub listing_hash: Option<String>,
}

/// How an article is let out in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseAs {
    /// At once: channels follow.
    Out,
    /// When its delay is over (Unix milliseconds).
    Waiting(i64),
    /// Kept back with a hold.
    Held(i64),
    /// In digests from now on, and for the rest kept back with a hold: it is too old to be posted.
    Late(i64),
    /// For feeds only; never pushed.
    Quiet,
}

/// A new article with its release.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// The keys it is known by, strongest first; never empty.
    pub keys: Vec<String>,
    /// The authority of its public id.
    pub authority: String,
    /// Canonical address on the web, if it has one.
    pub url: Option<Url>,
    /// Where it is read.
    pub source_url: Url,
    /// What was read.
    pub reading: Reading,
    /// Extraction version of the reading.
    pub extraction: String,
    /// Frozen instant for feeds.
    pub feed_date: DateTime<Utc>,
    /// Validators of its page.
    pub validators: Validators,
    /// The compressed source page.
    pub page: Option<String>,
    /// When to read it again (Unix milliseconds).
    pub next_read: Option<i64>,
    /// The section that listed it.
    pub section_id: i64,
    /// Hash of its entry in the listing.
    pub listing_hash: String,
    /// How it is let out.
    pub release: ReleaseAs,
    /// The source's own id, where the section keeps it.
    pub guid: Option<String>,
    /// Whether it waits for no delay, fixed time or quiet hours.
    pub urgent: bool,
}

/// A known article that another section lists too.
#[derive(Debug, Clone)]
pub struct Also {
    /// The article.
    pub article_id: i64,
    /// The keys it is known by there.
    pub keys: Vec<String>,
    /// Hash of its entry in the listing.
    pub listing_hash: String,
    /// How it is let out.
    pub release: ReleaseAs,
    /// The source's own id, where the section keeps it.
    pub guid: Option<String>,
    /// Whether it waits for no delay, fixed time or quiet hours.
    pub urgent: bool,
}

/// What became of a new article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is new.
    New(i64),
    /// It was known under another key, and is now in this section too.
    Known(i64),
}

/// The columns of [`read_article`], of table `a`.
pub(super) const ARTICLE: &str = "a.id, a.public_id, a.url, a.source_url, a.reading, a.revision, a.feed_date, \
     a.updated_at, a.first_seen, a.withdrawn_at";

/// Reads the columns of [`ARTICLE`].
pub(super) fn read_article(row: &Row) -> Result<Article> {
    let address = |text: String| Url::parse(&text).map_err(|e| StoreError::Value(format!("address {text}: {e}")));
    Ok(Article {
        id: row.int(0)?,
        public_id: row.text(1)?,
        url: row.opt_text(2)?.map(address).transpose()?,
        source_url: address(row.text(3)?)?,
        reading: serde_json::from_str(&row.text(4)?)?,
        revision: row.int(5)?,
        feed_date: from_ms(row.int(6)?),
        updated_at: from_ms(row.int(7)?),
        first_seen: from_ms(row.int(8)?),
        withdrawn_at: row.opt_int(9)?.map(from_ms),
    })
}

impl Store {
    /// Which of the keys are known, and whether their articles are already in the section.
    pub async fn known(&self, section_id: i64, keys: &[String]) -> Result<HashMap<String, Known>> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(500) {
            let sql = format!(
                "SELECT k.key, k.article_id, r.listing_hash FROM article_keys k
                 LEFT JOIN releases r ON r.article_id = k.article_id AND r.section_id = $1
                 WHERE k.key IN {}",
                list(2, chunk.len())
            );
            let mut arguments = args![section_id];
            arguments.extend(chunk.iter().map(Into::into));
            for row in self.rows(AssertSqlSafe(sql), arguments).await? {
                found.insert(row.text(0)?, Known { article_id: row.int(1)?, listing_hash: row.opt_text(2)? });
            }
        }
        Ok(found)
    }

    /// Commits new articles with their releases in one transaction, by sets: a handful of statements however many
    /// they are. One that is known under one of its keys only gets its release.
    pub async fn commit_new(&self, articles: &[NewArticle], now_ms: i64) -> Result<Vec<Committed>> {
        let mut tx = self.begin().await?;
        let mut out = Vec::with_capacity(articles.len());
        for set in articles.chunks(SET) {
            out.extend(self.commit_set(&mut tx, set, now_ms).await?);
        }
        let sections: BTreeSet<i64> = articles.iter().map(|a| a.section_id).collect();
        for section in sections {
            tx.touch_section(section).await?;
        }
        tx.commit().await?;
        Ok(out)
    }

    async fn commit_set(&self, tx: &mut Tx, set: &[NewArticle], now_ms: i64) -> Result<Vec<Committed>> {
        // Another section, or another instance, may have committed some since the listing was compared.
        let mut known: HashMap<&str, i64> = HashMap::new();
        let keys: Vec<&str> = set.iter().flat_map(|new| new.keys.iter().map(String::as_str)).collect();
        let sql = format!("SELECT key, article_id FROM article_keys WHERE key IN {}", list(1, keys.len()));
        for row in tx.rows(AssertSqlSafe(sql), keys.iter().map(|&key| key.into()).collect()).await? {
            let (found, id) = (row.text(0)?, row.int(1)?);
            known.extend(keys.iter().filter(|key| **key == found).map(|&key| (key, id)));
        }
        let mut committed = Vec::with_capacity(set.len());
        let mut fresh = Vec::new();
        for new in set {
            if let Some(&id) = new.keys.iter().find_map(|key| known.get(key.as_str())) {
                committed.push(Committed::Known(id));
                continue;
            }
            let id = self.new_id(now_ms);
            known.extend(new.keys.iter().map(|key| (key.as_str(), id)));
            committed.push(Committed::New(id));
            fresh.push((id, new));
        }
        insert_articles(tx, &fresh, now_ms).await?;
        insert_pages(tx, &fresh, now_ms).await?;
        let ids = committed.iter().map(|(Committed::New(id) | Committed::Known(id))| *id);
        let keyed: Vec<(i64, &NewArticle)> = ids.zip(set).collect();
        let made: HashMap<i64, i64> = fresh.iter().map(|(id, new)| (*id, new.feed_date.timestamp_millis())).collect();
        let pairs: Vec<(i64, &str)> =
            keyed.iter().flat_map(|(id, new)| new.keys.iter().map(|key| (*id, key.as_str()))).collect();
        add_keys(tx, &pairs).await?;
        let releases: Vec<NewRelease<'_>> = keyed
            .iter()
            .map(|(id, new)| NewRelease {
                section_id: new.section_id,
                article_id: *id,
                feed_date: made.get(id).copied(),
                listing_hash: &new.listing_hash,
                as_: new.release,
                guid: new.guid.as_deref(),
                urgent: new.urgent,
            })
            .collect();
        self.release(tx, &releases, now_ms).await?;
        Ok(committed)
    }

    /// Puts known articles into another section that lists them, in their order.
    pub async fn commit_also(&self, section_id: i64, also: &[Also], now_ms: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        let pairs: Vec<(i64, &str)> =
            also.iter().flat_map(|one| one.keys.iter().map(|key| (one.article_id, key.as_str()))).collect();
        add_keys(&mut tx, &pairs).await?;
        let releases: Vec<NewRelease<'_>> = also
            .iter()
            .map(|one| NewRelease {
                section_id,
                article_id: one.article_id,
                feed_date: None,
                listing_hash: &one.listing_hash,
                as_: one.release,
                guid: one.guid.as_deref(),
                urgent: one.urgent,
            })
            .collect();
        self.release(&mut tx, &releases, now_ms).await?;
        tx.touch_section(section_id).await?;
        tx.commit().await
    }

    /// Records that a section's listing now shows an article differently, and asks for it to be read at once.
    pub async fn listing_changed(&self, section_id: i64, article_id: i64, hash: &str, now_ms: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE releases SET listing_hash = $3 WHERE section_id = $1 AND article_id = $2";
        tx.run(sql, args![section_id, article_id, hash]).await?;
        let sql = "UPDATE articles SET next_read = $2 WHERE id = $1 AND withdrawn_at IS NULL";
        tx.run(sql, args![article_id, now_ms]).await?;
        tx.commit().await
    }

    /// One article by its key.
    pub async fn article(&self, id: i64) -> Result<Option<Article>> {
        Ok(self.articles(&[id]).await?.into_iter().next())
    }

    /// What tells whether an article is still what it was when it was read, by its key: cheap beside the article.
    pub async fn article_states(&self, ids: &[i64]) -> Result<HashMap<i64, String>> {
        let sql = format!(
            "SELECT id, revision || ' ' || read_at || ' ' || updated_at || ' ' || feed_date || ' ' || reads || ' '
               || COALESCE(withdrawn_at, 0) || ' ' || content_hash || ' ' || extraction || ' ' || COALESCE(url, '')
             FROM articles WHERE id IN {}",
            self.engine().numbers("$1")
        );
        let rows = self.rows(AssertSqlSafe(sql), args![numbers(ids.iter().copied())]).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
    }

    /// Articles by their keys, in no order.
    pub async fn articles(&self, ids: &[i64]) -> Result<Vec<Article>> {
        let mut out = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let sql = format!("SELECT {ARTICLE} FROM articles a WHERE a.id IN {}", list(1, chunk.len()));
            let rows = self.rows(AssertSqlSafe(sql), chunk.iter().map(|&id| id.into()).collect()).await?;
            for row in &rows {
                out.push(read_article(row)?);
            }
        }
        Ok(out)
    }
}

async fn insert_articles(tx: &mut Tx, fresh: &[(i64, &NewArticle)], now_ms: i64) -> Result<()> {
    if fresh.is_empty() {
        return Ok(());
    }
    let mut arguments = Vec::with_capacity(fresh.len() * 19);
    for (id, new) in fresh {
        let feed_date = new.feed_date.timestamp_millis();
        let first_key = new.keys.first().map(String::as_str).unwrap_or_default();
        arguments.extend(args![
            *id,
            identity::public_id(&new.authority, first_key),
            new.url.as_ref().map(Url::to_string),
            new.source_url.as_str(),
            new.reading.title.as_str(),
            text::folded(&format!("{} {}", new.reading.title, new.reading.lead.as_deref().unwrap_or(""))),
            serde_json::to_string(&new.reading)?,
            identity::content_hash(&new.reading),
            new.extraction.as_str(),
            1_i64,
            feed_date,
            feed_date,
            now_ms,
            now_ms,
            new.next_read,
            new.validators.etag.clone(),
            new.validators.last_modified.clone(),
            new.validators.body_hash.clone(),
            fingerprint::stored(&new.reading.text)
        ]);
    }
    let sql = format!(
        "INSERT INTO articles (id, public_id, url, source_url, title, search, reading, content_hash, extraction,
           revision, feed_date, updated_at, first_seen, read_at, next_read, etag, last_modified, body_hash,
           fingerprint)
         VALUES {}",
        groups(1, fresh.len(), 19)
    );
    tx.run(AssertSqlSafe(sql), arguments).await.map(|_| ())
}

async fn insert_pages(tx: &mut Tx, fresh: &[(i64, &NewArticle)], now_ms: i64) -> Result<()> {
    let pages: Vec<(i64, &String)> = fresh.iter().filter_map(|(id, new)| Some((*id, new.page.as_ref()?))).collect();
    if pages.is_empty() {
        return Ok(());
    }
    let sql = format!("INSERT INTO pages (article_id, stored_at, body) VALUES {}", groups(1, pages.len(), 3));
    let arguments = pages.iter().flat_map(|(id, page)| args![*id, now_ms, *page]).collect();
    tx.run(AssertSqlSafe(sql), arguments).await.map(|_| ())
}

pub(super) async fn add_keys(tx: &mut Tx, pairs: &[(i64, &str)]) -> Result<()> {
    let sql = format!(
        "INSERT INTO article_keys (key, article_id) VALUES {} ON CONFLICT (key) DO NOTHING",
        groups(1, pairs.len(), 2)
    );
    let arguments = pairs.iter().flat_map(|&(id, key)| args![key, id]).collect();
    tx.run(AssertSqlSafe(sql), arguments).await.map(|_| ())
}
