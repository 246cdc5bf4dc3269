//! Releases, cursors, expansion, digests, slots and holds.

use std::collections::HashMap;

use bantin::store::{Decision, HoldKind, ReleaseAs, Settled, SlotState, Told};

use crate::fixture::{NOW, also, article, both, claim, commit, sections};

#[test]
fn a_new_target_begins_at_the_head_and_gets_each_article_once() {
    both("flow: a new target gets nothing old, then each article once", |store| async move {
        let (a, b) = sections(&store).await;
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "now"), (b, "@x".into(), "now")], NOW).await.unwrap();
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0, "nothing old");
        let second = commit(&store, article(a, 2, ReleaseAs::Out)).await;
        commit(&store, article(a, 3, ReleaseAs::Quiet)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1);
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        // The same article in another section that the chat follows is not sent again.
        store.commit_also(b, &[also(second, "x", "h")], NOW).await.unwrap();
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        // A chat that was taken out and put back begins at the head.
        store.sync_subscriptions("telegram", &[], NOW).await.unwrap();
        commit(&store, article(a, 4, ReleaseAs::Out)).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "now")], NOW).await.unwrap();
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        commit(&store, article(a, 5, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1);
    });
}

#[test]
fn a_delay_is_waited_for_and_a_withdrawn_article_never_goes_out() {
    both("flow: delay", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "now")], NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Waiting(NOW + 1_000))).await;
        let gone = commit(&store, article(a, 2, ReleaseAs::Waiting(NOW + 1_000))).await;
        assert_eq!(store.next_waiting().await.unwrap(), Some(NOW + 1_000));
        assert_eq!(store.let_out_due(NOW + 999).await.unwrap(), 0);
        store.withdraw(gone, NOW).await.unwrap();
        assert_eq!(store.let_out_due(NOW + 1_000).await.unwrap(), 1);
        assert_eq!(store.next_waiting().await.unwrap(), None);
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1);
        assert_eq!(store.heads().await.unwrap()[&a], 1);
        assert_eq!(store.released_since(a, NOW).await.unwrap(), 1);
        assert_eq!(store.released_since(a, NOW + 1).await.unwrap(), 0);
    });
}

#[test]
fn a_digest_has_what_is_new_once_however_the_cadence_changes() {
    both("flow: digests", |store| async move {
        let (a, b) = sections(&store).await;
        let vi = bantin::config::Language::Vi;
        let id = store.add_subscriber("x@example.vn", &[a, b], "daily", vi, "test", NOW).await.unwrap();
        assert_eq!(store.expand_digests("daily", 0, 1, NOW).await.unwrap().deliveries, 0, "no empty digest");
        let one = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.commit_also(b, &[also(one, "x", "h")], NOW).await.unwrap();
        let two = commit(&store, article(b, 2, ReleaseAs::Out)).await;
        assert_eq!(store.expand_digests("daily", 0, 2, NOW).await.unwrap().deliveries, 1);
        assert_eq!(store.expand_digests("daily", 0, 2, NOW).await.unwrap().deliveries, 0);
        let mails = claim(&store, "email", 10, NOW).await;
        let list: serde_json::Value = serde_json::from_str(&mails[0].payload).unwrap();
        let ids: Vec<_> = list["articles"].as_array().unwrap().iter().map(|p| p[0].as_i64().unwrap()).collect();
        assert_eq!(ids, [two, one], "newest first, the shared one once");
        // Section a changes to "now": what was in the digest does not come again, what is new comes at once.
        store.set_preferences(id, &[(a, "now".into()), (b, "daily".into())], vi, NOW).await.unwrap();
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        let three = commit(&store, article(a, 3, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1);
        store.commit_also(b, &[also(three, "y", "h")], NOW).await.unwrap();
        assert_eq!(store.expand_digests("daily", 0, 3, NOW).await.unwrap().deliveries, 0, "it came at once already");
    });
}

#[test]
fn fixed_times_of_a_chat() {
    both("flow: fixed times of a chat", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "at")], NOW).await.unwrap();
        for n in 1..=3 {
            commit(&store, article(a, n, ReleaseAs::Out)).await;
        }
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0, "it waits for its time");
        let subscriptions = store.subscriptions_at(a).await.unwrap();
        assert_eq!(subscriptions[0].1, "@x");
        assert_eq!(store.expand_one(subscriptions[0].0, &HashMap::new(), NOW).await.unwrap().deliveries, 3);
        commit(&store, article(a, 4, ReleaseAs::Out)).await;
        assert_eq!(store.expand_digest_of(subscriptions[0].0, 5, NOW).await.unwrap().deliveries, 1);
        assert_eq!(store.expand_digest_of(subscriptions[0].0, 6, NOW).await.unwrap().deliveries, 0);
    });
}

#[test]
fn a_slot_is_taken_once_and_stays_open_until_it_is_done() {
    both("flow: slots", |store| async move {
        assert_eq!(store.slot_state("s", 1).await.unwrap(), SlotState::First);
        assert!(store.take_slot("s", 1, true, NOW).await.unwrap());
        assert_eq!(store.slot_state("s", 1).await.unwrap(), SlotState::Done);
        assert_eq!(store.slot_state("s", 2).await.unwrap(), SlotState::Free);
        assert!(store.take_slot("s", 2, false, NOW).await.unwrap());
        assert!(!store.take_slot("s", 2, false, NOW).await.unwrap());
        assert_eq!(store.slot_state("s", 2).await.unwrap(), SlotState::Open);
        store.slot_done("s", 2).await.unwrap();
        assert_eq!(store.slot_state("s", 2).await.unwrap(), SlotState::Done);
    });
}

#[test]
fn a_hold_keeps_back_until_somebody_decides() {
    both("flow: holds", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "now")], NOW).await.unwrap();
        let hold = store.hold(a, HoldKind::New, &Told::words("too many"), NOW).await.unwrap();
        for n in 1..=4 {
            commit(&store, article(a, n, ReleaseAs::Held(hold))).await;
        }
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        assert_eq!(store.feed_articles(&[a], 10).await.unwrap().len(), 4, "feeds show them meanwhile");
        let holds = store.holds().await.unwrap();
        assert_eq!((holds.len(), holds[0].count, holds[0].samples.len()), (1, 4, 3));
        assert_eq!(store.settle_hold(hold, Decision::Approve, NOW).await.unwrap(), Settled::Done(4));
        assert_eq!(store.settle_hold(hold, Decision::Approve, NOW).await.unwrap(), Settled::Unknown);
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 4);
        let second = store.hold(a, HoldKind::New, &Told::words("again"), NOW).await.unwrap();
        commit(&store, article(a, 9, ReleaseAs::Held(second))).await;
        assert_eq!(store.expire_holds(NOW, NOW).await.unwrap(), 0);
        assert_eq!(store.expire_holds(NOW + 1, NOW).await.unwrap(), 1);
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0, "seen, not pushed");
    });
}
