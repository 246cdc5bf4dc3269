//! Pictures that bots have uploaded, by bot and picture, so that none is uploaded twice; and groups that moved.

use std::collections::HashMap;

use futures_util::future::BoxFuture;

use super::sql::args;
use super::{Result, Store};
use crate::channel::Uploads;

impl Store {
    async fn upload(&self, bot: &str, picture: &str) -> Result<Option<String>> {
        let sql = "SELECT file_id FROM uploads WHERE bot = $1 AND picture = $2";
        self.row(sql, args![bot, picture]).await?.map(|row| row.text(0)).transpose()
    }

    async fn keep_upload(&self, bot: &str, picture: &str, file: &str, now_ms: i64) -> Result<u64> {
        let sql = "INSERT INTO uploads (bot, picture, file_id, uploaded_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (bot, picture) DO UPDATE SET file_id = excluded.file_id,
                     uploaded_at = excluded.uploaded_at";
        self.run(sql, args![bot, picture, file, now_ms]).await
    }

    async fn forget_upload(&self, bot: &str, picture: &str) -> Result<u64> {
        self.run("DELETE FROM uploads WHERE bot = $1 AND picture = $2", args![bot, picture]).await
    }

    /// Forgets what was uploaded before a moment.
    pub async fn prune_uploads(&self, before_ms: i64) -> Result<u64> {
        if self.row("SELECT bot FROM uploads WHERE uploaded_at < $1 LIMIT 1", args![before_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM uploads WHERE uploaded_at < $1", args![before_ms]).await
    }

    /// The new ids of the groups that moved, by the old ones.
    pub async fn moved_chats(&self) -> Result<HashMap<String, String>> {
        let rows = self.rows("SELECT chat, moved_to FROM moved_chats", vec![]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}

impl Uploads for Store {
    fn find<'a>(&'a self, bot: &'a str, picture: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move { told(self.upload(bot, picture).await) })
    }

    fn keep<'a>(&'a self, bot: &'a str, picture: &'a str, file: &'a str, now_ms: i64) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            told(self.keep_upload(bot, picture, file, now_ms).await);
        })
    }

    fn forget<'a>(&'a self, bot: &'a str, picture: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            told(self.forget_upload(bot, picture).await);
        })
    }
}

fn told<T: Default>(outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| {
        tracing::warn!(%error, "what is known of an uploaded picture could not be read or kept");
        T::default()
    })
}
