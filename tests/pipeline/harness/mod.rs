//! What the tests are made of: the binary under test, the fakes, a site to read, databases, the ledger of
//! proofs.

pub mod article;
pub mod bantin;
pub mod config;
pub mod database;
pub mod fakes;
pub mod mail;
pub mod proof;
pub mod site;
pub mod tally;

use std::path::PathBuf;
use std::time::Duration;

pub use article::Article;
pub use bantin::Bantin;
pub use config::Config;
pub use database::Database;
pub use fakes::{FakeSmtp, FakeTelegram};
pub use site::Site;

/// The longest that anything is waited for. Nothing takes a tenth of it on an idle machine, but for what a killed
/// instance left behind on PostgreSQL: that waits for its lease.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Runs each test on SQLite and on PostgreSQL: `on_both! { a_name => "what it proves" }`.
macro_rules! on_both {
    ($($name:ident => $proof:literal),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let proof = crate::harness::proof::Proof::new(concat!($proof, ", sqlite"));
                super::$name(crate::harness::Database::sqlite(), proof).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let proof = crate::harness::proof::Proof::new(concat!($proof, ", postgres"));
                match crate::harness::Database::postgres().await {
                    Some(database) => super::$name(database, proof).await,
                    None => proof.skipped("BANTIN_TEST_POSTGRES names no PostgreSQL server"),
                }
            })*
        }
    };
}
pub(crate) use on_both;

/// Asks again and again until the answer is something, for what tells nobody when it changes.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Where a program stands, if it is installed.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A number from the environment: how much of something a run does.
pub fn amount(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A client that waits for nobody's proxy and keeps no connection to a server that is about to be killed.
pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(PATIENCE * 2);
    client.redirect(reqwest::redirect::Policy::none()).build().expect("an HTTP client")
}
