//! Articles: known again by any key, one transaction with their releases, revisions, withdrawal.

use bantin::store::{Committed, Gone, ReleaseAs, Reread};

use crate::fixture::{NOW, also, article, both, commit, reading, sections};

#[test]
fn an_article_is_known_by_each_of_its_keys_and_committed_once() {
    both("articles: known by each key", |store| async move {
        let (a, b) = sections(&store).await;
        let id = commit(&store, article(a, 1, ReleaseAs::Quiet)).await;
        let keys = ["id:example.vn:1".to_owned(), "url:example.vn/tin/1.html".to_owned(), "url:else".to_owned()];
        let known = store.known(a, &keys).await.unwrap();
        assert_eq!(known.len(), 2);
        assert_eq!(known[&keys[1]].article_id, id);
        assert_eq!(known[&keys[1]].listing_hash.as_deref(), Some("h"));
        assert_eq!(store.known(b, &keys[..1]).await.unwrap()[&keys[0]].listing_hash, None);
        // Another section that found it at the same moment gets the same article.
        let again = store.commit_new(&[article(b, 1, ReleaseAs::Quiet)], NOW).await.unwrap();
        assert_eq!(again, [Committed::Known(id)]);
        let stored = store.feed_articles(&[a, b], 10).await.unwrap();
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].1, [a, b]);
        assert!(stored[0].0.public_id.starts_with("tag:example.vn,2026:"));
    });
}

#[test]
fn feeds_show_the_newest_first_and_keep_the_order_of_the_page() {
    both("articles: order of feeds", |store| async move {
        let (a, _) = sections(&store).await;
        let mut same_day: Vec<_> = (1..=3).map(|n| article(a, n, ReleaseAs::Quiet)).collect();
        for article in &mut same_day {
            article.feed_date = crate::fixture::at(NOW);
        }
        store.commit_new(&same_day, NOW).await.unwrap();
        commit(&store, article(a, 0, ReleaseAs::Out)).await;
        commit(&store, article(a, 9, ReleaseAs::Out)).await;
        let titles: Vec<_> =
            store.feed_articles(&[a], 4).await.unwrap().into_iter().map(|(x, _)| x.reading.title).collect();
        assert_eq!(titles[0], "Đảng bộ tỉnh, bài 9");
        assert_eq!(titles.len(), 4);
        let older = store.older_articles(a, Some((NOW, i64::MAX)), 10).await.unwrap();
        assert_eq!(older.len(), 4, "all but number 9");
        let first = &older[0];
        let rest = store.older_articles(a, Some((first.feed_date.timestamp_millis(), first.id)), 10).await.unwrap();
        assert_eq!(rest, older[1..]);
    });
}

#[test]
fn an_edit_is_an_edit_and_new_rules_are_none() {
    both("articles: revisions", |store| async move {
        let (a, _) = sections(&store).await;
        let id = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        let reread = async |reading: &bantin::article::Reading, extraction: &str| {
            let v = bantin::fetch::Validators::default();
            store.commit_reread(id, reading, extraction, &v, Some("page"), 1, None, None, NOW + 5).await.unwrap()
        };
        assert_eq!(reread(&reading(1), "1.x").await, Reread::Same);
        let mut changed = reading(1);
        changed.text.push_str(", sửa");
        assert_eq!(reread(&changed, "1.x").await, Reread::Edited(2));
        let stored = store.article(id).await.unwrap().unwrap();
        assert_eq!((stored.revision, stored.updated_at.timestamp_millis()), (2, NOW + 5));
        assert_eq!(stored.feed_date.timestamp_millis(), NOW + 1_000, "the feed date never moves");
        changed.text.push_str(", đọc khác");
        assert_eq!(reread(&changed, "2.x").await, Reread::Replaced);
        let stored = store.article(id).await.unwrap().unwrap();
        assert_eq!((stored.revision, stored.reading.text.as_str()), (2, "Nội dung 1, sửa, đọc khác"));
        assert_eq!(store.page(id).await.unwrap().as_deref(), Some("page"));
    });
}

#[test]
fn withdrawn_means_missing_twice() {
    both("articles: withdrawal", |store| async move {
        let (a, _) = sections(&store).await;
        let id = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        assert_eq!(store.next_read().await.unwrap(), Some(NOW + 600_000));
        let due = store.due_reads(NOW + 600_000, 10).await.unwrap();
        assert_eq!((due.len(), due[0].section.as_str(), due[0].validators.etag.as_deref()), (1, "a", Some("\"1\"")));
        let (apart, next) = (1_800_000, NOW + 1_800_000);
        assert_eq!(store.page_gone(id, apart, next, None, NOW).await.unwrap(), Gone::Once);
        assert_eq!(store.page_gone(id, apart, next, None, NOW + 1_000).await.unwrap(), Gone::Once);
        // It came back in between: the count begins again.
        store.plan_read(id, 2, Some(next), true).await.unwrap();
        assert_eq!(store.page_gone(id, apart, next, None, NOW + apart + 1).await.unwrap(), Gone::Once);
        assert_eq!(store.page_gone(id, apart, next, None, NOW + 2 * apart + 1).await.unwrap(), Gone::Withdrawn);
        assert!(store.feed_articles(&[a], 10).await.unwrap().is_empty());
        assert!(store.older_articles(a, None, 10).await.unwrap().is_empty());
        let stones = store.tombstones(&[a], NOW).await.unwrap();
        assert_eq!((stones.len(), stones[0].when.timestamp_millis()), (1, NOW + 2 * apart + 1));
        assert!(!store.withdraw(id, NOW).await.unwrap(), "once");
        assert_eq!(store.next_read().await.unwrap(), None);
    });
}

#[test]
fn a_changed_entry_is_read_at_once_and_articles_are_found_by_any_name() {
    both("articles: changed entry, finding, lists", |store| async move {
        let (a, b) = sections(&store).await;
        let id = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.listing_changed(a, id, "other", NOW + 7).await.unwrap();
        assert_eq!(store.next_read().await.unwrap(), Some(NOW + 7));
        store.commit_also(b, &[also(id, "url:example.vn/khac.html", "h2")], NOW).await.unwrap();
        assert_eq!(store.sections_of(&[id]).await.unwrap()[&id], [a, b]);
        for name in [
            id.to_string(),
            "https://example.vn/tin/1.html?utm_source=x".into(),
            "http://www.example.vn/khac.html".into(),
        ] {
            assert_eq!(store.find_article(&name).await.unwrap(), Some(id), "{name}");
        }
        assert_eq!(store.find_article("https://example.vn/none").await.unwrap(), None);
        let rows = store.article_rows(a, 10).await.unwrap();
        assert_eq!((rows.len(), rows[0].release.as_str()), (1, "out"));
        assert_eq!(store.section_counts().await.unwrap().len(), 2);
    });
}

#[test]
fn sections_keep_their_identity_under_a_new_slug() {
    both("sections: identity, outcome, pause, validators", |store| async move {
        let (a, b) = sections(&store).await;
        store.seeded(a, NOW).await.unwrap();
        store.sync_sections(&[("new".into(), vec!["a".into()])], NOW + 1).await.unwrap();
        let sections = store.sections().await.unwrap();
        assert_eq!(sections.len(), 1);
        assert_eq!((sections[0].id, sections[0].slug.as_str(), sections[0].seeded_at), (a, "new", Some(NOW)));
        // A section that comes back after an absence begins anew: what happened meanwhile is not pushed.
        store.seeded(b, NOW).await.unwrap();
        store.sync_sections(&[("new".into(), vec![]), ("b".into(), vec![])], NOW + 2).await.unwrap();
        assert_eq!(store.section("b").await.unwrap().unwrap().seeded_at, None);
        assert!(store.section_outcome(a, "503", NOW + 3).await.unwrap());
        assert!(!store.section_outcome(a, "503", NOW + 4).await.unwrap(), "a quiet cycle writes nothing");
        assert_eq!(store.section("new").await.unwrap().unwrap().outcome_at, Some(NOW + 3));
        assert!(store.pause("new", true, None).await.unwrap() && store.section("new").await.unwrap().unwrap().paused);
        assert!(!store.pause("none", true, None).await.unwrap());
        let validators = bantin::fetch::Validators { etag: Some("\"x\"".into()), ..Default::default() };
        store.set_validators(&[("https://example.vn/".to_owned(), validators.clone())]).await.unwrap();
        store.set_validators(&[("https://example.vn/".to_owned(), validators.clone())]).await.unwrap();
        assert_eq!(store.validators("https://example.vn/").await.unwrap(), Some(validators));
        store.forget_validators("https://example.vn/").await.unwrap();
        assert_eq!(store.validators("https://example.vn/").await.unwrap(), None);
        store.unseed_all(None).await.unwrap();
        assert!(store.sections().await.unwrap().iter().all(|s| s.seeded_at.is_none()));
    });
}

#[test]
fn facts_are_written_once_and_the_revision_counts_commits() {
    both("meta: facts and revision", |store| async move {
        let (a, _) = sections(&store).await;
        store.ping().await.unwrap();
        assert_eq!(store.set_meta_once("authority", "one").await.unwrap(), "one");
        assert_eq!(store.set_meta_once("authority", "two").await.unwrap(), "one");
        let before = store.revision().await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Quiet)).await;
        assert_eq!(store.revision().await.unwrap(), before + 1);
        store.raise_revision(100).await.unwrap();
        store.raise_revision(50).await.unwrap();
        assert_eq!(store.revision().await.unwrap(), 100);
    });
}
