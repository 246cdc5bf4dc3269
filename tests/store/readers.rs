//! Readers by e-mail: asking, confirming, preferring, leaving.

use bantin::config::Language;
use bantin::store::{Asked, ReleaseAs};

use crate::fixture::{NOW, article, both, claim, commit, sections};

const DAY: i64 = 24 * 3_600_000;

#[test]
fn nothing_is_followed_before_the_button_is_pressed() {
    both("readers: double opt-in", |store| async move {
        let (a, _) = sections(&store).await;
        let ask =
            async |now| store.subscribe("Doc.Gia@example.vn", &[a], "now", Language::Vi, "wording", now).await.unwrap();
        assert_eq!(ask(NOW).await, Asked::Queued);
        assert_eq!(ask(NOW + 1).await, Asked::Recently, "one confirmation a day");
        assert_eq!(
            store.subscribe("doc.gia@EXAMPLE.vn", &[a], "now", Language::Vi, "w", NOW + 2).await.unwrap(),
            Asked::Recently
        );
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        let mails = claim(&store, "email", 10, NOW).await;
        assert_eq!(mails.iter().map(|m| m.kind.as_str()).collect::<Vec<_>>(), ["confirm"]);
        let id = mails[0].target_id;
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, "pending");
        assert!(!store.confirm(id, NOW + 99, NOW).await.unwrap(), "not the latest question");
        assert!(store.confirm(id, NOW, NOW + 5).await.unwrap());
        assert!(store.confirm(id, NOW, NOW + 6).await.unwrap(), "pressing twice is harmless");
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0, "a new reader gets nothing old");
        commit(&store, article(a, 2, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1);
        assert_eq!(ask(NOW + DAY).await, Asked::Queued);
        let reader = store.subscriber_by_email(" DOC.GIA@example.vn ").await.unwrap().unwrap();
        assert_eq!((reader.state.as_str(), reader.subscriptions.len()), ("active", 1), "asking again changes nothing");
    });
}

#[test]
fn leaving_takes_effect_before_the_next_send() {
    both("readers: leaving and preferences", |store| async move {
        let (a, b) = sections(&store).await;
        let id = store.add_subscriber("x@example.vn", &[a, b], "now", Language::En, "admin", NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        commit(&store, article(b, 2, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        store.leave(id, Some(a), NOW).await.unwrap();
        let mails = claim(&store, "email", 10, NOW).await;
        assert_eq!(mails.iter().map(|m| m.section_id).collect::<Vec<_>>(), [Some(b)]);
        store.set_preferences(id, &[(b, "weekly".into())], Language::Vi, NOW).await.unwrap();
        let reader = store.subscriber(id).await.unwrap().unwrap();
        assert_eq!(reader.language, Language::Vi);
        let active: Vec<_> = reader.subscriptions.iter().filter(|s| s.2).collect();
        assert_eq!((active.len(), active[0].0, active[0].1.as_str()), (1, b, "weekly"));
        store.leave(id, None, NOW).await.unwrap();
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, "left");
        assert_eq!(store.subscribers(0, 10).await.unwrap().len(), 1);
        // Somebody who left can come back, by asking and confirming only.
        assert_eq!(
            store.subscribe("x@example.vn", &[a], "daily", Language::Vi, "w", NOW).await.unwrap(),
            Asked::Queued
        );
        assert!(store.confirm(id, NOW, NOW).await.unwrap());
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, "active");
    });
}
