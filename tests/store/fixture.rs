//! One fresh store of each engine for each test, and ready-made articles.

use std::future::Future;
use std::io::Write as _;

use bantin::article::Reading;
use bantin::channel::Limit;
use bantin::fetch::Validators;
use bantin::store::{Also, Claim, Delivery, NewArticle, ReleaseAs, Store};
use chrono::{DateTime, Utc};
use sqlx::{Connection as _, Executor as _};

/// The moment at which every test begins.
pub const NOW: i64 = 1_795_000_000_000;

/// Runs a test on a fresh store of each engine.
pub fn both<F: Future<Output = ()>>(name: &str, test: impl Fn(Store) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bantin.db");
        test(Store::open(&format!("sqlite:{}", path.display())).await.unwrap()).await;
        prove(name, "sqlite", true);
        if let Ok(server) = std::env::var("BANTIN_TEST_POSTGRES") {
            test(Store::open(&fresh(&server).await).await.unwrap()).await;
            prove(name, "postgres", true);
        } else {
            println!("skipped on PostgreSQL: {name} (BANTIN_TEST_POSTGRES is not set)");
            prove(name, "postgres", false);
        }
    });
}

/// A fresh database on the server.
pub async fn fresh(server: &str) -> String {
    let name = format!("store_{}", data_encoding::HEXLOWER.encode(&bantin::clock::random_bytes::<8>()));
    let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(&name);
    url.to_string()
}

/// One line for the closing table of `scripts/test`.
pub fn prove(name: &str, engine: &str, ran: bool) {
    let Ok(file) = std::env::var("BANTIN_PROOFS") else { return };
    let status = if ran { "ran" } else { "skipped" };
    let line = serde_json::json!({ "proof": format!("store on {engine}"), "status": status, "count": 1, "note": name });
    let mut file = std::fs::File::options().create(true).append(true).open(file).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// A store with the sections `a` and `b`; their keys.
pub async fn sections(store: &Store) -> (i64, i64) {
    store.sync_sections(&[("a".into(), vec![]), ("b".into(), vec![])], NOW).await.unwrap();
    let ids = store.section_ids().await.unwrap();
    (ids["a"], ids["b"])
}

/// A new article number `n` of a section.
pub fn article(section_id: i64, n: i64, release: ReleaseAs) -> NewArticle {
    NewArticle {
        keys: vec![format!("id:example.vn:{n}"), format!("url:example.vn/tin/{n}.html")],
        authority: "example.vn,2026".into(),
        url: Some(format!("https://example.vn/tin/{n}.html").parse().unwrap()),
        source_url: format!("https://example.vn/tin/{n}.html").parse().unwrap(),
        reading: reading(n),
        extraction: "1.x".into(),
        feed_date: at(NOW + n * 1_000),
        validators: Validators { etag: Some(format!("\"{n}\"")), ..Validators::default() },
        page: None,
        next_read: Some(NOW + 600_000),
        section_id,
        listing_hash: "h".into(),
        guid: None,
        urgent: false,
        release,
    }
}

/// What article `n` says.
pub fn reading(n: i64) -> Reading {
    Reading { title: format!("Đảng bộ tỉnh, bài {n}"), text: format!("Nội dung {n}"), ..Reading::default() }
}

/// Commits one article; its key.
pub async fn commit(store: &Store, article: NewArticle) -> i64 {
    match store.commit_new(&[article], NOW).await.unwrap()[0] {
        bantin::store::Committed::New(id) | bantin::store::Committed::Known(id) => id,
    }
}

/// The moment of a stored time.
pub fn at(ms: i64) -> DateTime<Utc> {
    bantin::clock::from_ms(ms)
}

/// Claims up to `max` due deliveries of a channel, without limits.
pub async fn claim(store: &Store, channel: &str, max: usize, now: i64) -> Vec<Delivery> {
    let claim = Claim { channel, owner: "me", max, ordered: channel == "telegram" };
    store.claim(claim, |_| Vec::<Limit>::new(), now).await.unwrap().deliveries
}

/// A known article that another section lists under a key, let out at once.
pub fn also(article_id: i64, key: &str, listing_hash: &str) -> Also {
    Also {
        article_id,
        keys: vec![key.to_owned()],
        listing_hash: listing_hash.to_owned(),
        release: ReleaseAs::Out,
        guid: None,
        urgent: false,
    }
}
