//! Holds of every kind, the digests decided on, budgets, and alerts.

use std::collections::{HashMap, HashSet};

use bantin::article::Reading;
use bantin::config::Language;
use bantin::fetch::Validators;
use bantin::store::{Decision, Gone, HoldKind, ReleaseAs, Reread, Settled, Store, Told};

use crate::fixture::{NOW, article, both, claim, commit, reading, sections};

const HOUR: i64 = 3_600_000;

async fn hold(store: &Store, section: i64, kind: HoldKind) -> i64 {
    store.hold(section, kind, &Told::new("hold-run", &[("new", 30), ("most", 15)]), NOW).await.unwrap()
}

/// Makes a chat and a daily reader follow a section.
async fn followed(store: &Store, section: i64) {
    store.sync_subscriptions("telegram", &[(section, "@x".into(), "now")], NOW).await.unwrap();
    store.add_subscriber("a@example.vn", &[section], "daily", Language::Vi, "test", NOW).await.unwrap();
}

async fn payloads(store: &Store, kind: &str) -> Vec<String> {
    let all = store.deliveries(None, 1000).await.unwrap();
    all.into_iter().filter(|delivery| delivery.kind == kind).map(|delivery| delivery.payload).collect()
}

#[test]
fn what_is_suspicious_joins_the_open_hold_and_one_of_nothing_leaves_none() {
    both("holds: one of a kind is open in a section", |store| async move {
        let (a, b) = sections(&store).await;
        let first = hold(&store, a, HoldKind::New).await;
        assert_eq!(hold(&store, a, HoldKind::New).await, first);
        assert_ne!(hold(&store, a, HoldKind::Edits).await, first);
        assert_ne!(hold(&store, b, HoldKind::New).await, first);
        assert_eq!(store.hold_is_whole(first, NOW).await.unwrap(), None, "it keeps back nothing");
        assert_eq!(store.holds().await.unwrap().len(), 2);
        let again = hold(&store, a, HoldKind::New).await;
        commit(&store, article(a, 1, ReleaseAs::Held(again))).await;
        let words = store.hold_is_whole(again, NOW).await.unwrap().unwrap();
        assert!(words.starts_with("30 new articles in one look"), "{words}");
    });
}

#[test]
fn one_digest_instead_of_many_messages() {
    both("holds: a digest reaches everybody once", |store| async move {
        let (a, _) = sections(&store).await;
        followed(&store, a).await;
        let held = hold(&store, a, HoldKind::New).await;
        for n in 1..=4 {
            commit(&store, article(a, n, ReleaseAs::Held(held))).await;
        }
        assert_eq!(store.expand_digests("daily", 0, 1, NOW).await.unwrap().deliveries, 0, "held for all");
        assert_eq!(store.settle_hold(held, Decision::Digest, NOW).await.unwrap(), Settled::Done(4));
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        while store.has_hold_digests().await.unwrap() {
            store.expand_hold_digests(&HashSet::new(), NOW).await.unwrap();
        }
        let digests = payloads(&store, "digest").await;
        assert_eq!(digests.len(), 1, "{digests:?}");
        assert_eq!(digests[0].matches(&format!(",{a}]")).count(), 4, "{digests:?}");
        assert_eq!(store.expand_digests("daily", 0, 2, NOW).await.unwrap().deliveries, 1, "the reader's next digest");
        assert_eq!(store.expand_digests("daily", 0, 3, NOW).await.unwrap().deliveries, 0);
        assert_eq!(store.expand_hold_digests(&HashSet::new(), NOW).await.unwrap().deliveries, 0);
        let list = hold(&store, a, HoldKind::List).await;
        assert_eq!(store.settle_hold(list, Decision::Digest, NOW).await.unwrap(), Settled::NoDigest);
    });
}

#[test]
fn what_is_late_is_in_digests_at_once_and_posted_when_approved() {
    both("holds: late articles go into digests", |store| async move {
        let (a, _) = sections(&store).await;
        followed(&store, a).await;
        let late = hold(&store, a, HoldKind::Late).await;
        commit(&store, article(a, 1, ReleaseAs::Late(late))).await;
        commit(&store, article(a, 2, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1, "the chat gets the fresh one");
        assert_eq!(store.expand_digests("daily", 0, 1, NOW).await.unwrap().deliveries, 1);
        let digests = payloads(&store, "digest").await;
        assert_eq!(digests[0].matches(&format!(",{a}]")).count(), 2, "the reader gets both: {digests:?}");
        assert_eq!(store.settle_hold(late, Decision::Approve, NOW).await.unwrap(), Settled::Done(1));
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1);
        assert_eq!(store.expand_digests("daily", 0, 2, NOW).await.unwrap().deliveries, 0, "not again");
    });
}

#[test]
fn changes_wait_with_their_hold() {
    both("holds: edits and withdrawals", |store| async move {
        let (a, _) = sections(&store).await;
        followed(&store, a).await;
        let id = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        let gone = commit(&store, article(a, 2, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        for _ in 0..2 {
            let claimed = claim(&store, "telegram", 10, NOW).await;
            let sent = claimed.into_iter().map(|delivery| {
                let posted = bantin::channel::Posted { chat: "@x".into(), message: "1".into(), ..Default::default() };
                (delivery, bantin::store::Settle::Sent { posted, revision: 1 })
            });
            store.settle("me", &sent.collect::<Vec<_>>(), NOW).await.unwrap();
        }
        let changed = Reading { title: "Khác".into(), ..reading(1) };
        let edits = hold(&store, a, HoldKind::Edits).await;
        let v = Validators::default();
        let outcome = store.commit_reread(id, &changed, "1.x", &v, None, 1, None, Some(edits), NOW + 1).await.unwrap();
        assert_eq!(outcome, Reread::Held);
        let now = store.article(id).await.unwrap().unwrap();
        assert_eq!((now.reading.title.as_str(), now.revision), ("Khác", 1), "feeds have it, as no change");
        assert_eq!(payloads(&store, "edit").await.len(), 0);
        assert_eq!(store.changed_since(a, HoldKind::Edits, NOW).await.unwrap(), 1);
        assert_eq!(store.holds().await.unwrap()[0].samples, ["Khác"]);
        assert_eq!(store.settle_hold(edits, Decision::Approve, NOW + 2).await.unwrap(), Settled::Done(1));
        assert_eq!(payloads(&store, "edit").await.len(), 1);
        assert_eq!(store.article(id).await.unwrap().unwrap().revision, 2);

        let withdrawals = hold(&store, a, HoldKind::Withdrawals).await;
        assert_eq!(store.page_gone(gone, 10, 0, None, NOW).await.unwrap(), Gone::Once);
        assert_eq!(store.page_gone(gone, 10, 0, Some(withdrawals), NOW + 20).await.unwrap(), Gone::Held);
        assert_eq!(payloads(&store, "delete").await.len(), 0);
        assert_eq!(store.settle_hold(withdrawals, Decision::Seen, NOW + 30).await.unwrap(), Settled::Done(1));
        assert!(store.article(gone).await.unwrap().unwrap().withdrawn_at.is_none(), "it stays");
        let withdrawals = hold(&store, a, HoldKind::Withdrawals).await;
        store.page_gone(gone, 10, 0, None, NOW + 40).await.unwrap();
        store.page_gone(gone, 10, 0, Some(withdrawals), NOW + 60).await.unwrap();
        assert_eq!(store.settle_hold(withdrawals, Decision::Approve, NOW + 70).await.unwrap(), Settled::Done(1));
        assert_eq!(payloads(&store, "delete").await.len(), 1);
    });
}

#[test]
fn a_chat_has_a_budget_and_the_rest_is_one_digest() {
    both("holds: the budget of a chat", |store| async move {
        let (a, _) = sections(&store).await;
        followed(&store, a).await;
        let budgets = HashMap::from([(a, 3)]);
        for n in 1..=5 {
            commit(&store, article(a, n, ReleaseAs::Out)).await;
        }
        store.expand_now_within(&budgets, NOW).await.unwrap();
        assert_eq!(payloads(&store, "post").await.len(), 3);
        commit(&store, article(a, 6, ReleaseAs::Out)).await;
        store.expand_now_within(&budgets, NOW + 60_000).await.unwrap();
        let digests = payloads(&store, "digest").await;
        assert_eq!((digests.len(), digests[0].matches(&format!(",{a}]")).count()), (1, 3), "{digests:?}");
        assert_eq!(claim(&store, "telegram", 10, NOW + HOUR - 1).await.len(), 1, "the digest waits, the posts do not");
        commit(&store, article(a, 7, ReleaseAs::Out)).await;
        store.expand_now_within(&budgets, NOW + 2 * HOUR).await.unwrap();
        assert_eq!(payloads(&store, "post").await.len(), 4, "the next hour");
    });
}

#[test]
fn an_alert_is_queued_once_and_a_section_is_told_seldom() {
    both("holds: alerts", |store| async move {
        let (a, b) = sections(&store).await;
        let admins = [("telegram", "@admin".to_owned()), ("email", "admin@example.vn".to_owned())];
        let first = hold(&store, a, HoldKind::New).await;
        commit(&store, article(a, 1, ReleaseAs::Held(first))).await;
        assert_eq!(store.queue_alerts(&admins, NOW + 1).await.unwrap(), 0, "the run is not done");
        store.hold_is_whole(first, NOW + 2).await.unwrap();
        assert_eq!(store.queue_alerts(&admins, NOW + 2).await.unwrap(), 2);
        assert_eq!(store.queue_alerts(&admins, NOW + 3).await.unwrap(), 0, "once");
        let told = payloads(&store, "alert").await;
        assert!(told[0].contains("\"count\":1") && told[0].contains("Đảng bộ tỉnh, bài 1"), "{told:?}");
        // A second hold of the section waits for six hours; another section does not.
        let second = hold(&store, a, HoldKind::Late).await;
        commit(&store, article(a, 2, ReleaseAs::Held(second))).await;
        let other = hold(&store, b, HoldKind::New).await;
        commit(&store, article(b, 3, ReleaseAs::Held(other))).await;
        let settled = hold(&store, b, HoldKind::Late).await;
        commit(&store, article(b, 4, ReleaseAs::Held(settled))).await;
        store.settle_hold(settled, Decision::Seen, NOW + 4).await.unwrap();
        // A daemon that was killed in the run tells it too, later.
        assert_eq!(store.queue_alerts(&admins, NOW + 20 * 60_000).await.unwrap(), 2);
        assert_eq!(store.queue_alerts(&admins, NOW + 5 * HOUR).await.unwrap(), 0);
        assert_eq!(store.queue_alerts(&admins, NOW + 7 * HOUR).await.unwrap(), 2);
        assert_eq!(store.queue_alerts(&admins, NOW + 99 * HOUR).await.unwrap(), 0, "what is settled is not told");
    });
}
