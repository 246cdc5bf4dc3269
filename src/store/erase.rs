//! Erasing a reader: everything that names the person goes; what stays is a salted hash of the address, by which a
//! later import knows that it must not bring the person back. Who subscribes again and confirms is welcome.

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::sql::{Tx, args};
use super::subscribers::email_key;
use super::{Result, Store, StoreError};
use crate::clock::random_bytes;

/// The fact that holds the salt; it never leaves the store and its backups.
const SALT: &str = "erased_salt";

/// Makes the hashes of erased addresses.
#[derive(Debug, Clone)]
pub struct Eraser {
    salt: String,
}

impl Eraser {
    /// The hash of an address, however it is capitalised.
    pub fn hash(&self, email: &str) -> Result<String> {
        self.hash_of_key(&email_key(email))
    }

    /// The hash of an address that is a key already.
    pub(super) fn hash_of_key(&self, key: &str) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.salt.as_bytes())
            .map_err(|error| StoreError::Value(error.to_string()))?;
        mac.update(key.as_bytes());
        Ok(HEXLOWER.encode(&mac.finalize().into_bytes()))
    }
}

impl Store {
    /// What makes the hashes of this store.
    pub async fn eraser(&self) -> Result<Eraser> {
        let fresh = HEXLOWER.encode(&random_bytes::<32>());
        Ok(Eraser { salt: self.set_meta_once(SALT, &fresh).await? })
    }

    /// Erases the reader of an address: the address, what was agreed to and when, what is followed, every message to it
    /// and what came back. True when there was one; the hash is kept either way.
    pub async fn erase(&self, email: &str, now_ms: i64) -> Result<bool> {
        let key = email_key(email);
        let hash = self.eraser().await?.hash_of_key(&key)?;
        let mut tx = self.begin().await?;
        let sql = "SELECT id FROM subscribers WHERE email_key = $1
                   UNION SELECT id FROM targets WHERE channel = 'email' AND address = $2";
        let rows = tx.rows(sql, args![&key, email]).await?;
        let ids = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>>>()?;
        for &id in &ids {
            forget_in(&mut tx, id).await?;
        }
        let sql = "INSERT INTO erased (hash, erased_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
        tx.run(sql, args![hash, now_ms]).await?;
        tx.commit().await?;
        Ok(!ids.is_empty())
    }

    /// Erases a reader by key, for links that name no address. False when there is none.
    pub async fn erase_subscriber(&self, id: i64, now_ms: i64) -> Result<bool> {
        let sql = "SELECT t.address FROM subscribers s JOIN targets t ON t.id = s.id WHERE s.id = $1";
        let Some(row) = self.row(sql, args![id]).await? else { return Ok(false) };
        self.erase(&row.text(0)?, now_ms).await
    }

    /// Whether the person of an address was erased and has not subscribed again since.
    pub async fn is_erased(&self, email: &str) -> Result<bool> {
        let hash = self.eraser().await?.hash(email)?;
        Ok(self.row("SELECT 1 FROM erased WHERE hash = $1", args![hash]).await?.is_some())
    }

    /// How many people were erased.
    pub async fn erased_count(&self) -> Result<i64> {
        self.row("SELECT COUNT(*) FROM erased", vec![]).await?.map_or(Ok(0), |row| row.int(0))
    }

    /// The salt and the hashes of this store; `None` where nobody was erased.
    pub async fn erased_here(&self) -> Result<Option<(String, Vec<String>)>> {
        let rows = self.rows("SELECT hash FROM erased", vec![]).await?;
        let hashes = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        let salt = self.meta(SALT).await?;
        Ok(salt.filter(|_| !hashes.is_empty()).map(|salt| (salt, hashes)))
    }

    /// The same of a store that is looked into as it is.
    pub async fn erased_of(url: &str) -> Result<Option<(String, Vec<String>)>> {
        let store = Self::connect(url).await?;
        let erased = store.erased_here().await;
        store.close().await;
        erased
    }

    /// Erases again, in a restored store, whoever was erased since the copy was made; how many.
    pub async fn erase_again(&self, salt: &str, hashes: &[String]) -> Result<u64> {
        if self.set_meta_once(SALT, salt).await? != salt {
            return Ok(0); // another store's: its hashes say nothing here
        }
        let eraser = self.eraser().await?;
        let wanted: std::collections::HashSet<&str> = hashes.iter().map(String::as_str).collect();
        let (mut after, mut count) = (i64::MIN, 0);
        let mut tx = self.begin().await?;
        for hash in hashes {
            let sql = "INSERT INTO erased (hash, erased_at) VALUES ($1, 0) ON CONFLICT (hash) DO NOTHING";
            tx.run(sql, args![hash]).await?;
        }
        loop {
            let sql = "SELECT id, email_key FROM subscribers WHERE id > $1 ORDER BY id LIMIT 2000";
            let rows = tx.rows(sql, args![after]).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                after = row.int(0)?;
                if wanted.contains(eraser.hash_of_key(&row.text(1)?)?.as_str()) {
                    forget_in(&mut tx, after).await?;
                    count += 1;
                }
            }
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Who confirmed is erased no more.
    pub(super) async fn unerase_in(tx: &mut Tx, eraser: &Eraser, key: &str) -> Result<()> {
        tx.run("DELETE FROM erased WHERE hash = $1", args![eraser.hash_of_key(key)?]).await.map(|_| ())
    }
}

/// Removes every row of a reader. A message that is on its way at this moment is not recalled; its outcome finds no row.
/// An address that gets alerts as an admin stays a target.
pub(super) async fn forget_in(tx: &mut Tx, id: i64) -> Result<()> {
    for sql in [
        "DELETE FROM attempts WHERE delivery_id IN
           (SELECT id FROM deliveries WHERE target_id = $1 AND kind <> 'alert')",
        "DELETE FROM bounces WHERE target_id = $1",
        "DELETE FROM deliveries WHERE target_id = $1 AND kind <> 'alert'",
        "DELETE FROM posts WHERE target_id = $1",
        "DELETE FROM subscriptions WHERE target_id = $1",
        "DELETE FROM subscribers WHERE id = $1",
        "DELETE FROM targets WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE target_id = $1)",
    ] {
        tx.run(sql, args![id]).await?;
    }
    Ok(())
}
