//! The outbox works on sets: a batch of any size costs the same number of statements.

use bantin::channel::{Limit, Posted};
use bantin::config::Language;
use bantin::store::{Claim, Delivery, ReleaseAs, Settle, Store, statements_of_this_thread as statements};

use crate::fixture::{NOW, article, both, claim, commit, sections};

async fn readers(store: &Store, section: i64, count: usize, name: &str) {
    for n in 0..count {
        let address = format!("{name}{n}@example.org");
        store.add_subscriber(&address, &[section], "now", Language::Vi, "by hand", NOW).await.unwrap();
    }
}

fn sent(d: &Delivery) -> (Delivery, Settle) {
    let posted = Posted { chat: "relay:r:25".into(), message: format!("250 2.0.0 as {}", d.id), ..Posted::default() };
    (d.clone(), Settle::Sent { posted, revision: 1 })
}

/// What one article to all readers costs: statements of the expansion, of a claim with the last settling, and how many.
async fn costs(store: &Store, section: i64, n: i64) -> (u64, u64, usize) {
    commit(store, article(section, n, ReleaseAs::Out)).await;
    let before = statements();
    store.expand_now(NOW).await.unwrap();
    let expansion = statements() - before;
    let claim = Claim { channel: "email", owner: "me", max: 1000, ordered: false };
    let limits = |_: &Delivery| vec![Limit { key: "relay:r:25".into(), every_ms: 0, burst: 1, slack_ms: 0 }];
    let claimed = store.claim(claim, limits, NOW).await.unwrap().deliveries;
    let done: Vec<_> = claimed.iter().map(sent).collect();
    let before = statements();
    let (recorded, next) = store.settle_and_claim(&done, claim, limits, NOW).await.unwrap();
    assert_eq!((recorded, next.deliveries.len()), (claimed.len(), 0));
    (expansion, statements() - before, recorded)
}

#[test]
fn a_batch_costs_the_same_statements_whatever_its_size() {
    both("sets: statements a batch, not a row", |store| async move {
        let (a, _) = sections(&store).await;
        readers(&store, a, 3, "first").await;
        let few = costs(&store, a, 1).await;
        readers(&store, a, 150, "later").await;
        let many = costs(&store, a, 2).await;
        assert_eq!((few.2, many.2), (3, 153));
        assert_eq!((few.0, few.1), (many.0, many.1), "statements of an expansion and of a claim with settling");
        assert!(many.0 <= 12 && many.1 <= 6, "{many:?}");
    });
}

#[test]
fn what_a_relay_said_is_kept_with_each_mail_and_only_the_claimer_says_it() {
    both("sets: receipts", |store| async move {
        let (a, _) = sections(&store).await;
        readers(&store, a, 5, "reader").await;
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        let claim = Claim { channel: "email", owner: "me", max: 10, ordered: false };
        let mine = store.claim(claim, |_| Vec::new(), NOW).await.unwrap().deliveries;
        let done: Vec<_> = mine.iter().map(sent).collect();
        let others = Claim { owner: "somebody else", ..claim };
        assert_eq!(store.settle_and_claim(&done, others, |_| Vec::new(), NOW).await.unwrap().0, 0);
        // One of them was taken over meanwhile: the others are recorded, with their stories.
        assert_eq!(store.settle("me", &done[..1], NOW).await.unwrap(), 1);
        assert_eq!(store.settle_and_claim(&done, claim, |_| Vec::new(), NOW).await.unwrap().0, 4);
        for d in &mine {
            let detail = store.delivery(d.id).await.unwrap().unwrap();
            assert_eq!(detail.delivery.state, "sent");
            assert_eq!(detail.attempts.len(), 1, "one line of the story each");
            assert!(format!("{detail:?}").contains(&format!("relay:r:25 250 2.0.0 as {}", d.id)), "{detail:?}");
        }
    });
}

#[test]
fn who_is_behind_is_found_and_nobody_twice() {
    both("sets: behind", |store| async move {
        let (a, b) = sections(&store).await;
        readers(&store, a, 4, "reader").await;
        store.sync_subscriptions("telegram", &[(b, "@x".into(), "now")], NOW).await.unwrap();
        assert!(!store.is_behind().await.unwrap());
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        commit(&store, article(b, 2, ReleaseAs::Out)).await;
        assert!(store.is_behind().await.unwrap());
        let chats = store.expand_now(NOW).await.unwrap();
        assert_eq!((chats.deliveries, chats.more), (1, true), "chats first");
        let mails = store.expand_now(NOW).await.unwrap();
        assert_eq!((mails.deliveries, mails.more), (4, false));
        assert!(!store.is_behind().await.unwrap());
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
    });
}

#[test]
fn readers_are_expanded_without_moving_a_chat_on() {
    both("sets: a chat that fell behind meanwhile keeps its post", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@chat".into(), "now")], NOW).await.unwrap();
        readers(&store, a, 1, "reader").await;
        // As it comes between the chunk of the chats, which found none behind, and that of the readers.
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        assert_eq!(store.expand_readers(NOW).await.unwrap().deliveries, 1, "the mail");
        assert_eq!(claim(&store, "email", 10, NOW).await.len(), 1);
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1, "the post");
        assert_eq!(claim(&store, "telegram", 10, NOW).await.len(), 1, "the chat was moved on without its post");
    });
}
