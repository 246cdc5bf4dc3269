//! Readers in bulk: taking them in from a list, and reading them out page by page. A chunk of a list is one transaction
//! of few statements, and does nothing twice: a list that was cut off is taken in again from its beginning.

use std::collections::{HashMap, HashSet};

use sqlx::AssertSqlSafe;

use super::erase::Eraser;
use super::sql::{Arg, Tx, args, groups, list};
use super::subscribers::email_key;
use super::{Result, Store};
use crate::config::Language;

/// Values of one statement: SQLite looks numbered ones up by going through all of them, so more would cost their square.
const VALUES: usize = 400;

/// How a reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Gets mail.
    Active,
    /// Left, or complained: gets none.
    Left,
    /// The address does not exist any more.
    Bounced,
}

impl Standing {
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Active => ("active", "active", ""),
            Self::Left => ("left", "active", ""),
            Self::Bounced => ("bounced", "gone", "bounced before it was imported"),
        }
    }
}

/// A reader of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The address as written.
    pub email: String,
    /// Sections by their keys.
    pub sections: Vec<i64>,
    /// "now", "daily" or "weekly".
    pub cadence: &'static str,
    /// Language of the mails.
    pub language: Language,
    /// How they stand.
    pub standing: Standing,
    /// What was agreed to, and where.
    pub consent: String,
    /// When.
    pub consent_at: i64,
}

/// What became of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// New here.
    pub added: u64,
    /// Known already: what they follow was added to.
    pub known: u64,
    /// Known to have left, complained or bounced: they stay as they are.
    pub suppressed: u64,
    /// Erased once: not taken in.
    pub erased: u64,
}

impl std::ops::AddAssign for Imported {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.known += other.known;
        self.suppressed += other.suppressed;
        self.erased += other.erased;
    }
}

/// A reader as they are read out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Key.
    pub id: i64,
    /// The address.
    pub email: String,
    /// The language's code.
    pub language: String,
    /// The state.
    pub state: String,
    /// What was agreed to.
    pub consent: String,
    /// When.
    pub consent_at: i64,
    /// When it was confirmed.
    pub confirmed_at: Option<i64>,
    /// What is followed: slug and cadence.
    pub follows: Vec<(String, String)>,
}

impl Store {
    /// Takes in a chunk of a list. Nobody who left, bounced or was erased comes back by it.
    pub async fn import(&self, eraser: &Eraser, chunk: &[Newcomer], now_ms: i64) -> Result<Imported> {
        let mut done = Imported::default();
        let keys: Vec<String> = chunk.iter().map(|one| email_key(&one.email)).collect();
        let mut tx = self.begin().await?;
        let gone = erased_in(&mut tx, eraser, &keys).await?;
        let mut known = known_in(&mut tx, &keys).await?;
        let fresh: Vec<(&Newcomer, &String)> =
            chunk.iter().zip(&keys).filter(|(_, key)| !gone.contains(*key) && !known.contains_key(*key)).collect();
        let mut targets = targets_in(&mut tx, fresh.iter().map(|(one, _)| one.email.as_str())).await?;
        let (mut new_targets, mut new_readers, mut follows, mut confirmed) = (vec![], vec![], vec![], vec![]);
        let head = Self::head(&mut tx).await?;
        for (one, key) in chunk.iter().zip(&keys) {
            let (state, target_state, reason) = one.standing.words();
            let id = match known.get(key) {
                _ if gone.contains(key) => {
                    done.erased += 1;
                    continue;
                }
                Some((_, stands)) if stands != "active" && stands != "pending" => {
                    done.suppressed += 1;
                    continue;
                }
                Some((id, stands)) => {
                    done.known += 1;
                    if stands == "pending" && one.standing == Standing::Active {
                        confirmed.push((*id, one));
                    }
                    *id
                }
                None => {
                    done.added += 1;
                    let id = targets.remove(&one.email).unwrap_or_else(|| {
                        let id = self.new_id(now_ms);
                        new_targets.extend(args![id, "email", &one.email, target_state, reason, now_ms]);
                        id
                    });
                    let confirmed_at = (one.standing == Standing::Active).then_some(now_ms);
                    let left_at = (one.standing != Standing::Active).then_some(now_ms);
                    let language = one.language.code();
                    new_readers.extend(args![
                        id,
                        key,
                        language,
                        state,
                        &one.consent,
                        one.consent_at,
                        confirmed_at,
                        left_at
                    ]);
                    known.insert(key.clone(), (id, state.to_owned()));
                    id
                }
            };
            if one.standing == Standing::Active {
                for &section in &one.sections {
                    follows.extend(args![self.new_id(now_ms), id, section, one.cadence, head, head, true, now_ms]);
                }
            }
        }
        let targets = ("INSERT INTO targets (id, channel, address, state, reason, created_at) VALUES ", 6, "");
        insert(&mut tx, targets, new_targets).await?;
        let readers =
            "INSERT INTO subscribers (id, email_key, language, state, consent, consent_at, confirmed_at, left_at)
                       VALUES ";
        insert(&mut tx, (readers, 8, ""), new_readers).await?;
        for (id, one) in confirmed {
            let sql = "UPDATE subscribers SET state = 'active', consent = $2, consent_at = $3, confirmed_at = $4
                       WHERE id = $1";
            tx.run(sql, args![id, &one.consent, one.consent_at, now_ms]).await?;
        }
        // What a reader follows, or once left, is theirs to say.
        let subscriptions = "INSERT INTO subscriptions
                             (id, target_id, section_id, cadence, start, cursor, active, created_at) VALUES ";
        insert(&mut tx, (subscriptions, 8, " ON CONFLICT (target_id, section_id) DO NOTHING"), follows).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Readers after a key, in the order in which they came, with what they follow.
    pub async fn export(&self, after: i64, limit: i64) -> Result<Vec<Exported>> {
        let sql = "SELECT s.id, t.address, s.language, s.state, s.consent, s.consent_at, s.confirmed_at
                   FROM subscribers s JOIN targets t ON t.id = s.id WHERE s.id > $1 ORDER BY s.id LIMIT $2 + 0";
        let rows = self.rows(sql, args![after, limit]).await?;
        let mut out = rows
            .iter()
            .map(|row| {
                Ok(Exported {
                    id: row.int(0)?,
                    email: row.text(1)?,
                    language: row.text(2)?,
                    state: row.text(3)?,
                    consent: row.text(4)?,
                    consent_at: row.int(5)?,
                    confirmed_at: row.opt_int(6)?,
                    follows: Vec::new(),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let Some(last) = out.last().map(|reader| reader.id) else { return Ok(out) };
        let sql = "SELECT u.target_id, s.slug, u.cadence FROM subscriptions u JOIN sections s ON s.id = u.section_id
                   JOIN subscribers r ON r.id = u.target_id
                   WHERE r.id > $1 AND r.id <= $2 AND u.active ORDER BY u.target_id, u.id";
        let place: HashMap<i64, usize> = out.iter().enumerate().map(|(index, reader)| (reader.id, index)).collect();
        for row in self.rows(sql, args![after, last]).await? {
            if let Some(&index) = place.get(&row.int(0)?) {
                out[index].follows.push((row.text(1)?, row.text(2)?));
            }
        }
        Ok(out)
    }
}

/// Which of the keys were erased.
async fn erased_in(tx: &mut Tx, eraser: &Eraser, keys: &[String]) -> Result<HashSet<String>> {
    let mut out = HashSet::new();
    if tx.row("SELECT 1 FROM erased LIMIT 1", vec![]).await?.is_none() {
        return Ok(out);
    }
    for part in keys.chunks(VALUES) {
        let hashes = part.iter().map(|key| eraser.hash_of_key(key)).collect::<Result<Vec<_>>>()?;
        let sql = format!("SELECT hash FROM erased WHERE hash IN {}", list(1, hashes.len()));
        let found = tx.rows(AssertSqlSafe(sql), hashes.iter().map(Arg::from).collect()).await?;
        let found = found.iter().map(|row| row.text(0)).collect::<Result<HashSet<_>>>()?;
        out.extend(part.iter().zip(&hashes).filter(|(_, hash)| found.contains(*hash)).map(|(key, _)| key.clone()));
    }
    Ok(out)
}

/// Key and state of those that are there.
async fn known_in(tx: &mut Tx, keys: &[String]) -> Result<HashMap<String, (i64, String)>> {
    let mut out = HashMap::new();
    for part in keys.chunks(VALUES) {
        let sql = format!("SELECT email_key, id, state FROM subscribers WHERE email_key IN {}", list(1, part.len()));
        for row in tx.rows(AssertSqlSafe(sql), part.iter().map(Arg::from).collect()).await? {
            out.insert(row.text(0)?, (row.int(1)?, row.text(2)?));
        }
    }
    Ok(out)
}

/// Addresses that are targets without being readers: admins.
async fn targets_in(tx: &mut Tx, addresses: impl Iterator<Item = &str>) -> Result<HashMap<String, i64>> {
    let addresses: Vec<&str> = addresses.collect();
    let mut out = HashMap::new();
    for part in addresses.chunks(VALUES) {
        let sql =
            format!("SELECT address, id FROM targets WHERE channel = 'email' AND address IN {}", list(1, part.len()));
        for row in tx.rows(AssertSqlSafe(sql), part.iter().map(|&address| address.into()).collect()).await? {
            out.insert(row.text(0)?, row.int(1)?);
        }
    }
    Ok(out)
}

/// Inserts rows of `columns` values, many at a time.
async fn insert(tx: &mut Tx, (head, columns, tail): (&str, usize, &str), values: Vec<Arg>) -> Result<()> {
    let mut values = values.into_iter();
    loop {
        let part: Vec<Arg> = values.by_ref().take(VALUES / columns * columns).collect();
        if part.is_empty() {
            return Ok(());
        }
        let sql = format!("{head}{}{tail}", groups(1, part.len() / columns, columns));
        tx.run(AssertSqlSafe(sql), part).await?;
    }
}
