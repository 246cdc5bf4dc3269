//! What is not well with bantin itself or with those it sends through, from when it begins until it is well again. Admins
//! are told once when it has lasted, and once when it has been well for as long; what comes and goes in between is told
//! neither time. A state that stays as it is writes nothing.

use super::alerts::{Admin, Alert, Told};
use super::sql::{Tx, args};
use super::{Result, Store};

/// Something that is not well now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it is, the same as long as it lasts: "relay:mail.example.vn:25".
    pub key: String,
    /// What is told: a text of the catalogue that has a remedy (`KEY-remedy`) and an end (`KEY-well`).
    pub told: Told,
    /// Told at once, however short it may be.
    pub at_once: bool,
    /// An address that is not told: it is what is not well.
    pub not_to: Option<String>,
}

/// What is noted of a trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its key.
    pub key: String,
    /// What is told.
    pub told: Told,
    /// Since when it is.
    pub since: i64,
    /// Since when it is well; `None`: it is not.
    pub well_since: Option<i64>,
    /// When admins were told; `None`: they were not.
    pub told_at: Option<i64>,
}

impl Store {
    /// What is noted of everybody's troubles and of all instances'.
    pub async fn troubles(&self) -> Result<Vec<Noted>> {
        let sql = "SELECT key, body, since, well_since, told_at FROM troubles ORDER BY since, key";
        self.rows(sql, vec![]).await?.iter().map(read).collect()
    }

    async fn troubles_of(&self, owner: &str) -> Result<Vec<Noted>> {
        let sql = "SELECT key, body, since, well_since, told_at FROM troubles WHERE owner = $1";
        self.rows(sql, args![owner]).await?.iter().map(read).collect()
    }

    /// Compares what is not well now with what was noted of `owner` ("" for what all instances see alike), and tells
    /// admins what has been so for `after_ms`. How many messages were made.
    pub async fn note_troubles(
        &self,
        owner: &str,
        now: &[Trouble],
        admins: &[Admin],
        after_ms: i64,
        now_ms: i64,
    ) -> Result<u64> {
        let noted = self.troubles_of(owner).await?;
        let mut steps = Vec::new();
        for trouble in now {
            match noted.iter().find(|noted| noted.key == trouble.key) {
                None => steps.push(Step::Begin(trouble, trouble.at_once || after_ms <= 0)),
                Some(old) => {
                    if old.well_since.is_some() {
                        steps.push(Step::Again(&old.key));
                    }
                    if old.told_at.is_none() && now_ms - old.since >= after_ms {
                        steps.push(Step::Tell(trouble, old.since));
                    }
                }
            }
        }
        for old in noted.iter().filter(|old| now.iter().all(|trouble| trouble.key != old.key)) {
            match old.well_since {
                None if after_ms > 0 => steps.push(Step::Well(&old.key)),
                Some(since) if now_ms - since < after_ms => {}
                _ => steps.push(Step::End(old)),
            }
        }
        if steps.is_empty() {
            return Ok(0);
        }
        let mut made = 0;
        let mut tx = self.begin().await?;
        for step in steps {
            made += self.step(&mut tx, owner, step, admins, now_ms).await?;
        }
        tx.commit().await?;
        Ok(made)
    }

    async fn step(&self, tx: &mut Tx, owner: &str, step: Step<'_>, admins: &[Admin], now_ms: i64) -> Result<u64> {
        match step {
            Step::Begin(trouble, at_once) => {
                let sql = "INSERT INTO troubles (key, owner, body, since, told_at) VALUES ($1, $2, $3, $4, $5)
                           ON CONFLICT (key) DO NOTHING";
                let body = serde_json::to_string(&trouble.told)?;
                let told = at_once.then_some(now_ms);
                if tx.run(sql, args![trouble.key.as_str(), owner, body, now_ms, told]).await? == 0 || !at_once {
                    return Ok(0);
                }
                self.tell_trouble(tx, trouble, now_ms, admins, now_ms).await
            }
            Step::Tell(trouble, since) => {
                let sql = "UPDATE troubles SET told_at = $2, body = $3 WHERE key = $1 AND told_at IS NULL";
                let body = serde_json::to_string(&trouble.told)?;
                if tx.run(sql, args![trouble.key.as_str(), now_ms, body]).await? == 0 {
                    return Ok(0);
                }
                self.tell_trouble(tx, trouble, since, admins, now_ms).await
            }
            Step::Again(key) => {
                tx.run("UPDATE troubles SET well_since = NULL WHERE key = $1", args![key]).await.map(|_| 0)
            }
            Step::Well(key) => {
                tx.run("UPDATE troubles SET well_since = $2 WHERE key = $1", args![key, now_ms]).await.map(|_| 0)
            }
            Step::End(old) => {
                let gone = tx.run("DELETE FROM troubles WHERE key = $1", args![old.key.as_str()]).await?;
                if gone == 0 || old.told_at.is_none() {
                    return Ok(0);
                }
                let about = format!("{}.{}.well", old.key, old.since);
                self.tell_in(tx, admins, &about, &Alert::well(&old.told), now_ms).await
            }
        }
    }

    async fn tell_trouble(
        &self,
        tx: &mut Tx,
        trouble: &Trouble,
        since: i64,
        admins: &[Admin],
        now_ms: i64,
    ) -> Result<u64> {
        let others: Vec<Admin> = admins.iter().filter(|(_, at)| trouble.not_to.as_ref() != Some(at)).cloned().collect();
        let about = format!("{}.{since}", trouble.key);
        self.tell_in(tx, &others, &about, &Alert::trouble(&trouble.told), now_ms).await
    }

    /// Queues one message to every admin, once for what it is about.
    pub async fn tell(&self, admins: &[Admin], about: &str, alert: &Alert, now_ms: i64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let made = self.tell_in(&mut tx, admins, about, alert, now_ms).await?;
        tx.commit().await?;
        Ok(made)
    }

    async fn tell_in(&self, tx: &mut Tx, admins: &[Admin], about: &str, alert: &Alert, now_ms: i64) -> Result<u64> {
        let payload = serde_json::to_string(std::slice::from_ref(alert))?;
        let mut made = 0;
        for (channel, address) in admins {
            let target = self.target_in(tx, channel, address, now_ms).await?;
            let sql = "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                       VALUES ($1, $2, $3, $4, 'alert', $5, 'pending', $6, $6) ON CONFLICT (dedup) DO NOTHING";
            let dedup = format!("t:{target}:{about}");
            made += tx.run(sql, args![self.new_id(now_ms), dedup, *channel, target, &payload, now_ms]).await?;
        }
        Ok(made)
    }

    /// The chats and webhooks that rest and are still followed, or are admins' own: channel, address, reason.
    pub async fn resting_chats(&self, admins: &[Admin]) -> Result<Vec<(String, String, String)>> {
        let sql = "SELECT t.channel, t.address, t.reason, (SELECT COUNT(*) FROM subscriptions s
                     WHERE s.target_id = t.id AND s.active) FROM targets t
                   WHERE t.channel IN ('telegram', 'webhook') AND t.paused_at IS NOT NULL ORDER BY t.id LIMIT 100";
        let mut resting = Vec::new();
        for row in self.rows(sql, vec![]).await? {
            let (channel, address) = (row.text(0)?, row.text(1)?);
            if row.int(3)? > 0 || admins.iter().any(|(kind, own)| *kind == channel && *own == address) {
                resting.push((channel, address, row.text(2)?));
            }
        }
        Ok(resting)
    }

    /// Why the last message was given up.
    pub async fn last_death(&self) -> Result<Option<String>> {
        let sql = "SELECT reason FROM deliveries WHERE state = 'dead' ORDER BY settled_at DESC LIMIT 1";
        self.row(sql, vec![]).await?.map(|row| row.text(0)).transpose()
    }

    /// Forgets the troubles that other machines noted before a moment, and have not been heard of since.
    pub async fn prune_troubles(&self, own: &str, before_ms: i64) -> Result<u64> {
        let sql = "SELECT key FROM troubles WHERE owner <> '' AND owner <> $1 AND since < $2 LIMIT 1";
        if self.row(sql, args![own, before_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM troubles WHERE owner <> '' AND owner <> $1 AND since < $2", args![own, before_ms]).await
    }
}

/// What becomes of one trouble.
enum Step<'a> {
    Begin(&'a Trouble, bool),
    Tell(&'a Trouble, i64),
    Again(&'a str),
    Well(&'a str),
    End(&'a Noted),
}

fn read(row: &super::sql::Row) -> Result<Noted> {
    Ok(Noted {
        key: row.text(0)?,
        told: serde_json::from_str(&row.text(1)?)?,
        since: row.int(2)?,
        well_since: row.opt_int(3)?,
        told_at: row.opt_int(4)?,
    })
}
