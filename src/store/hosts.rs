//! What is kept of the hosts that are read: their robots.txt, and until when they are left alone. Written once a day
//! and host, and in trouble.

use super::sql::args;
use super::{Result, Store};
use crate::fetch::{Remembered, Robots};

impl Store {
    /// What is kept of a host.
    pub async fn host(&self, host: &str) -> Result<Remembered> {
        let sql = "SELECT robots, robots_at, rest_until, rest_why FROM hosts WHERE host = $1";
        let Some(row) = self.row(sql, args![host]).await? else { return Ok(Remembered::default()) };
        // What another version wrote and this one cannot read is asked for again.
        let rules: Option<Robots> = row.opt_text(0)?.and_then(|text| serde_json::from_str(&text).ok());
        let why = row.text(3)?;
        Ok(Remembered { robots: rules.zip(row.opt_int(1)?), rest: row.opt_int(2)?.map(|until| (until, why)) })
    }

    /// Keeps what a host's robots.txt says.
    pub async fn keep_robots(&self, host: &str, rules: &Robots, asked: i64) -> Result<()> {
        let text = serde_json::to_string(rules).unwrap_or_default();
        let sql = "INSERT INTO hosts (host, robots, robots_at, changed_at) VALUES ($1, $2, $3, $3)
                   ON CONFLICT (host) DO UPDATE SET robots = excluded.robots, robots_at = excluded.robots_at,
                   changed_at = excluded.changed_at";
        self.run(sql, args![host, text, asked]).await.map(|_| ())
    }

    /// Keeps until when a host is left alone.
    pub async fn keep_rest(&self, host: &str, until: i64, why: &str, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO hosts (host, rest_until, rest_why, changed_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (host) DO UPDATE SET rest_until = excluded.rest_until, rest_why = excluded.rest_why,
                   changed_at = excluded.changed_at";
        self.run(sql, args![host, until, why, now_ms]).await.map(|_| ())
    }

    /// Forgets the hosts of which nothing was written since `before`.
    pub async fn prune_hosts(&self, before: i64) -> Result<u64> {
        self.run("DELETE FROM hosts WHERE changed_at < $1", args![before]).await
    }
}
