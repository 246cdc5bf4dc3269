//! Many mails come back at once: bounded work for each, and nobody given up who is not gone.

use bantin::channel::Posted;
use bantin::config::Language;
use bantin::store::{Claim, ReleaseAs, Settle, statements_of_this_thread as statements};
use bantin::subscriber::{Tokens, bounce};

use crate::fixture::{NOW, article, both, commit, sections};

/// A notification about a mail that a relay was given our mark for.
fn notification(mark: &str, number: usize, status: &str, words: &str) -> Vec<u8> {
    format!(
        "From: MAILER-DAEMON@mx.example.org\r\nSubject: Undelivered ({number})\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\
         Original-Envelope-Id: {mark}\r\n\r\nFinal-Recipient: rfc822; somebody@example.org\r\nAction: failed\r\n\
         Status: {status}\r\nDiagnostic-Code: smtp; {words}\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_storm_of_bounces_gives_up_only_who_is_gone() {
    both("bounces: a storm", |store| async move {
        const READERS: usize = 120;
        let (a, _) = sections(&store).await;
        for n in 0..READERS {
            let address = format!("reader{n}@example.org");
            store.add_subscriber(&address, &[a], "now", Language::Vi, "by hand", NOW - 1_000).await.unwrap();
        }
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        let claim = Claim { channel: "email", owner: "me", max: READERS, ordered: false };
        let mails = store.claim(claim, |_| Vec::new(), NOW).await.unwrap().deliveries;
        assert_eq!(mails.len(), READERS);
        let posted = || Posted { chat: "relay:r:25".into(), message: "250 ok".into(), ..Posted::default() };
        let sent = |d: &bantin::store::Delivery| (d.clone(), Settle::Sent { posted: posted(), revision: 1 });
        store.settle("me", &mails.iter().map(sent).collect::<Vec<_>>(), NOW).await.unwrap();

        // A block list turns on us: nearly everything comes back, twice, among it some that are gone, and forgeries.
        let tokens = Tokens::new("a key");
        let mut storm = Vec::new();
        for (n, d) in mails.iter().enumerate() {
            let mark = tokens.mark(d.id);
            let of = match n % 12 {
                0 => notification(&mark, n, "5.1.1", "550 5.1.1 no such user"),
                1 => notification("aaaaaaaaaaaaaaaaaaaaaaaaaa", n, "5.1.1", "550 5.1.1 no such user"),
                _ => notification(&mark, n, "5.7.1", "554 5.7.1 blocked, see https://blocklist.example.org"),
            };
            storm.extend([of.clone(), of]);
        }
        let before = statements();
        let mut done = Vec::new();
        for raw in &storm {
            done.push(bounce::take(&store, &tokens, None, raw, "imap", NOW + 1_000).await.unwrap().unwrap().1);
        }
        let each = (statements() - before) / storm.len() as u64;
        assert!(each <= 8, "{each} statements a bounce");
        assert_eq!(done.iter().filter(|one| one.repeated).count(), READERS, "each is taken once");
        assert_eq!(done.iter().filter(|one| one.suppressed).count(), READERS / 12, "only who is gone is given up");
        let blocked = store.blocked(NOW + 2_000).await.unwrap();
        assert_eq!(blocked.len(), 1, "the relay rests: {blocked:?}");
        assert!(blocked[0].1 <= NOW + 1_000 + 3_600_000, "for an hour, however many come: {blocked:?}");
        // Who is not gone gets the next one.
        commit(&store, article(a, 2, ReleaseAs::Out)).await;
        assert_eq!(store.expand_now(NOW + 3_000).await.unwrap().deliveries as usize, READERS - READERS / 12);
    });
}
