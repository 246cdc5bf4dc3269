//! A database of every earlier schema is brought to the present one with what it holds, and copied before that.

use std::path::{Path, PathBuf};

use bantin::store::{Store, copies};
use sqlx::migrate::{Migration, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::fixture::{NOW, fresh, prove};

/// Every migration in the order of its number, as published.
async fn migrations() -> Vec<Migration> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    Migrator::new(folder).await.expect("the migrations").iter().cloned().collect()
}

/// What the first schema could hold already: an article in a section, a reader who follows it, and a mail.
const CONTENT: &[&str] = &[
    "INSERT INTO meta (key, value) VALUES ('authority', 'example.vn,2026')",
    "INSERT INTO sections (id, slug, created_at, seeded_at) VALUES (1, 'tin-tuc', 1, 1)",
    "INSERT INTO articles (id, public_id, url, source_url, title, search, reading, content_hash, extraction, revision,
       feed_date, updated_at, first_seen, read_at)
     VALUES (2, 'tag:example.vn,2026:x', 'https://example.vn/1', 'https://example.vn/1', 'Đảng bộ', 'dang bo',
       '{\"title\":\"Đảng bộ\",\"text\":\"Nội dung\"}', 'h', '1', 1, 5, 5, 5, 5)",
    "INSERT INTO article_keys (key, article_id) VALUES ('id:example.vn:1', 2)",
    "INSERT INTO releases (id, section_id, article_id, created_at, feed_date, state, due_at, seq)
     VALUES (3, 1, 2, 5, 5, 'out', 5, 1)",
    "UPDATE counters SET value = 1 WHERE name = 'release'",
    "INSERT INTO targets (id, channel, address, created_at) VALUES (4, 'email', 'Doc.Gia@example.vn', 5)",
    "INSERT INTO subscribers (id, email_key, language, state, consent, consent_at)
     VALUES (4, 'doc.gia@example.vn', 'vi', 'active', 'wording', 5)",
    "INSERT INTO subscriptions (id, target_id, section_id, cadence, start, cursor, active, created_at)
     VALUES (6, 4, 1, 'daily', 0, 0, TRUE, 5)",
    "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, state, due_at, created_at)
     VALUES (7, 'p:4:2', 'email', 4, 1, 2, 'post', 'pending', 5, 5)",
];

/// The present version reads and goes on with it.
async fn holds_all(store: &Store) {
    let section = store.section("tin-tuc").await.unwrap().expect("the section");
    assert!(section.id == 1 && !section.paused);
    let reader = store.subscriber_by_email("doc.gia@example.vn").await.unwrap().expect("the reader");
    assert_eq!((reader.id, reader.subscriptions), (4, vec![(1, "daily".into(), true)]));
    assert_eq!(store.find_article("tag:example.vn,2026:x").await.unwrap(), Some(2));
    assert_eq!(store.queue_counts().await.unwrap()[0].count, 1);
    assert_eq!(store.last_seen().await.unwrap(), Some(5));
    let added =
        store.add_subscriber("b@example.vn", &[1], "now", bantin::config::Language::default(), "x", NOW).await.unwrap();
    assert!(added > 7);
}

#[tokio::test]
async fn from_every_earlier_schema() {
    let all = migrations().await;
    for upto in 1..=all.len() {
        let wanted: Vec<_> = all[..upto].to_vec();
        let newest = wanted.last().unwrap().version;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bantin.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut old = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        Migrator::with_migrations(wanted.clone()).run(&mut old).await.unwrap();
        for sql in CONTENT {
            old.execute(*sql).await.unwrap_or_else(|error| panic!("schema {newest}: {error}: {sql}"));
        }
        old.close().await.unwrap();
        let store = Store::open(&format!("sqlite:{}", file.display())).await.unwrap();
        holds_all(&store).await;
        store.close().await;
        let copied = copies(&file);
        assert_eq!(copied.len(), usize::from(upto < all.len()), "schema {newest}: {copied:?}");
        for copy in copied {
            assert_eq!(versions(&copy).await, wanted.iter().map(|m| m.version).collect::<Vec<_>>(), "as it was");
        }
        // Nothing to do, nothing to copy.
        Store::open(&format!("sqlite:{}", file.display())).await.unwrap().close().await;
        assert_eq!(copies(&file).len(), usize::from(upto < all.len()));
        if let Ok(server) = std::env::var("BANTIN_TEST_POSTGRES") {
            let url = fresh(&server).await;
            let mut old = sqlx::PgConnection::connect(&url).await.unwrap();
            Migrator::with_migrations(wanted).run(&mut old).await.unwrap();
            for sql in CONTENT {
                old.execute(*sql).await.unwrap_or_else(|error| panic!("schema {newest}: {error}: {sql}"));
            }
            old.close().await.unwrap();
            let store = Store::open(&url).await.unwrap();
            holds_all(&store).await;
            store.close().await;
        }
    }
    prove("every earlier schema becomes the present one", "sqlite", true);
    let server = std::env::var("BANTIN_TEST_POSTGRES").is_ok();
    prove("every earlier schema becomes the present one", "postgres", server);
}

async fn versions(file: &Path) -> Vec<i64> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    let mut copy = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let versions =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&mut copy).await;
    copy.close().await.unwrap();
    versions.unwrap()
}

#[tokio::test]
async fn only_the_newest_copies_are_kept_and_none_means_no_upgrade() {
    let all = migrations().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bantin.db");
    let make = async |file: &PathBuf| {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut old = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        Migrator::with_migrations(all[..2].to_vec()).run(&mut old).await.unwrap();
        old.close().await.unwrap();
    };
    make(&file).await;
    for (name, time) in [("0.9.0", "20250101T000000Z"), ("0.10.0", "20250201T000000Z"), ("0.2.0", "20240101T000000Z")] {
        std::fs::write(folder.path().join(format!("bantin.before-{name}-{time}.db")), "old").unwrap();
    }
    std::fs::write(folder.path().join("other.before-1-20200101T000000Z.db"), "not ours").unwrap();
    Store::open(&format!("sqlite:{}", file.display())).await.unwrap().close().await;
    let names: Vec<_> =
        copies(&file).iter().map(|copy| copy.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].contains("0.9.0") && names[1].contains("0.10.0"), "the oldest is gone: {names:?}");
    assert!(folder.path().join("other.before-1-20200101T000000Z.db").exists());

    // Where no copy can be made nothing is changed.
    let file = folder.path().join("b.db");
    make(&file).await;
    let before = versions(&file).await;
    let scratch = folder.path().join(format!("b.copying-{}.db", std::process::id()));
    std::fs::create_dir(&scratch).unwrap();
    let refused = Store::open(&format!("sqlite:{}", file.display())).await.unwrap_err().to_string();
    assert!(refused.contains("could not be copied"), "{refused}");
    assert_eq!(versions(&file).await, before);
}

#[tokio::test]
async fn everything_is_copied_to_the_other_engine_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let store = Store::open(&url("a.db")).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("a.db"));
    let mut raw = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    for sql in CONTENT {
        raw.execute(*sql).await.unwrap();
    }
    for n in 0..1_000 {
        let sql = format!("INSERT INTO validators (url, etag) VALUES ('https://example.vn/{n}', '\"Đ''{n}\"')");
        raw.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    raw.close().await.unwrap();
    let Ok(server) = std::env::var("BANTIN_TEST_POSTGRES") else {
        prove("everything is copied to the other engine and back", "postgres", false);
        return;
    };
    let there = Store::open(&fresh(&server).await).await.unwrap();
    assert!(there.is_empty().await.unwrap());
    let copied = store.copy_to(&there, |_, _| {}).await.unwrap();
    assert!(copied.contains(&("validators".into(), 1_000)) && !there.is_empty().await.unwrap());
    let back = Store::open(&url("b.db")).await.unwrap();
    there.copy_to(&back, |_, _| {}).await.unwrap();
    store.close().await;
    back.close().await;
    assert_eq!(dump(&folder.path().join("a.db")).await, dump(&folder.path().join("b.db")).await);
    holds_all(&there).await;
    prove("everything is copied to the other engine and back", "postgres", true);
}

/// Every row of every table, as text.
async fn dump(file: &Path) -> Vec<String> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    let mut copy = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> '_sqlx_migrations'";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut copy).await.unwrap();
    let mut out = Vec::new();
    for name in names {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(&name)
            .fetch_all(&mut copy)
            .await
            .unwrap();
        let all = columns.iter().map(|c| format!("quote(\"{c}\")")).collect::<Vec<_>>().join(" || ',' || ");
        let sql = format!("SELECT {all} FROM {name}");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut copy).await.unwrap();
        out.extend(rows.into_iter().map(|row| format!("{name}: {row}")));
    }
    out.sort();
    copy.close().await.unwrap();
    out
}
