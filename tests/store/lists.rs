//! Readers in bulk, and readers who are erased.

use bantin::config::Language;
use bantin::store::{Imported, Newcomer, ReleaseAs, Standing};

use crate::fixture::{NOW, article, both, claim, commit, sections};

fn one(email: &str, sections: &[i64]) -> Newcomer {
    Newcomer {
        email: email.into(),
        sections: sections.to_vec(),
        cadence: "daily",
        language: Language::Vi,
        standing: Standing::Active,
        consent: "imported: form".into(),
        consent_at: NOW - 1,
    }
}

#[test]
fn a_list_brings_back_nobody_who_left_bounced_or_was_erased() {
    both("lists: suppressed addresses stay so", |store| async move {
        let (a, b) = sections(&store).await;
        let eraser = store.eraser().await.unwrap();
        let add =
            async |email: &str| store.add_subscriber(email, &[a], "now", Language::En, "admin", NOW).await.unwrap();
        let (left, forgotten, stays) = (add("left@x.vn").await, add("Erased@x.vn").await, add("stays@x.vn").await);
        store.leave(left, None, NOW).await.unwrap();
        store.leave(stays, Some(a), NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        assert!(store.erase("erased@X.vn", NOW).await.unwrap());
        assert!(store.subscriber(forgotten).await.unwrap().is_none());
        assert!(claim(&store, "email", 10, NOW).await.is_empty(), "nothing goes to who was erased");
        assert!(!store.erase("never@x.vn", NOW).await.unwrap(), "erased beforehand");
        let list = ["left@x.vn", "ERASED@x.vn", "Stays@x.vn", "new@x.vn", "NEW@x.vn", "never@x.vn"];
        let list: Vec<_> = list.iter().map(|email| one(email, &[a, b])).collect();
        let first = store.import(&eraser, &list, NOW).await.unwrap();
        assert_eq!(first, Imported { added: 1, known: 2, suppressed: 1, erased: 2 });
        let again = store.import(&eraser, &list, NOW + 1).await.unwrap();
        assert_eq!(again, Imported { added: 0, known: 3, suppressed: 1, erased: 2 }, "nothing twice");
        let stays = store.subscriber(stays).await.unwrap().unwrap();
        assert_eq!(
            stays.subscriptions,
            [(a, "now".into(), false), (b, "daily".into(), true)],
            "what was left stays left"
        );
        let new = store.subscriber_by_email("new@x.vn").await.unwrap().unwrap();
        assert_eq!((new.state.as_str(), new.consent_at, new.subscriptions.len()), ("active", NOW - 1, 2));
        assert_eq!(store.erased_count().await.unwrap(), 2);
        // Nothing old is sent to who came by a list.
        commit(&store, article(a, 2, ReleaseAs::Out)).await;
        let slot = store.expand_digests("daily", 0, NOW + 10, NOW + 10).await.unwrap();
        assert_eq!(slot.deliveries, 1, "to new@x.vn, of what is new since");
        let all = store.export(i64::MIN, 100).await.unwrap();
        assert_eq!(all.len(), 3);
        let new = all.iter().find(|reader| reader.email == "new@x.vn").unwrap();
        assert_eq!(new.follows, [("a".to_owned(), "daily".to_owned()), ("b".to_owned(), "daily".to_owned())]);
        // Who subscribes again by themselves is welcome.
        store.subscribe("erased@x.vn", &[a], "now", Language::Vi, "wording", NOW + 20).await.unwrap();
        assert!(store.is_erased("erased@x.vn").await.unwrap(), "not before it is confirmed");
        let id = store.subscriber_by_email("erased@x.vn").await.unwrap().unwrap().id;
        assert!(store.confirm(id, NOW + 20, NOW + 21).await.unwrap());
        assert!(!store.is_erased("erased@x.vn").await.unwrap());
        assert!(
            store.erase_subscriber(id, NOW + 22).await.unwrap() && !store.erase_subscriber(id, NOW + 23).await.unwrap()
        );
    });
}

#[test]
fn nothing_of_an_erased_reader_is_left() {
    both("lists: an erased address is nowhere", |store| async move {
        let (a, _) = sections(&store).await;
        let id = store.add_subscriber("bi-mat@example.vn", &[a], "now", Language::Vi, "consent", NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        store.subscribe("bi-mat@example.vn", &[a], "now", Language::Vi, "wording", NOW).await.unwrap();
        let before = store.row_counts().await.unwrap();
        assert!(before.contains(&("subscribers".into(), 1)) && before.contains(&("deliveries".into(), 2)));
        assert!(store.erase_subscriber(id, NOW).await.unwrap());
        for table in ["subscribers", "targets", "subscriptions", "deliveries", "attempts", "bounces"] {
            assert!(store.row_counts().await.unwrap().contains(&(table.into(), 0)), "{table}");
        }
    });
}

#[test]
fn who_never_confirms_is_forgotten() {
    both("lists: unconfirmed addresses go", |store| async move {
        let (a, _) = sections(&store).await;
        for (email, at) in [("old@x.vn", NOW), ("fresh@x.vn", NOW + 10)] {
            store.subscribe(email, &[a], "now", Language::Vi, "wording", at).await.unwrap();
        }
        let active = store.add_subscriber("active@x.vn", &[a], "now", Language::Vi, "admin", NOW).await.unwrap();
        assert_eq!(store.erase_unconfirmed(NOW + 5).await.unwrap(), 1);
        assert!(store.subscriber_by_email("old@x.vn").await.unwrap().is_none());
        assert!(store.subscriber_by_email("fresh@x.vn").await.unwrap().is_some());
        assert!(store.subscriber(active).await.unwrap().is_some());
        assert!(!store.is_erased("old@x.vn").await.unwrap() && store.bytes().await.unwrap() > 4096);
    });
}

#[test]
fn more_than_one_statement_takes() {
    both("lists: thousands at a time", |store| async move {
        let (a, b) = sections(&store).await;
        let many: Vec<_> = (0..2_000).map(|n| one(&format!("Reader.{n}@x.vn"), &[a, b])).collect();
        let eraser = store.eraser().await.unwrap();
        let done = store.import(&eraser, &many, NOW).await.unwrap();
        assert_eq!((done.added, done.known), (2_000, 0));
        let (mut after, mut count) = (i64::MIN, 0);
        loop {
            let page = store.export(after, 300).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.id;
            assert!(page.iter().all(|reader| reader.follows.len() == 2 && reader.state == "active"));
            count += page.len();
        }
        assert_eq!(count, 2_000);
    });
}
