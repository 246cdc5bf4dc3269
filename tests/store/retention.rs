//! What is removed in time, and what stays of it: an article without its text is the same article, a reader who left is
//! known by a hash alone. By a simulated clock, on both engines.

use bantin::article::Reading;
use bantin::config::Language;
use bantin::store::{Committed, NewArticle, ReleaseAs, Store};

use crate::fixture::{NOW, article, both, claim, commit, reading, sections};

const DAY: i64 = 86_400_000;

/// Article `n` of a section, found on day `n` of the past, with a long text.
fn old(section: i64, n: i64, release: ReleaseAs) -> NewArticle {
    let mut new = article(section, n, release);
    new.feed_date = crate::fixture::at(NOW - n * DAY);
    new.reading.text = "Nội dung dài. ".repeat(200);
    new.reading.html = format!("<p>{}</p>", new.reading.text);
    new.reading.lead = Some("Lời dẫn".into());
    new.page = Some("trang nguồn".into());
    new.next_read = None;
    new
}

async fn found(store: &Store, new: NewArticle, at: i64) -> i64 {
    match store.commit_new(&[new], at).await.unwrap()[0] {
        Committed::New(id) | Committed::Known(id) => id,
    }
}

#[test]
fn an_article_loses_its_text_and_nothing_else() {
    both("retention: an article loses its text and nothing else", |store| async move {
        let (a, b) = sections(&store).await;
        let mut ids = Vec::new();
        // 520 articles of one section, the newest first; one of another section that has few.
        let many: Vec<NewArticle> = (1..=520).map(|n| old(a, n, ReleaseAs::Quiet)).collect();
        for committed in store.commit_new(&many, NOW - 600 * DAY).await.unwrap() {
            let (Committed::New(id) | Committed::Known(id)) = committed;
            ids.push(id);
        }
        let few = found(&store, old(b, 900, ReleaseAs::Quiet), NOW - 600 * DAY).await;
        let held = found(
            &store,
            NewArticle { release: ReleaseAs::Waiting(NOW + DAY), ..old(a, 901, ReleaseAs::Quiet) },
            NOW - 600 * DAY,
        )
        .await;
        let young = found(&store, old(a, 902, ReleaseAs::Quiet), NOW - DAY).await;
        let bytes_before = store.bytes().await.unwrap();
        assert_eq!(store.prune_articles(NOW - 601 * DAY, 20, NOW).await.unwrap(), 0, "none is old enough");
        let pruned = store.prune_articles(NOW - 300 * DAY, 20, NOW).await.unwrap();
        // 500 stay whole by their dates; of those behind them one waits, one is young.
        assert_eq!(pruned, 20);
        assert_eq!(store.prune_articles(NOW - 300 * DAY, 20, NOW + 1).await.unwrap(), 0, "each once");
        assert_eq!(store.pruned_articles().await.unwrap(), 20);
        for whole in [ids[0], ids[499], few, held, young] {
            let article = store.article(whole).await.unwrap().unwrap();
            assert!(!article.reading.text.is_empty() && store.page(whole).await.unwrap().is_some());
        }
        let gone = store.article(ids[510]).await.unwrap().unwrap();
        let kept = Reading { lead: Some("Lời dẫn".into()), title: reading(511).title, ..Reading::default() };
        assert_eq!(gone.reading, kept);
        assert_eq!((gone.revision, store.page(ids[510]).await.unwrap()), (1, None));

        // It is known by each of its keys, with its entry in the listing; whoever finds it again finds the same one.
        let keys = ["id:example.vn:511".to_owned(), "url:example.vn/tin/511.html".to_owned()];
        let known = store.known(a, &keys).await.unwrap();
        assert!(keys.iter().all(|key| known[key].article_id == ids[510]));
        assert_eq!(known[&keys[0]].listing_hash.as_deref(), Some("h"), "it is in its section: nothing is let out");
        let again = store.commit_new(&[old(a, 511, ReleaseAs::Out)], NOW).await.unwrap();
        assert_eq!(again, [Committed::Known(ids[510])]);
        assert_eq!(store.article(ids[510]).await.unwrap().unwrap().public_id, gone.public_id);
        assert_eq!(claim(&store, "telegram", 10, NOW + DAY).await.len(), 0, "nothing old is pushed");
        // Read again with the same words it has no new revision, and no text; with other words it is an edit as ever.
        let same = old(a, 511, ReleaseAs::Quiet).reading;
        let validators = bantin::fetch::Validators::default();
        let outcome = store.commit_reread(ids[510], &same, "1.x", &validators, None, 1, None, None, NOW).await.unwrap();
        assert_eq!(outcome, bantin::store::Reread::Same);
        assert!(store.article(ids[510]).await.unwrap().unwrap().reading.text.is_empty());
        let other = Reading { text: "Khác".into(), ..same };
        let outcome =
            store.commit_reread(ids[510], &other, "1.x", &validators, None, 2, None, None, NOW).await.unwrap();
        assert_eq!(outcome, bantin::store::Reread::Edited(2));
        assert_eq!(store.pruned_articles().await.unwrap(), 19);
        assert_eq!(store.prune_articles(NOW - 300 * DAY, 20, NOW).await.unwrap(), 1, "and loses it again");
        // An exact copy is still known by what stood in it.
        let hash = bantin::article::identity::content_hash(&old(a, 515, ReleaseAs::Quiet).reading);
        assert!(store.same_content(&hash).await.unwrap().iter().any(|(id, _)| *id == ids[514]));
        let prints = store.prints(a, 600).await.unwrap();
        assert!(prints.iter().filter(|print| print.article_id == ids[514]).all(|print| print.fingerprint.is_some()));
        assert!(bytes_before > 0);
    });
}

#[test]
fn what_is_on_its_way_keeps_its_text() {
    both("retention: what is on its way keeps its text", |store| async move {
        let (a, _) = sections(&store).await;
        let many: Vec<NewArticle> = (1..=501).map(|n| old(a, n, ReleaseAs::Quiet)).collect();
        store.commit_new(&many, NOW - 600 * DAY).await.unwrap();
        store.sync_subscriptions("telegram", &[(a, "@kenh".into(), "now")], NOW).await.unwrap();
        let sent = found(&store, old(a, 800, ReleaseAs::Out), NOW - 600 * DAY).await;
        store.expand_now(NOW).await.unwrap();
        assert_eq!(store.prune_articles(NOW - 300 * DAY, 20, NOW).await.unwrap(), 1, "but for the one in the outbox");
        assert!(!store.article(sent).await.unwrap().unwrap().reading.text.is_empty());
    });
}

#[test]
fn deliveries_and_pages_go_in_parts() {
    both("retention: deliveries and pages go in parts", |store| async move {
        let (a, _) = sections(&store).await;
        let readers = 2_300;
        let wanted: Vec<_> = (0..readers).map(|n| (a, format!("-100{n}"), "now")).collect();
        store.sync_subscriptions("telegram", &wanted, NOW).await.unwrap();
        let page = NewArticle { page: Some("trang".into()), ..article(a, 1, ReleaseAs::Out) };
        let id = commit(&store, page).await;
        store.expand_now(NOW).await.unwrap();
        let dropped = store.withdraw(id, NOW + 5).await.unwrap();
        assert!(dropped, "what waits is dropped");
        assert_eq!(store.prune_deliveries(NOW + 5).await.unwrap(), 0);
        assert_eq!(store.prune_deliveries(NOW + 31 * DAY).await.unwrap(), readers);
        assert_eq!(store.queue_counts().await.unwrap(), []);
        assert_eq!(store.prune_pages(NOW).await.unwrap(), 0);
        assert_eq!(store.prune_pages(NOW + 31 * DAY).await.unwrap(), 1);
    });
}

#[test]
fn who_left_is_known_by_a_hash_alone() {
    both("retention: who left is known by a hash alone", |store| async move {
        let (a, _) = sections(&store).await;
        for n in 0..150 {
            let address = format!("doc-gia-{n}@example.vn");
            let id = store.add_subscriber(&address, &[a], "now", Language::Vi, "x", NOW).await.unwrap();
            if n > 0 {
                store.leave(id, None, NOW + n).await.unwrap();
            }
        }
        assert_eq!(store.erase_left(NOW + 101, NOW + 400 * DAY).await.unwrap(), 100);
        assert_eq!(store.erase_left(NOW + DAY, NOW + 400 * DAY).await.unwrap(), 49);
        assert!(store.subscriber_by_email("doc-gia-0@example.vn").await.unwrap().is_some(), "who stayed stays");
        assert!(store.subscriber_by_email("doc-gia-7@example.vn").await.unwrap().is_none());
        assert!(store.is_erased("doc-gia-7@example.vn").await.unwrap());
    });
}
