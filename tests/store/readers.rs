//! Readers by e-mail: asking, confirming, preferring, leaving.

use bantin::channel::{Correction, Posted};
use bantin::config::Language;
use bantin::store::{Asked, Delivery, ReleaseAs, Settle};

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

#[test]
fn a_pause_holds_back_everything_and_brings_nothing_old() {
    both("readers: a pause", |store| async move {
        let (a, b) = sections(&store).await;
        let id = store.add_subscriber("x@example.vn", &[a, b], "now", Language::En, "admin", NOW).await.unwrap();
        store.leave(id, Some(b), NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        assert!(store.pause_reader(id, NOW + 30 * DAY, NOW).await.unwrap());
        assert_eq!(claim(&store, "email", 10, NOW).await.len(), 0, "what was queued is dropped");
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, "paused");
        commit(&store, article(a, 2, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0);
        assert_eq!(store.resume_readers(NOW + 30 * DAY - 1).await.unwrap(), 0);
        assert_eq!(store.resume_readers(NOW + 30 * DAY).await.unwrap(), 1);
        assert_eq!(store.resume_readers(NOW + 30 * DAY).await.unwrap(), 0);
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 0, "nothing of the time between");
        commit(&store, article(a, 3, ReleaseAs::Out)).await;
        commit(&store, article(b, 4, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW).await.unwrap().deliveries, 1, "and what was left before stays left");
        // Who leaves or chooses during a pause is not fetched back by its end.
        store.pause_reader(id, NOW + DAY, NOW).await.unwrap();
        store.leave(id, None, NOW).await.unwrap();
        assert_eq!(store.resume_readers(NOW + 2 * DAY).await.unwrap(), 0);
        assert!(!store.pause_reader(id, NOW + DAY, NOW).await.unwrap(), "who left has nothing to pause");
        assert!(!store.resume_reader(id).await.unwrap());
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, "left");
        store.set_preferences(id, &[(a, "now".into())], Language::Vi, NOW).await.unwrap();
        store.pause_reader(id, NOW + DAY, NOW).await.unwrap();
        assert_eq!(store.resting(id).await.unwrap(), [a]);
        store.set_preferences(id, &[(b, "now".into())], Language::Vi, NOW).await.unwrap();
        assert_eq!((store.resting(id).await.unwrap(), store.resume_readers(NOW + 2 * DAY).await.unwrap()), (vec![], 0));
    });
}

#[test]
fn a_reader_is_forgotten_whole() {
    both("readers: being forgotten", |store| async move {
        let (a, _) = sections(&store).await;
        let id = store.add_subscriber("x@example.vn", &[a], "now", Language::En, "wording", NOW).await.unwrap();
        let other = store.add_subscriber("y@example.vn", &[a], "now", Language::En, "wording", NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        let kept = store.kept_of(id).await.unwrap();
        assert_eq!((kept.consent.as_str(), kept.mails.len(), kept.mails[0].kind.as_str()), ("wording", 1, "post"));
        assert!(kept.mails[0].title.is_some());
        assert!(store.erase_reader(id).await.unwrap());
        assert!(!store.erase_reader(id).await.unwrap());
        assert_eq!(store.subscriber(id).await.unwrap(), None);
        assert_eq!(store.subscriber_by_email("x@example.vn").await.unwrap(), None);
        assert_eq!((store.kept_of(id).await.unwrap().mails.len(), store.open_mails(id).await.unwrap()), (0, 0));
        let mails = claim(&store, "email", 10, NOW).await;
        assert_eq!(mails.iter().map(|mail| mail.target_id).collect::<Vec<_>>(), [other], "others are not touched");
        let again = store.add_subscriber("x@example.vn", &[a], "now", Language::En, "again", NOW).await.unwrap();
        assert_ne!(again, id, "old links open nothing of whoever comes later");
    });
}

#[test]
fn nobody_is_asked_for_ever() {
    both("readers: three questions a month, forgotten after one", |store| async move {
        let (a, _) = sections(&store).await;
        let ask = async |now| store.subscribe("x@example.vn", &[a], "now", Language::Vi, "w", now).await.unwrap();
        let mut queued = Vec::new();
        for day in 0..33 {
            if ask(NOW + day * DAY).await == Asked::Queued {
                queued.push(day);
            }
        }
        assert_eq!(queued, [0, 1, 2, 30, 31, 32]);
        let last = NOW + 32 * DAY;
        assert_eq!(store.erase_unconfirmed(last).await.unwrap(), 0);
        assert_eq!(store.erase_unconfirmed(last + 1).await.unwrap(), 1);
        assert_eq!(store.subscribers(0, 10).await.unwrap().len(), 0);
    });
}

#[test]
fn a_correction_reaches_those_who_had_it_wrong_and_once() {
    both("readers: corrections", |store| async move {
        let (a, _) = sections(&store).await;
        let mut ids = Vec::new();
        for name in ["x", "y", "z"] {
            let email = format!("{name}@example.vn");
            ids.push(store.add_subscriber(&email, &[a], "now", Language::Vi, "admin", NOW).await.unwrap());
        }
        let daily = store.add_subscriber("d@example.vn", &[a], "daily", Language::Vi, "admin", NOW).await.unwrap();
        let article = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        store.expand_digests("daily", 0, NOW, NOW).await.unwrap();
        assert_eq!(store.correct(article, "sai ngày", NOW).await.unwrap(), 0, "nobody had it yet");
        let mails = claim(&store, "email", 10, NOW).await;
        let sent = |mail: Delivery| (mail, Settle::Sent { posted: Posted::default(), revision: 1 });
        assert_eq!(store.settle("me", &mails.into_iter().map(sent).collect::<Vec<_>>(), NOW).await.unwrap(), 4);
        store.leave(ids[2], None, NOW).await.unwrap();
        assert_eq!(store.correct(article + 1, "sai ngày", NOW).await.unwrap(), 0);
        assert_eq!(store.correct(article, "sai ngày", NOW).await.unwrap(), 3);
        assert_eq!(store.correct(article, "sai ngày", NOW).await.unwrap(), 0, "once a revision");
        let mails = claim(&store, "email", 10, NOW).await;
        assert_eq!(mails.len(), 3);
        for mail in &mails {
            let about = Correction::of(&mail.payload);
            assert_eq!((mail.kind.as_str(), about.note.as_str()), ("correction", "sai ngày"));
            let begin = if mail.target_id == daily { format!("g:{daily}:") } else { format!("p:{}:", mail.target_id) };
            assert!(about.after.starts_with(&begin), "it follows the mail that was wrong: {about:?}");
        }
        assert!(mails.iter().any(|mail| mail.target_id == daily), "who had it in a digest is told too");
    });
}

#[test]
fn how_fast_articles_reach_people_is_known() {
    both("status: articles a day and their pace", |store| async move {
        let (a, b) = sections(&store).await;
        store.add_subscriber("x@example.vn", &[a], "now", Language::Vi, "admin", NOW).await.unwrap();
        store.add_subscriber("y@example.vn", &[a], "now", Language::Vi, "admin", NOW).await.unwrap();
        let first = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        commit(&store, article(b, 2, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        assert_eq!(store.paces(0, 10).await.unwrap(), [], "nothing is delivered yet");
        for seconds in [7, 3] {
            let mail = claim(&store, "email", 1, NOW).await.remove(0);
            let sent = (mail, Settle::Sent { posted: Posted::default(), revision: 1 });
            store.settle("me", &[sent], NOW + seconds * 1_000).await.unwrap();
        }
        let paces = store.paces(0, 10).await.unwrap();
        assert_eq!(paces.len(), 1, "{paces:?}");
        assert_eq!((paces[0].article_id, paces[0].delivered), (first, NOW + 3_000), "the first of them");
        let days = store.articles_a_day(0).await.unwrap();
        assert_eq!(days.iter().map(|(section, _, count)| (*section, *count)).collect::<Vec<_>>().len(), 2, "{days:?}");
        assert!(days.iter().all(|(_, _, count)| *count == 1));
    });
}
