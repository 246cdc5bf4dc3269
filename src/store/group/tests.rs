//! Units that queue, fail, go away: who is told what, and what is in the file.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};

use super::*;

/// A writer with a table of numbers; none twice.
async fn writer(folder: &Path) -> (Writer, SqliteConnectOptions) {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("group.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(std::time::Duration::from_millis(1));
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await.unwrap();
    sqlx::query("CREATE TABLE t (n BIGINT PRIMARY KEY)").execute(&pool).await.unwrap();
    (Writer::new(pool), options)
}

async fn insert(unit: &mut Unit, n: i64) -> Result<()> {
    sqlx::query("INSERT INTO t VALUES ($1)").bind(n).execute(unit.connection()?).await?;
    Ok(())
}

async fn write(writer: Writer, n: i64) -> Result<()> {
    let mut unit = writer.begin().await?;
    insert(&mut unit, n).await?;
    unit.commit().await
}

/// What another program sees.
async fn numbers(options: &SqliteConnectOptions) -> Vec<i64> {
    let patient = options.clone().busy_timeout(std::time::Duration::from_secs(10));
    let mut other = SqliteConnection::connect_with(&patient).await.unwrap();
    sqlx::query_scalar("SELECT n FROM t ORDER BY n").fetch_all(&mut other).await.unwrap()
}

/// Waits until so many queue behind the unit at work.
async fn queued(writer: &Writer, count: usize) {
    while writer.0.queued.load(Ordering::SeqCst) < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_queue_share_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, options) = writer(folder.path()).await;
    let mut first = writer.begin().await.unwrap();
    insert(&mut first, 0).await.unwrap();
    let others: Vec<_> = (1..50).map(|n| tokio::spawn(write(writer.clone(), n))).collect();
    queued(&writer, 49).await;
    assert!(numbers(&options).await.is_empty(), "nothing is seen before it is committed");
    first.commit().await.unwrap();
    assert_eq!(writer.0.group.lock().await.number, 1, "one commit for all who queued");
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(numbers(&options).await, (0..50).collect::<Vec<_>>());
    assert_eq!(writer.0.group.lock().await.number, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_as_committed_is_seen_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, options) = writer(folder.path()).await;
    let all: Vec<_> = (0..40)
        .map(|n| {
            let (writer, options) = (writer.clone(), options.clone());
            tokio::spawn(async move {
                write(writer, n).await.unwrap();
                assert!(numbers(&options).await.contains(&n));
            })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_or_goes_away_undoes_itself_only() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, options) = writer(folder.path()).await;
    let mut first = writer.begin().await.unwrap();
    insert(&mut first, 0).await.unwrap();
    let twice = tokio::spawn({
        let writer = writer.clone();
        async move {
            let mut unit = writer.begin().await?;
            insert(&mut unit, 1).await?;
            insert(&mut unit, 0).await?;
            unit.commit().await
        }
    });
    queued(&writer, 1).await;
    let gone = tokio::spawn({
        let writer = writer.clone();
        async move {
            let mut unit = writer.begin().await.unwrap();
            insert(&mut unit, 2).await.unwrap();
        }
    });
    queued(&writer, 2).await;
    let good = tokio::spawn(write(writer.clone(), 3));
    queued(&writer, 3).await;
    first.commit().await.unwrap();
    twice.await.unwrap().unwrap_err();
    gone.await.unwrap();
    good.await.unwrap().unwrap();
    assert_eq!(numbers(&options).await, [0, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_left_midway_keeps_nobody_from_writing() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, options) = writer(folder.path()).await;
    let mut unit = writer.begin().await.unwrap();
    insert(&mut unit, 1).await.unwrap();
    drop(unit);
    // Nobody else comes to this writer; another program does.
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    while sqlx::query("INSERT INTO t VALUES (2)").execute(&mut other).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(numbers(&options).await, [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_commit_may_go_away() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, options) = writer(folder.path()).await;
    let mut first = writer.begin().await.unwrap();
    insert(&mut first, 0).await.unwrap();
    let second = tokio::spawn(write(writer.clone(), 1));
    queued(&writer, 1).await;
    let third = tokio::spawn(write(writer.clone(), 2));
    queued(&writer, 2).await;
    // It is done and waits for the commit, which nobody else is there to make.
    let mut waiting = Box::pin(first.commit());
    assert!(futures_util::poll!(&mut waiting).is_pending());
    drop(waiting);
    second.abort();
    third.await.unwrap().unwrap();
    let seen = numbers(&options).await;
    assert!(seen.starts_with(&[0]) && seen.ends_with(&[2]), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_transaction_is_given_up_everybody_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, options) = writer(folder.path()).await;
    let mut first = writer.begin().await.unwrap();
    insert(&mut first, 0).await.unwrap();
    // As SQLite does it by itself on a full disk.
    let broken = tokio::spawn({
        let writer = writer.clone();
        async move {
            let mut unit = writer.begin().await?;
            sqlx::query("ROLLBACK").execute(unit.connection()?).await?;
            unit.commit().await
        }
    });
    queued(&writer, 1).await;
    assert!(first.commit().await.is_err());
    assert!(broken.await.unwrap().is_err());
    assert!(numbers(&options).await.is_empty());
    write(writer.clone(), 5).await.unwrap();
    assert_eq!(numbers(&options).await, [5]);
}

#[tokio::test]
async fn a_commit_that_succeeds_ends_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, _) = writer(folder.path()).await;
    writer.0.trouble.set(Some("disk I/O error".to_owned()));
    write(writer.clone(), 1).await.unwrap();
    assert!(writer.trouble().is_some(), "a small write may fit where a large one does not");
    writer.well();
    assert_eq!(writer.trouble(), None);
}
