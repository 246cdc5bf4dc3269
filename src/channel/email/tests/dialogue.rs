//! The SMTP dialogue, step by step, and what each refusal, silence and cut becomes.

use std::sync::Arc;
use std::time::Duration;

use super::relay::{FakeRelay, Step, envelope, hear, hello, play, say, script};
use crate::channel::email::EmailChannel;
use crate::channel::samples;
use crate::channel::{Channel as _, Job, Message, Outcome};
use crate::config::{Relay, Tls};

/// A channel to these relays, of one connection.
fn channel(relays: Vec<Relay>) -> EmailChannel {
    let config = Arc::new(samples::config());
    EmailChannel::build(&config, &samples::email(relays), &samples::parts(&config)).unwrap()
}

fn to(relay: &FakeRelay) -> EmailChannel {
    channel(vec![samples::relay(relay.port)])
}

/// Sends; a dialogue in which both sides wait fails instead of hanging.
async fn send(channel: &EmailChannel, jobs: &[Job]) -> Vec<Outcome> {
    let sent = tokio::time::timeout(Duration::from_secs(20), channel.send(jobs)).await;
    sent.expect("both sides wait for each other")
}

fn jobs(count: usize) -> Vec<Job> {
    let job = |n| Job { message_id: format!("d{n}"), ..samples::job(&format!("reader{n}@example.org"), Message::Test) };
    (1..=count).map(job).collect()
}

fn kinds(outcomes: &[Outcome]) -> Vec<&'static str> {
    let kind = |outcome: &Outcome| match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::RetryAfter { counts: true, .. } => "retry",
        Outcome::RetryAfter { counts: false, .. } => "wait",
        Outcome::Rejected(_) => "rejected",
        Outcome::RecipientGone(_) => "gone",
        Outcome::RecipientBusy { .. } => "busy",
        Outcome::Unwanted(_) => "unwanted",
        Outcome::Partly { .. } => "partly",
        Outcome::Unknown(_) => "unknown",
    };
    outcomes.iter().map(kind).collect()
}

fn reason(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Accepted(_) => "",
        Outcome::RetryAfter { reason, .. }
        | Outcome::RecipientBusy { reason, .. }
        | Outcome::Partly { reason, .. }
        | Outcome::Unwanted(reason)
        | Outcome::Rejected(reason)
        | Outcome::RecipientGone(reason)
        | Outcome::Unknown(reason) => reason,
    }
}

/// The relay's yes to an envelope, and to a mail.
const YES: &str = "250 2.1.0 sender\r\n250 2.1.5 recipient\r\n354 go on";
const DONE: &str = "250 2.0.0 queued";

#[tokio::test]
async fn where_the_relay_pipelines_the_next_envelope_rides_with_the_dot() {
    let steps = script(&[
        &hello(&["PIPELINING", "SIZE 10240000"]),
        &envelope(),
        &[say(YES), Step::Take],
        // Heard before the first mail is answered.
        &envelope(),
        &[say("250 2.0.0 queued as 1"), say(YES), Step::Take],
        &envelope(),
        &[say("250-2.0.0 queued\r\n250 as 2"), say(YES), Step::Take, Step::Quiet, say(DONE)],
    ]);
    let relay = play(vec![steps]).await;
    let outcomes = send(&to(&relay), &jobs(3)).await;
    assert_eq!(kinds(&outcomes), ["accepted"; 3]);
    assert!(matches!(&outcomes[0], Outcome::Accepted(posted) if posted.message == "250 2.0.0 queued as 1"));
    let taken = relay.taken().await;
    for (n, mail) in taken.iter().enumerate() {
        let mail = String::from_utf8(mail.clone()).unwrap();
        assert!(mail.contains(&format!("Message-ID: <d{}@example.vn>\r\n", n + 1)), "{mail}");
    }
}

#[tokio::test]
async fn a_relay_that_takes_wishes_is_asked_to_tell_of_failures_alone_and_by_our_mark() {
    let mail = [
        hear("MAIL FROM:<bantin@example.vn> RET=HDRS ENVID=mark"),
        say("250 ok"),
        hear("RCPT TO:<reader1@example.org> NOTIFY=FAILURE ORCPT=rfc822;reader1@example.org"),
        say("250 ok"),
        hear("DATA"),
        say("354 go on"),
        Step::Take,
        say(DONE),
    ];
    let relay = play(vec![script(&[&hello(&["DSN"]), &mail])]).await;
    assert_eq!(kinds(&send(&to(&relay), &jobs(1)).await), ["accepted"]);
}

#[tokio::test]
async fn where_it_does_not_every_answer_is_waited_for() {
    let mail = [
        hear("MAIL FROM:<bantin@example.vn>"),
        Step::Quiet,
        say("250 ok"),
        hear("RCPT TO:<"),
        Step::Quiet,
        say("250 ok"),
        hear("DATA"),
        Step::Quiet,
        say("354 go on"),
        Step::Take,
        Step::Quiet,
        say(DONE),
    ];
    let relay = play(vec![script(&[&hello(&[]), &mail, &mail])]).await;
    assert_eq!(kinds(&send(&to(&relay), &jobs(2)).await), ["accepted"; 2]);
    assert_eq!(relay.taken().await.len(), 2);
}

#[tokio::test]
async fn a_kept_session_serves_the_next_batch() {
    let mail = script(&[&envelope(), &[say(YES), Step::Take, say(DONE)]]);
    let relay = play(vec![script(&[&hello(&["PIPELINING"]), &mail, &mail])]).await;
    let channel = to(&relay);
    assert_eq!(kinds(&send(&channel, &jobs(1)).await), ["accepted"]);
    assert_eq!(kinds(&send(&channel, &jobs(1)).await), ["accepted"]);
    assert_eq!(relay.taken().await.len(), 2);
}

#[tokio::test]
async fn a_refused_recipient_costs_a_reset_and_no_connection() {
    let refused =
        say("250 ok\r\n550-5.1.1 <reader1@example.org>:\r\n550 5.1.1 no such user\r\n554 no valid recipients");
    let pipelined = script(&[
        &hello(&["PIPELINING"]),
        &envelope(),
        &[refused, hear("RSET")],
        &envelope(),
        &[say("250 reset"), say(YES), Step::Take, say(DONE)],
    ]);
    let one_by_one = script(&[
        &hello(&[]),
        &[hear("MAIL"), say("250 ok"), hear("RCPT"), say("550 5.1.1 no <reader1@example.org>"), Step::Quiet],
        &[hear("RSET"), say("250 ok"), hear("MAIL"), say("250 ok"), hear("RCPT"), say("250 ok")],
        &[hear("DATA"), say("354 go on"), Step::Take, say(DONE)],
    ]);
    for steps in [pipelined, one_by_one] {
        let relay = play(vec![steps]).await;
        let outcomes = send(&to(&relay), &jobs(2)).await;
        assert_eq!(kinds(&outcomes), ["gone", "accepted"]);
        assert!(!reason(&outcomes[0]).contains("reader1"), "{}", reason(&outcomes[0]));
        assert_eq!(relay.taken().await.len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_in_each_phase_becomes_what_it_means() {
    let no = ["250 ok", "250 ok", "354 go on"];
    for (phase, reply, expected) in [
        (0, "451 4.3.0 later", "retry"),
        (0, "554 5.7.1 we do not like you", "retry"),
        (0, "530 5.7.0 log in first", "wait"),
        (1, "450 4.2.0 greylisted", "retry"),
        (1, "550 5.7.1 blocked", "retry"),
        (1, "552 5.2.2 mailbox full", "busy"),
        (0, "552 5.3.4 too big", "rejected"),
        (1, "550 no such user", "gone"),
        (2, "451 4.3.0 later", "retry"),
        (2, "554 5.5.1 no", "rejected"),
        (3, "452 4.3.1 disk full", "retry"),
        (3, "451 4.7.1 daily limit exceeded", "wait"),
        (3, "554 5.7.1 spam", "retry"),
        (3, "554 5.6.0 bad header", "rejected"),
    ] {
        let mut steps = script(&[&hello(&["PIPELINING"]), &envelope()]);
        for (at, yes) in no.iter().enumerate() {
            steps.push(say(match at.cmp(&phase) {
                std::cmp::Ordering::Less => yes,
                std::cmp::Ordering::Equal => reply,
                std::cmp::Ordering::Greater => "503 5.5.1 not now",
            }));
        }
        if phase == 3 {
            steps.extend([Step::Take, say(reply)]);
        }
        let relay = play(vec![steps]).await;
        assert_eq!(kinds(&send(&to(&relay), &jobs(1)).await), [expected], "{reply} at {phase}");
        relay.taken().await;
    }
}

#[tokio::test]
async fn a_cut_after_the_dot_is_unknown_and_the_rest_goes_on_elsewhere() {
    let first = script(&[&hello(&["PIPELINING"]), &envelope(), &[say(YES), Step::Take, Step::Cut]]);
    let second = script(&[&hello(&["PIPELINING"]), &envelope(), &[say(YES), Step::Take, say(DONE)]]);
    let relay = play(vec![first, second]).await;
    assert_eq!(kinds(&send(&to(&relay), &jobs(2)).await), ["unknown", "accepted"]);
    assert_eq!(relay.taken().await.len(), 2);
}

#[tokio::test]
async fn a_cut_before_the_content_is_repaired_by_another_session() {
    for cut in [vec![Step::Cut], vec![say("421 4.3.2 too many messages in this connection"), Step::Cut]] {
        let mut first =
            script(&[&hello(&["PIPELINING"]), &envelope(), &[say(YES), Step::Take], &envelope(), &[say(DONE)]]);
        first.extend(cut);
        let second = script(&[&hello(&["PIPELINING"]), &envelope(), &[say(YES), Step::Take, say(DONE)]]);
        let relay = play(vec![first, second]).await;
        assert_eq!(kinds(&send(&to(&relay), &jobs(2)).await), ["accepted"; 2]);
        assert_eq!(relay.taken().await.len(), 2);
    }
}

#[tokio::test]
async fn a_session_that_breaks_at_once_is_not_tried_for_ever() {
    let steps = script(&[&hello(&["PIPELINING"]), &envelope(), &[Step::Cut]]);
    let relay = play(vec![steps]).await;
    assert_eq!(kinds(&send(&to(&relay), &jobs(3)).await), ["retry"; 3]);
    relay.taken().await;
}

#[tokio::test]
async fn a_relay_that_takes_data_after_refusing_the_envelope_is_left() {
    let steps = script(&[&hello(&["PIPELINING"]), &envelope(), &[say("250 ok\r\n450 4.2.0 later\r\n354 go on")]]);
    let relay = play(vec![steps]).await;
    assert_eq!(kinds(&send(&to(&relay), &jobs(1)).await), ["retry"]);
    assert_eq!(relay.taken().await.len(), 0);
}

#[tokio::test]
async fn an_old_relay_is_greeted_in_the_old_way_and_nonsense_is_no_relay() {
    let old = [say("220 old"), hear("EHLO"), say("502 what?"), hear("HELO bantin.example.vn"), say("250 hello")];
    let mail =
        [hear("MAIL"), say("250 ok"), hear("RCPT"), say("250 ok"), hear("DATA"), say("354"), Step::Take, say(DONE)];
    let relay = play(vec![script(&[&old, &mail])]).await;
    assert_eq!(kinds(&send(&to(&relay), &jobs(1)).await), ["accepted"]);
    for greeting in ["HTTP/1.1 400 Bad Request", "421 4.3.2 not now", "554 go away"] {
        let relay = play(vec![vec![say(greeting)]]).await;
        let outcomes = send(&to(&relay), &jobs(1)).await;
        assert_eq!(kinds(&outcomes), ["wait"], "{}", reason(&outcomes[0]));
    }
}

#[tokio::test]
async fn a_mail_larger_than_the_relay_takes_is_not_offered() {
    let relay = play(vec![hello(&["PIPELINING", "SIZE 100"])]).await;
    let outcomes = send(&to(&relay), &jobs(1)).await;
    assert_eq!(kinds(&outcomes), ["rejected"]);
    assert!(reason(&outcomes[0]).contains("the relay takes"));
}

#[tokio::test]
async fn the_next_relay_stands_in_and_a_dead_one_is_left_alone() {
    let dead = play(vec![]).await;
    let port = dead.port;
    dead.taken().await;
    let mail = script(&[&envelope(), &[say(YES), Step::Take, say(DONE)]]);
    let relay = play(vec![script(&[&hello(&["PIPELINING"]), &mail, &mail])]).await;
    let mut first = samples::relay(port);
    first.rate.per_day = Some(10);
    let both = channel(vec![first.clone(), Relay { weight: 0, ..samples::relay(relay.port) }]);
    let keys = |channel: &EmailChannel| channel.limits("x").into_iter().map(|limit| limit.key).collect::<Vec<_>>();
    assert_eq!(keys(&both), [format!("relay:127.0.0.1:{port}"), format!("relay:127.0.0.1:{port}:d")]);
    let Outcome::RetryAfter { after: Some(Duration::ZERO), counts: false, .. } = send(&both, &jobs(1)).await.remove(0)
    else {
        panic!("the quota of the one that stands in has to be asked first")
    };
    assert_eq!(keys(&both), [format!("relay:127.0.0.1:{}", relay.port)], "the second relay has no quota");
    for _ in 0..2 {
        assert_eq!(kinds(&send(&both, &jobs(1)).await), ["accepted"]);
    }
    assert_eq!(relay.taken().await.len(), 2);

    // A relay that is away is no fault of any mail, whether it was tried for it or not.
    let alone = channel(vec![first]);
    assert_eq!(kinds(&send(&alone, &jobs(2)).await), ["wait"; 2]);
    assert_eq!(kinds(&send(&alone, &jobs(2)).await), ["wait"; 2]);
}

#[tokio::test]
async fn logins_are_tried_and_a_refused_one_waits_without_being_shown() {
    let mail = script(&[&envelope(), &[say(YES), Step::Take, say(DONE)]]);
    // "\0bantin\0open sesame", "bantin" and "open sesame".
    let plain = [hear("AUTH PLAIN AGJhbnRpbgBvcGVuIHNlc2FtZQ=="), say("235 2.7.0 welcome")];
    let login = [
        hear("AUTH LOGIN"),
        say("334 VXNlcm5hbWU6"),
        hear("YmFudGlu"),
        say("334 UGFzc3dvcmQ6"),
        hear("b3BlbiBzZXNhbWU="),
        say("235 welcome"),
    ];
    let refused = [hear("AUTH PLAIN"), say("535 5.7.8 no bantin open sesame")];
    for (offer, steps, expected) in [
        ("AUTH LOGIN PLAIN", script(&[&plain, &mail]), "accepted"),
        ("AUTH LOGIN", script(&[&login, &mail]), "accepted"),
        ("AUTH PLAIN", refused.to_vec(), "wait"),
        ("AUTH CRAM-MD5", vec![], "wait"),
    ] {
        let relay = play(vec![script(&[&hello(&["PIPELINING", offer]), &steps])]).await;
        let config =
            Relay { login: Some(("bantin".into(), "open sesame".to_owned().into())), ..samples::relay(relay.port) };
        let channel = channel(vec![config]);
        let outcomes = send(&channel, &jobs(1)).await;
        assert_eq!(kinds(&outcomes), [expected], "{offer}");
        if expected == "wait" {
            assert!(offer != "AUTH PLAIN" || reason(&outcomes[0]).contains("BANTIN_SMTP_PASSWORD"));
            // The pause holds: the relay is not asked again.
            let Outcome::RetryAfter { after: Some(after), counts: false, .. } =
                send(&channel, &jobs(1)).await.remove(0)
            else {
                panic!("the relay was asked again")
            };
            assert!(after > Duration::from_secs(if offer == "AUTH PLAIN" { 250 } else { 5 }), "{offer}: {after:?}");
        }
        relay.taken().await;
    }
}

#[tokio::test]
async fn starttls_is_used_and_a_stranger_is_trusted_only_without_a_promise() {
    let mail = script(&[&envelope(), &[say(YES), Step::Take, say(DONE)]]);
    let secured = script(&[
        &hello(&["STARTTLS"]),
        &[hear("STARTTLS"), say("220 go"), Step::Tls, hear("EHLO"), say("250-hello\r\n250 PIPELINING")],
        &mail,
    ]);
    let with = |tls, port| Relay { tls, host: "localhost".to_owned(), ..samples::relay(port) };

    let relay = play(vec![secured.clone()]).await;
    assert_eq!(kinds(&send(&channel(vec![with(Tls::Opportunistic, relay.port)]), &jobs(1)).await), ["accepted"]);
    assert_eq!(relay.taken().await.len(), 1);

    let relay = play(vec![secured]).await;
    let outcomes = send(&channel(vec![with(Tls::Required, relay.port)]), &jobs(1)).await;
    assert_eq!(kinds(&outcomes), ["wait"]);
    assert!(reason(&outcomes[0]).contains("at TLS"), "{}", reason(&outcomes[0]));
    assert_eq!(relay.taken().await.len(), 0);

    let relay = play(vec![hello(&["PIPELINING"])]).await;
    let outcomes = send(&channel(vec![with(Tls::Required, relay.port)]), &jobs(1)).await;
    assert!(reason(&outcomes[0]).contains("no STARTTLS"), "{}", reason(&outcomes[0]));

    // What a stranger slips in before the handshake is not taken for the relay's word.
    let slipped = script(&[&hello(&["STARTTLS"]), &[hear("STARTTLS"), say("220 go\r\n250 PIPELINING")]]);
    let relay = play(vec![slipped]).await;
    let outcomes = send(&channel(vec![with(Tls::Opportunistic, relay.port)]), &jobs(1)).await;
    assert_eq!(kinds(&outcomes), ["wait"]);
}

#[tokio::test]
async fn a_job_that_makes_no_mail_does_not_hold_up_the_others() {
    let relay = play(vec![script(&[&hello(&["PIPELINING"]), &envelope(), &[say(YES), Step::Take, say(DONE)]])]).await;
    let mut jobs = jobs(3);
    "no address".clone_into(&mut jobs[0].target.address);
    "a@b\r\nRCPT TO:<x@y>".clone_into(&mut jobs[2].target.address);
    assert_eq!(kinds(&send(&to(&relay), &jobs).await), ["rejected", "accepted", "rejected"]);
    assert_eq!(relay.taken().await.len(), 1);
}
