//! Claims, leases, the governor, settling, and what an admin may do.

use bantin::channel::{Limit, Posted};
use bantin::config::OnUncertain;
use bantin::store::{Claim, Delivery, ReleaseAs, Settle, Store};

use crate::fixture::{NOW, article, both, claim, commit, reading, sections};

/// `articles` articles, expanded to `chats` chats.
async fn queued(store: &Store, articles: i64, chats: &[&str]) -> (i64, Vec<i64>) {
    let (a, _) = sections(store).await;
    let wanted: Vec<_> = chats.iter().map(|c| (a, (*c).to_owned(), "now")).collect();
    store.sync_subscriptions("telegram", &wanted, NOW).await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=articles {
        ids.push(commit(store, article(a, n, ReleaseAs::Out)).await);
    }
    store.expand_now(NOW).await.unwrap();
    (a, ids)
}

fn sent(d: &Delivery, revision: i64) -> (Delivery, Settle) {
    let posted = Posted { chat: d.address.clone(), message: "7".into(), ..Posted::default() };
    (d.clone(), Settle::Sent { posted, revision })
}

const HOUR: i64 = 3_600_000;

#[test]
fn a_chat_gets_its_messages_in_order_one_at_a_time() {
    both("deliveries: order within a chat", |store| async move {
        let (_, ids) = queued(&store, 3, &["@x", "@y"]).await;
        for id in ids {
            let claimed = claim(&store, "telegram", 10, NOW).await;
            assert_eq!(claimed.iter().map(|d| d.article_id.unwrap()).collect::<Vec<_>>(), [id, id], "one a chat");
            assert!(claim(&store, "telegram", 10, NOW).await.is_empty(), "the next waits for the first");
            let done: Vec<_> = claimed.iter().map(|d| sent(d, 1)).collect();
            assert_eq!(store.settle("me", &done, NOW).await.unwrap(), 2);
        }
        assert!(claim(&store, "telegram", 10, NOW).await.is_empty());
        let counts = store.queue_counts().await.unwrap();
        assert_eq!((counts.len(), counts[0].state.as_str(), counts[0].count), (1, "sent", 6));
        assert_eq!(store.open_counts().await.unwrap(), [], "nothing is open");
    });
}

#[test]
fn only_the_claimer_settles_and_a_stopped_one_is_taken_over() {
    both("deliveries: leases and takeover", |store| async move {
        queued(&store, 1, &["@x"]).await;
        let claimed = claim(&store, "telegram", 1, NOW).await;
        assert_eq!(store.settle("somebody else", &[sent(&claimed[0], 1)], NOW).await.unwrap(), 0);
        let (again, never) = (|_: &str| OnUncertain::AtLeastOnce, |_: &str| OnUncertain::AtMostOnce);
        assert_eq!(store.recover("telegram", again, false, "", NOW + 1_000).await.unwrap(), 0, "the lease runs");
        assert_eq!(store.renew_leases("me", NOW + 50_000).await.unwrap(), [claimed[0].id]);
        assert_eq!(store.recover("telegram", again, false, "", NOW + 70_000).await.unwrap(), 0, "it was renewed");
        if store.is_shared() {
            // Several instances go by the database's clock: one whose own leaps takes nothing from the others.
            let leap = NOW + 400 * 86_400_000;
            assert_eq!(store.recover("telegram", again, false, "", leap).await.unwrap(), 0, "a clock that leapt");
            assert_eq!(store.recover("telegram", again, true, "", NOW + 120_000).await.unwrap(), 1);
        } else {
            assert_eq!(store.recover("telegram", again, false, "", NOW + 120_000).await.unwrap(), 1);
        }
        assert_eq!(store.settle("me", &[sent(&claimed[0], 1)], NOW).await.unwrap(), 0, "too late: it was taken over");
        let second = claim(&store, "telegram", 1, NOW + 120_000).await;
        assert_eq!(second[0].dedup, claimed[0].dedup, "the same identity");
        // A restart on one's own database need not wait for leases.
        assert_eq!(store.recover("telegram", never, true, "", NOW + 120_001).await.unwrap(), 1);
        assert!(claim(&store, "telegram", 1, NOW + 120_001).await.is_empty(), "at most once: it is not sent again");
        assert_eq!(store.deliveries(Some("uncertain"), 10).await.unwrap().len(), 1);
        let story = store.delivery(claimed[0].id).await.unwrap().unwrap().attempts;
        assert_eq!(
            story.iter().map(|a| (a.outcome.as_str(), a.instance.as_str())).collect::<Vec<_>>(),
            [("interrupted", "me"), ("interrupted", "me")]
        );
    });
}

#[test]
fn limits_are_shared_and_obeyed() {
    both("deliveries: governor", |store| async move {
        queued(&store, 4, &["@x", "@y"]).await;
        let limits = |d: &bantin::store::Delivery| {
            let chat = d.address.as_str();
            vec![
                Limit { key: "telegram".into(), every_ms: 100, burst: 2, slack_ms: 0 },
                Limit { key: format!("telegram:{chat}"), every_ms: 1_000, burst: 1, slack_ms: 0 },
            ]
        };
        let take = async |now| {
            let claim = Claim { channel: "telegram", owner: "me", max: 10, ordered: true };
            store.claim(claim, limits, now).await.unwrap()
        };
        let first = take(NOW).await;
        assert_eq!(first.deliveries.len(), 2, "the two chats");
        let done: Vec<_> = first.deliveries.iter().map(|d| sent(d, 1)).collect();
        store.settle("me", &done, NOW).await.unwrap();
        let second = take(NOW + 10).await;
        assert!(second.deliveries.is_empty());
        assert_eq!(second.again_at, Some(NOW + 1_000));
        store.block_limit("telegram:@x", NOW + 60_000).await.unwrap();
        store.block_limit("telegram:@x", NOW + 5).await.unwrap();
        let third = take(NOW + 1_000).await;
        assert_eq!(third.deliveries.iter().map(|d| d.address.as_str()).collect::<Vec<_>>(), ["@y"]);
    });
}

#[test]
fn what_happens_to_an_article_on_its_way_is_not_forgotten() {
    both("deliveries: edit and delete of what was on its way", |store| async move {
        let (_, ids) = queued(&store, 2, &["@x"]).await;
        let first = claim(&store, "telegram", 1, NOW).await;
        let mut changed = reading(1);
        changed.title.push('!');
        let v = bantin::fetch::Validators::default();
        store.commit_reread(ids[0], &changed, "1.x", &v, None, 1, None, None, NOW).await.unwrap();
        store.settle("me", &[sent(&first[0], 1)], NOW).await.unwrap();
        let second = claim(&store, "telegram", 1, NOW).await;
        assert_eq!(second[0].article_id, Some(ids[1]), "in order: the second article's post");
        store.settle("me", &[sent(&second[0], 1)], NOW).await.unwrap();
        let edit = claim(&store, "telegram", 1, NOW).await;
        assert_eq!((edit[0].kind.as_str(), edit[0].article_id), ("edit", Some(ids[0])));
        assert!(store.posted_at(edit[0].target_id, ids[0]).await.unwrap().is_some());
        store.withdraw(ids[0], NOW).await.unwrap();
        store.settle("me", &[sent(&edit[0], 2)], NOW).await.unwrap();
        let delete = claim(&store, "telegram", 1, NOW).await;
        assert_eq!((delete[0].kind.as_str(), delete[0].article_id), ("delete", Some(ids[0])));
        store.settle("me", &[sent(&delete[0], 2)], NOW).await.unwrap();
        assert_eq!(store.posted_at(delete[0].target_id, ids[0]).await.unwrap(), None);
        assert!(claim(&store, "telegram", 1, NOW).await.is_empty());
    });
}

#[test]
fn a_withdrawn_article_that_is_still_queued_is_never_posted() {
    both("deliveries: withdrawn while queued", |store| async move {
        let (_, ids) = queued(&store, 1, &["@x"]).await;
        store.withdraw(ids[0], NOW).await.unwrap();
        assert!(claim(&store, "telegram", 1, NOW).await.is_empty());
        assert_eq!(store.deliveries(Some("dropped"), 10).await.unwrap().len(), 1);
    });
}

#[test]
fn retries_deaths_and_what_an_admin_may_do() {
    both("deliveries: retry, dead, gone, admin", |store| async move {
        let (a, ids) = queued(&store, 1, &["@x", "@y"]).await;
        let claimed = claim(&store, "telegram", 10, NOW).await;
        let retry = Settle::Retry { due: NOW + 500, counts: true, reason: "421".into() };
        let gone = Settle::Gone { target: "paused", reason: "kicked".into() };
        store.settle("me", &[(claimed[0].clone(), retry), (claimed[1].clone(), gone)], NOW).await.unwrap();
        assert!(claim(&store, "telegram", 10, NOW + 499).await.is_empty());
        let again = claim(&store, "telegram", 10, NOW + 500).await;
        assert_eq!((again.len(), again[0].attempts), (1, 1));
        store.settle("me", &[(again[0].clone(), Settle::Dead("no".into()))], NOW).await.unwrap();
        let detail = store.delivery(again[0].id).await.unwrap().unwrap();
        assert_eq!(detail.attempts.iter().map(|a| a.outcome.as_str()).collect::<Vec<_>>(), ["retry", "dead"]);
        assert!(detail.title.is_some());
        assert!(store.retry_delivery(again[0].id, NOW).await.unwrap());
        assert_eq!(claim(&store, "telegram", 10, NOW).await.len(), 1);
        assert!(!store.drop_delivery(again[0].id, NOW).await.unwrap(), "it is on its way");
        let resting = store.troubled_targets().await.unwrap();
        assert_eq!((resting.len(), resting[0].state.as_str(), resting[0].reason.as_str()), (1, "paused", "kicked"));
        assert_eq!(store.probe_paused(NOW, NOW + HOUR - 1).await.unwrap(), 0, "at most once an hour");
        assert_eq!(store.probe_paused(NOW, NOW + HOUR).await.unwrap(), 1);
        assert!(store.troubled_targets().await.unwrap().is_empty());
        let probe = claim(&store, "telegram", 10, NOW).await;
        assert_eq!((probe.len(), probe[0].id, probe[0].attempts), (1, claimed[1].id, 0), "it waited, nothing is lost");
        let gone = Settle::Gone { target: "paused", reason: "kicked".into() };
        store.settle("me", &[(probe[0].clone(), gone)], NOW).await.unwrap();
        assert_eq!(store.probe_paused(NOW + 1, NOW + HOUR).await.unwrap(), 1);
        assert!(claim(&store, "telegram", 10, NOW + 1).await.is_empty(), "what waited too long is dropped");
        let target = store.target("telegram", "@z", NOW).await.unwrap();
        assert!(store.push(ids[0], target.id, "telegram", a, false, NOW).await.unwrap());
        assert!(!store.push(ids[0], target.id, "telegram", a, false, NOW).await.unwrap(), "once for ever");
        let pushed = store.deliveries(Some("pending"), 10).await.unwrap();
        assert!(store.drop_delivery(pushed[0].id, NOW).await.unwrap());
        assert_eq!(store.prune_deliveries(NOW).await.unwrap(), 0);
        assert_eq!(store.prune_deliveries(NOW + 1).await.unwrap(), 1);
        assert!(store.delivery(1).await.unwrap().is_none());
    });
}
