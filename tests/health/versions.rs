//! Other selectors, and another version of bantin's own reading: nothing old is let out, nothing is edited, and news goes
//! on.

use bantin::config::{Expect, ReadMode};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::proof::Proof;
use crate::world::{World, selectors};

/// Three hours, an article, a look.
async fn step(world: &mut World) {
    world.pass(3);
    world.pages().publish();
    world.look().await;
    world.app.reread_due().await.expect("readings");
}

/// Makes the store look as if it was written under other rules: by the version of reading in `of`.
async fn written_by_another(world: &World, of: &str) {
    let changes = [
        format!("UPDATE articles SET extraction = '{of}', content_hash = 'of another version', next_read = read_at"),
        "UPDATE releases SET listing_hash = 'of another version'".to_owned(),
        "UPDATE health SET memory = replace(memory, '\"version\":', '\"version\":1')".to_owned(),
        "DELETE FROM validators".to_owned(),
    ];
    if world.database.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(&world.database).await.expect("the database");
        for sql in changes {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.expect("a change");
        }
    } else {
        let mut connection = sqlx::PgConnection::connect(&world.database).await.expect("the database");
        for sql in changes {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.expect("a change");
        }
    }
}

async fn revisions(world: &World) -> i64 {
    let rows = world.app.store.article_rows(world.id, 10_000).await.expect("articles");
    rows.iter().map(|row| row.revision - 1).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_reads_without_a_word() {
    let mut count = 0;
    for read in [ReadMode::Article, ReadMode::Listing] {
        count += another_version(World::reading(read, 21, selectors(), Expect::Off, 40, |_| {}).await).await;
    }
    Proof::new("another version of reading pushes nothing old and edits nothing").ran(count, "articles");
}

/// Lives on under another version of the reading; how many articles there are then.
pub async fn another_version(mut world: World) -> usize {
    let read = world.section.read;
    for _ in 0..6 {
        step(&mut world).await;
    }
    assert_eq!(revisions(&world).await, 0);
    written_by_another(&world, "1.of-another-version").await;
    // The next version finds more on the page: what it had dropped stands among the known ones.
    let known = world.pages().articles.len();
    for at in [known - 15, known - 9, known - 4] {
        let mut article = world.pages().articles[at].clone();
        article.number += 5_000;
        article.title = format!("Bài bị bỏ sót trước đây, số {}", article.number);
        world.pages().articles.insert(at, article);
    }
    world.restart().await;
    for _ in 0..4 {
        step(&mut world).await;
    }
    assert_eq!(revisions(&world).await, 0, "no edits, no corrections ({read:?})");
    let rows = world.app.store.article_rows(world.id, 10_000).await.expect("articles");
    let overlooked: Vec<&str> =
        rows.iter().filter(|row| row.title.starts_with("Bài bị bỏ sót")).map(|row| row.release.as_str()).collect();
    assert_eq!(overlooked, ["quiet", "quiet", "quiet"], "recorded, not pushed ({read:?})");
    let out = rows.iter().filter(|row| row.release == "out").count();
    assert_eq!(out, 10, "the news of before and after ({read:?})");
    rows.len()
}
