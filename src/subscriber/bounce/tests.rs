//! Bounces of real servers (`tests/fixtures/bounces`, made by `scripts/bounces`), and written ones in the layouts of others:
//! how many are understood, and that none of them gives up an address that lives.

use std::path::Path;

use data_encoding::BASE64_MIME;

use super::class::{self, Class};
use super::{FORGOTTEN_MS, MOST, Score, read};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bounces");

/// Name, message, and what it means.
type Case = (String, Vec<u8>, Class);

fn class_of(word: &str) -> Class {
    [Class::Hard, Class::Soft, Class::Sender, Class::Complaint, Class::Notice]
        .into_iter()
        .find(|class| class.word() == word)
        .unwrap_or_else(|| panic!("no class {word}"))
}

/// The bounces that Postfix, Exim and `OpenSMTPD` made of the same refusals.
fn real() -> Vec<Case> {
    let table = std::fs::read_to_string(Path::new(FIXTURES).join("cases.json")).unwrap();
    let table: Vec<serde_json::Value> = serde_json::from_str(&table).unwrap();
    let mut cases = Vec::new();
    for server in ["postfix", "exim", "opensmtpd"] {
        for case in &table {
            let name = format!("{server}/{}.eml", case["id"].as_str().unwrap());
            let raw = std::fs::read(Path::new(FIXTURES).join(&name)).unwrap();
            // OpenSMTPD's first word on what may come right is a warning.
            let warned = raw.windows(15).any(|piece| piece == b"Action: delayed");
            let class = if warned { Class::Notice } else { class_of(case["class"].as_str().unwrap()) };
            cases.push((name, raw, class));
        }
    }
    cases
}

/// The mail that comes back in the written ones; its own words speak of all that could mislead.
const COPY: &str = "Return-Path: <bounces+x@example.vn>\r\nFrom: bantin@example.vn\r\nTo: reader@example.org\r\n\
     Subject: user unknown, mailbox full, spam\r\nMessage-ID: <p.1.2@example.vn>\r\n\
     Content-Type: text/plain\r\n\r\n550 5.1.1 user unknown. 552 5.2.2 over quota. 554 5.7.1 blocked as spam.\r\n";

/// A notification of RFC 3464 with the fields of its recipient and the words for people.
fn report(from: &str, subject: &str, prose: &str, fields: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: {from}\r\nTo: bounces+x@example.vn\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b/1\"\r\n\r\n--b/1\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{prose}\r\n\r\n--b/1\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; reader@example.org\r\n{fields}\r\n\r\n--b/1\r\n\
         Content-Type: message/rfc822\r\n\r\n{COPY}\r\n--b/1--\r\n"
    )
}

/// Prose without a status part.
fn prose(from: &str, subject: &str, text: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: {from}\r\nTo: bounces+x@example.vn\r\nSubject: {subject}\r\nContent-Type: text/plain\r\n\r\n{text}"
    )
}

fn exchange(status: &str, words: &str) -> String {
    report(
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>",
        "Undeliverable: Tin",
        "Delivery has failed to these recipients or groups:\r\n\r\nreader@example.org\r\nThe message couldn't be delivered.",
        &format!("Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp;{words}\r\nX-Display-Name: Reader"),
    )
}

fn sendmail(status: &str, diagnostic: &str, session: &str) -> String {
    let diagnostic =
        if diagnostic.is_empty() { String::new() } else { format!("\r\nDiagnostic-Code: SMTP; {diagnostic}") };
    report(
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>",
        "Returned mail: see transcript for details",
        &format!(
            "   ----- The following addresses had permanent fatal errors -----\r\n<reader@example.org>\r\n\r\n\
             \x20  ----- Transcript of session follows -----\r\n{session}"
        ),
        &format!("Action: failed\r\nStatus: {status}\r\nRemote-MTA: DNS; mx.example.org{diagnostic}"),
    )
}

fn gmail(status: &str, words: &str) -> String {
    report(
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        &format!(
            "** Address not found **\r\n\r\nYour message wasn't delivered to reader@example.org.\r\n\r\nThe response was:\r\n\r\n{words}"
        ),
        &format!(
            "Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {words}\r\nLast-Attempt-Date: Sun, 22 Nov 2026 01:02:03 -0800 (PST)"
        ),
    )
}

fn qmail(words: &str) -> String {
    prose(
        "MAILER-DAEMON@mx.example.org",
        "failure notice",
        &format!(
            "Hi. This is the qmail-send program at mx.example.org.\r\nI'm afraid I wasn't able to deliver your message to the \
             following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n\
             <reader@example.org>:\r\n{words}\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n{COPY}"
        ),
    )
}

fn domino(status: &str, words: &str) -> String {
    report(
        "Postmaster@example.org",
        "DELIVERY FAILURE: Tin",
        &format!(
            "Your message\r\n\r\n  Subject: Tin\r\n\r\nwas not delivered to:\r\n\r\n  reader@example.org\r\n\r\nbecause:\r\n\r\n  {words}"
        ),
        &format!("Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: X-Notes; {words}"),
    )
}

fn old_exim(words: &str) -> String {
    format!(
        "X-Failed-Recipients: reader@example.org\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.example.org>\r\n\
         Subject: Mail delivery failed: returning message to sender\r\n\r\nThis message was created automatically by mail \
         delivery software.\r\n\r\nA message that you sent could not be delivered to one or more of its\r\nrecipients. This is a \
         permanent error. The following address(es) failed:\r\n\r\n  reader@example.org\r\n    {words}\r\n\r\n------ This is a copy \
         of the message, including all the headers. ------\r\n\r\n{COPY}"
    )
}

fn courier(words: &str) -> String {
    report(
        "\"Courier mail server at mx.example.org\" <@mx.example.org>",
        "NOTICE: mail delivery status.",
        &format!(
            "UNDELIVERABLE MAIL\r\n\r\nYour message to the following recipients cannot be delivered:\r\n\r\n<reader@example.org>:\r\n    mx.example.org [192.0.2.1]:\r\n<<< {words}"
        ),
        &format!("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; {words}"),
    )
}

fn ses(status: &str, words: &str) -> String {
    report(
        "MAILER-DAEMON@amazonses.com",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\r\nreader@example.org",
        &format!("Action: failed\r\nDiagnostic-Code: smtp; {words}\r\nStatus: {status}"),
    )
}

/// A status part in base64, the words in quoted-printable: what gateways make of it.
fn encoded(status: &str, words: &str) -> String {
    let fields = format!(
        "Reporting-MTA: dns; gw.example.org\r\n\r\nFinal-Recipient: rfc822; reader@example.org\r\nAction: failed\r\n\
         Status: {status}\r\nDiagnostic-Code: smtp; {words}\r\n"
    );
    report("postmaster@gw.example.org", "Undeliverable", "=C4=90=E1=BB=8Ba ch=E1=BB=89", "Action: failed").replacen(
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; reader@example.org\r\nAction: failed",
        &format!(
            "Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
            BASE64_MIME.encode(fields.as_bytes())
        ),
        1,
    )
}

fn other(action: &str, status: &str) -> String {
    report(
        "MAILER-DAEMON@mx.example.org",
        "Delayed Mail (still being retried)",
        "Your message could not be delivered for more than 4 hour(s).\r\nIt will be retried until it is 5 day(s) old.",
        &format!("Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 450 4.2.0 mailbox busy"),
    )
}

fn written() -> Vec<Case> {
    use Class::{Complaint, Hard, Notice, Sender, Soft};
    let all: Vec<(&str, String, Class)> = vec![
        ("exchange", exchange("5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"), Hard),
        (
            "exchange",
            exchange("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
            Hard,
        ),
        (
            "exchange",
            exchange(
                "5.4.1",
                "550 5.4.1 [reader@example.org]: Recipient address rejected: Access denied [DB5EUR01.eop.example]",
            ),
            Hard,
        ),
        (
            "exchange",
            exchange("5.4.310", "550 5.4.310 DNS domain example.org does not exist [Message=InfoDomainNonexistent]"),
            Hard,
        ),
        ("exchange", exchange("5.1.3", "550 5.1.3 STOREDRV.Submit; invalid recipient address"), Hard),
        ("exchange", exchange("5.2.2", "550 5.2.2 STOREDRV.Deliver; mailbox full"), Soft),
        (
            "exchange",
            exchange("5.2.3", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient"),
            Sender,
        ),
        ("exchange", exchange("5.7.1", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required"), Soft),
        (
            "exchange",
            exchange("5.7.134", "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required"),
            Soft,
        ),
        ("exchange", exchange("5.7.1", "550 5.7.1 Message rejected as spam by Content Filtering."), Sender),
        (
            "exchange",
            exchange("5.7.1", "550 5.7.1 Service unavailable, Client host [192.0.2.7] blocked using Spamhaus"),
            Sender,
        ),
        (
            "exchange",
            exchange("5.7.708", "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP"),
            Sender,
        ),
        (
            "exchange",
            exchange(
                "5.1.90",
                "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            ),
            Sender,
        ),
        ("exchange", exchange("5.4.7", "550 5.4.7 QUEUE.Expired; message expired"), Soft),
        ("exchange", exchange("4.4.7", "400 4.4.7 Message delayed"), Soft),
        (
            "exchange",
            exchange("5.4.300", "550 5.4.300 Message expired -> 451 4.7.500 Server busy. Please try again later"),
            Soft,
        ),
        (
            "exchange",
            exchange("5.3.4", "552 5.3.4 ROUTING.SizeLimit; message size exceeds fixed maximum size for route"),
            Sender,
        ),
        (
            "sendmail",
            sendmail(
                "5.1.1",
                "550 5.1.1 <reader@example.org>... User unknown",
                "... while talking to mx.example.org.:\r\n>>> DATA\r\n<<< 550 5.1.1 User unknown",
            ),
            Hard,
        ),
        ("sendmail", sendmail("5.1.1", "", "550 5.1.1 <reader@example.org>... User unknown"), Hard),
        (
            "sendmail",
            sendmail(
                "5.1.2",
                "",
                "550 5.1.2 <reader@example.invalid>... Host unknown (Name server: example.invalid: host not found)",
            ),
            Hard,
        ),
        ("sendmail", sendmail("5.2.2", "552 5.2.2 <reader@example.org>... Mailbox full", ""), Soft),
        ("sendmail", sendmail("5.3.0", "", "Can't create output: Error 0\r\n554 5.3.0 unknown mailer error 255"), Soft),
        (
            "sendmail",
            sendmail(
                "4.4.7",
                "",
                "<reader@example.org>... Deferred: Connection timed out with mx.example.org.\r\nMessage could not be delivered for 5 days\r\nMessage will be deleted from queue",
            ),
            Soft,
        ),
        (
            "sendmail",
            sendmail("5.7.1", "550 5.7.1 <reader@example.org>... Relaying denied. Proper authentication required.", ""),
            Sender,
        ),
        (
            "sendmail",
            sendmail("5.7.1", "553 5.7.1 <bantin@example.vn>: Sender address rejected: not owned by user", ""),
            Sender,
        ),
        (
            "sendmail",
            sendmail(
                "5.1.8",
                "553 5.1.8 <bantin@example.vn>... Domain of sender address bantin@example.vn does not exist",
                "",
            ),
            Sender,
        ),
        ("sendmail", sendmail("5.6.1", "554 5.6.1 Eight bit data not allowed", ""), Sender),
        (
            "gmail",
            gmail(
                "5.1.1",
                "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. 550 5.1.1 https://support.google.com/mail/answer/6596 - gsmtp",
            ),
            Hard,
        ),
        (
            "gmail",
            gmail(
                "5.2.1",
                "550 5.2.1 The email account that you tried to reach is disabled. https://support.google.com/mail/answer/6596",
            ),
            Hard,
        ),
        (
            "gmail",
            gmail("5.2.2", "552-5.2.2 The email account that you tried to reach is over quota and inactive."),
            Soft,
        ),
        (
            "gmail",
            gmail(
                "4.4.1",
                "The recipient server did not accept our requests to connect. [mx.example.org 192.0.2.1: timed out]",
            ),
            Soft,
        ),
        (
            "gmail",
            gmail(
                "5.0.0",
                "DNS Error: DNS type 'mx' lookup of example.invalid responded with code NXDOMAIN Domain name not found: example.invalid",
            ),
            Hard,
        ),
        (
            "gmail",
            gmail(
                "5.7.26",
                "550-5.7.26 Unauthenticated email from example.vn is not accepted due to domain's 550-5.7.26 DMARC policy.",
            ),
            Sender,
        ),
        ("gmail", gmail("5.4.5", "550-5.4.5 Daily SMTP relay sending limit exceeded for customer."), Sender),
        (
            "gmail",
            gmail(
                "5.7.28",
                "550-5.7.28 There is an unusual rate of unsolicited mail originating from your IP address.",
            ),
            Sender,
        ),
        ("qmail", qmail("Sorry, no mailbox here by that name. (#5.1.1)"), Hard),
        ("qmail", qmail("Sorry, I couldn't find any host named example.invalid. (#5.1.2)"), Hard),
        (
            "qmail",
            qmail(
                "192.0.2.1 does not like recipient.\r\nRemote host said: 550 5.1.1 unknown user\r\nGiving up on 192.0.2.1.",
            ),
            Hard,
        ),
        (
            "qmail",
            qmail(
                "192.0.2.1 does not like recipient.\r\nRemote host said: 550 User unknown\r\nGiving up on 192.0.2.1.",
            ),
            Hard,
        ),
        (
            "qmail",
            qmail(
                "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\r\nI'm not going to try again; this message has been in the queue too long.",
            ),
            Soft,
        ),
        ("qmail", qmail("The users mailfolder is over the allowed quota (size). (#5.2.2)"), Soft),
        (
            "qmail",
            qmail(
                "192.0.2.1 failed after I sent the message.\r\nRemote host said: 554 5.7.1 Message content rejected, spam",
            ),
            Sender,
        ),
        (
            "qmail",
            qmail(
                "Connected to 192.0.2.1 but sender was rejected.\r\nRemote host said: 550 5.7.1 Your IP is on our blacklist",
            ),
            Sender,
        ),
        (
            "qmail",
            qmail(
                "Sorry. Although I'm listed as a best-preference MX or A for that host,\r\nit isn't in my control/locals file, so I don't treat it as local. (#5.4.6)",
            ),
            Soft,
        ),
        ("domino", domino("5.1.1", "User reader (reader@example.org) not listed in Domino Directory"), Hard),
        ("domino", domino("5.0.0", "User not listed in public Name & Address Book"), Hard),
        ("domino", domino("5.2.2", "User's mail file is over its size quota"), Soft),
        ("domino", domino("5.0.0", "No route found to domain from server; the server is not responding"), Soft),
        ("domino", domino("5.7.1", "Mail rejected for policy reasons"), Sender),
        ("old exim", old_exim("Unrouteable address"), Hard),
        (
            "old exim",
            old_exim(
                "SMTP error from remote mail server after RCPT TO:<reader@example.org>:\r\n    host mx.example.org [192.0.2.1]: 550 5.1.1 User unknown",
            ),
            Hard,
        ),
        ("old exim", old_exim("mailbox is full: retry timeout exceeded"), Soft),
        ("old exim", old_exim("host mx.example.org [192.0.2.1]: Connection timed out: retry timeout exceeded"), Soft),
        (
            "old exim",
            old_exim(
                "SMTP error from remote mail server after end of data:\r\n    host mx.example.org [192.0.2.1]: 550 This message was classified as SPAM and may not be delivered",
            ),
            Sender,
        ),
        (
            "old exim",
            old_exim(
                "SMTP error from remote mail server after MAIL FROM:<bounces@example.vn>:\r\n    host mx.example.org [192.0.2.1]: 550 SPF check failed",
            ),
            Sender,
        ),
        ("old exim", old_exim("all relevant MX records point to non-existent hosts"), Soft),
        ("courier", courier("550 User <reader@example.org> unknown"), Hard),
        ("courier", courier("550 User unknown."), Hard),
        ("courier", courier("452 Mailbox full: quota exceeded"), Soft),
        ("courier", courier("513 Relaying denied."), Sender),
        ("ses", ses("5.1.1", "550 5.1.1 user unknown"), Hard),
        (
            "ses",
            ses(
                "5.1.1",
                "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.",
            ),
            Hard,
        ),
        (
            "ses",
            ses(
                "5.4.4",
                "550 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.0 Unable to lookup DNS for example.org>",
            ),
            Soft,
        ),
        ("ses", ses("5.2.2", "552 5.2.2 The mailbox you tried to reach is full"), Soft),
        (
            "ses",
            ses("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using bl.spamcop.net"),
            Sender,
        ),
        (
            "ses",
            ses("4.7.0", "421 4.7.0 [192.0.2.7] Our system has detected an unusual rate of unsolicited mail"),
            Sender,
        ),
        ("gateway", encoded("5.1.1", "550 5.1.1 No such user"), Hard),
        ("gateway", encoded("5.7.1", "550 5.7.1 blocked by policy"), Sender),
        ("gateway", encoded("4.2.2", "452 4.2.2 over quota"), Soft),
        (
            "yahoo",
            prose(
                "MAILER-DAEMON@yahoo.example",
                "Failure Notice",
                &format!(
                    "Sorry, we were unable to deliver your message to the following address.\r\n\r\n<reader@example.org>:\r\n554: delivery error: dd Requested mail action aborted, mailbox not found\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n{COPY}"
                ),
            ),
            Hard,
        ),
        (
            "yahoo",
            prose(
                "MAILER-DAEMON@yahoo.example",
                "Failure Notice",
                &format!(
                    "Sorry, we were unable to deliver your message to the following address.\r\n\r\n<reader@example.org>:\r\n553: 5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n{COPY}"
                ),
            ),
            Sender,
        ),
        (
            "groupwise",
            prose(
                "Mailer-Daemon@example.org",
                "Message status - undeliverable",
                &format!(
                    "The message that you sent was undeliverable to the following:\r\n\r\n\treader (Mailbox disabled)\r\n\r\n----- Original message -----\r\n{COPY}"
                ),
            ),
            Hard,
        ),
        (
            "mdaemon",
            prose(
                "MDaemon at example.org <MDaemon@postmaster.example.org>",
                "Permanent Delivery Failure: Undeliverable",
                &format!(
                    "The attached message had PERMANENT fatal delivery errors!\r\n\r\nTHIS IS A WARNING MESSAGE: 550 <reader@example.org>, Recipient unknown\r\n\r\n--- Mail Header ---\r\n{COPY}"
                ),
            ),
            Hard,
        ),
        (
            "qq",
            prose(
                "PostMaster@qq.example",
                "系统退信/Systems bounce",
                &format!(
                    "The email could not be delivered.\r\nReason: 550 Mailbox not found. https://service.mail.example/\r\n\r\n----- Original Message -----\r\n{COPY}"
                ),
            ),
            Hard,
        ),
        (
            "viettel",
            prose(
                "postmaster@mx.example.org",
                "Thư trả về: không gửi được",
                &format!(
                    "Không gửi được tới địa chỉ sau:\r\nreader@example.org: 550 5.1.1 User unknown\r\n\r\n----- Original Message -----\r\n{COPY}"
                ),
            ),
            Hard,
        ),
        (
            "viettel",
            prose(
                "postmaster@mx.example.org",
                "Thư trả về: không gửi được",
                &format!(
                    "Không gửi được tới địa chỉ sau:\r\nreader@example.org: 552 5.2.2 Hộp thư đã đầy, quota exceeded\r\n\r\n----- Original Message -----\r\n{COPY}"
                ),
            ),
            Soft,
        ),
        ("delayed", other("delayed", "4.4.1"), Notice),
        ("relayed", other("relayed", "2.0.0"), Notice),
        ("delivered", other("delivered (to mailbox)", "2.1.5"), Notice),
        ("expanded", other("expanded", "2.0.0"), Notice),
        ("failed with a good status", other("failed", "2.0.0"), Notice),
        (
            "exim's warning",
            old_exim("Delay reason: mailbox is full")
                .replace("Mail delivery failed: returning message to sender", "Warning: message 1xXy delayed 24 hours"),
            Notice,
        ),
        (
            "out of office",
            prose(
                "Reader <reader@example.org>",
                "Out of Office: Tin",
                "I am away until Monday. 550 5.1.1 is not what I mean.",
            ),
            Notice,
        ),
        ("trả lời tự động", prose("reader@example.org", "Trả lời tự động: Tin", "Tôi đi vắng."), Notice),
        ("complaint", COMPLAINT.to_owned(), Complaint),
        ("not spam", COMPLAINT.replace("Feedback-Type: abuse", "Feedback-Type: not-spam"), Notice),
    ];
    all.into_iter().map(|(name, raw, class)| (name.to_owned(), raw.into_bytes(), class)).collect()
}

const COMPLAINT: &str = "From: feedback@isp.example\r\nSubject: complaint\r\n\
     Content-Type: multipart/report; report-type=feedback-report; boundary=f\r\n\r\n--f\r\nContent-Type: text/plain\r\n\r\n\
     This is an email abuse report.\r\n--f\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\
     User-Agent: Some/1.0\r\nVersion: 1\r\n\r\n--f\r\nContent-Type: message/rfc822\r\n\r\nFrom: bantin@example.vn\r\n\r\nx\r\n--f--\r\n";

#[test]
fn bounces_mean_what_they_mean() {
    let cases: Vec<Case> = real().into_iter().chain(written()).collect();
    assert!(cases.len() >= 200, "{}", cases.len());
    let (mut wrong, mut false_hard) = (Vec::new(), Vec::new());
    for (name, raw, expected) in &cases {
        let report = read(raw);
        let got = report.as_ref().map(|report| report.class);
        if got != Some(*expected) {
            wrong.push(format!("{name}: {got:?} instead of {expected:?}: {report:?}"));
        }
        if got == Some(Class::Hard) && *expected != Class::Hard {
            false_hard.push(name.clone());
        }
        if let Some(report) = report {
            assert!(!report.words.contains('@'), "an address in {:?}", report.words);
        }
    }
    let right = cases.len() - wrong.len();
    println!("{right} of {} bounces right, {} falsely hard", cases.len(), false_hard.len());
    assert!(false_hard.is_empty(), "living addresses given up: {false_hard:?}\n{}", wrong.join("\n"));
    assert!(right * 100 >= cases.len() * 98, "{right} of {}:\n{}", cases.len(), wrong.join("\n"));
}

#[test]
fn whose_mail_it_was_is_told_by_what_we_signed() {
    let tokens = crate::subscriber::Tokens::new("a key");
    let bounces = crate::config::Bounces {
        before: "bounces+".to_owned(),
        after: String::new(),
        domain: "example.vn".to_owned(),
        inbox: None,
    };
    let (mut marked, mut linked) = (0, 0);
    for (name, raw, _) in real() {
        let text = String::from_utf8(raw).unwrap();
        let case = name.split(['/', '.']).nth(1).unwrap();
        assert_eq!(super::take::whose(text.as_bytes(), &tokens, Some(&bounces)), (None, None), "a forged mark: {name}");
        let mark = text.replace(&format!("{case}{}", "a".repeat(23)), &tokens.mark(77).to_uppercase());
        marked += usize::from(super::take::whose(mark.as_bytes(), &tokens, Some(&bounces)) == (Some(77), None));
        // A relay that makes the envelope's sender its own: the copy of the mail still tells.
        let link = text.replace(&format!("UNSUBSCRIBE-{case}"), &tokens.unsubscribe(42));
        linked += usize::from(super::take::whose(link.as_bytes(), &tokens, None) == (None, Some(42)));
    }
    assert_eq!((marked, linked), (165, 165));
    let given = format!("Reporting-MTA: dns; mx.example.org\nOriginal-Envelope-Id: {}\n", tokens.mark(78));
    assert_eq!(super::take::whose(given.as_bytes(), &tokens, None), (Some(78), None));
    assert_eq!(super::take::whose(b"Original-Envelope-Id: aaaaaaaaaaaaaaaaaaaaaaaaaa\n", &tokens, None), (None, None));
}

#[test]
fn what_is_no_bounce_is_none() {
    for raw in [
        "",
        "From: reader@example.org\r\nSubject: Re: Tin\r\n\r\nuser unknown",
        "From: newsletter@example.org\r\nSubject: failure notice\r\n\r\nuser unknown",
        "Return-Path: <>\r\nFrom: postmaster@example.org\r\nSubject: Hello\r\n\r\n550 5.1.1 user unknown",
        "\r\n\r\n--\r\n--\r\n",
    ] {
        assert_eq!(read(raw.as_bytes()), None, "{raw}");
    }
}

#[test]
fn whatever_comes_costs_little_and_panics_never() {
    let nested = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(20_000);
    let many = format!("{}--x\r\n", "Content-Type: message/delivery-status\r\n\r\n--x\r\n".repeat(5_000));
    let hyphens = format!(
        "Content-Type: multipart/report; boundary=q\r\n\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\n{}",
        "--r\r\n".repeat(50_000)
    );
    let began = std::time::Instant::now();
    for raw in [nested, many, hyphens, "\u{0}\u{ff}".repeat(50_000), "--\r\n".repeat(60_000)] {
        let _ = read(raw.as_bytes());
    }
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn codes_are_found_in_words() {
    assert_eq!(class::status_in("host said: 550-5.1.1 no such user"), Some((5, 1, 1)));
    assert_eq!(class::status_in("(#5.7.26)."), Some((5, 7, 26)));
    assert_eq!(class::status_in("127.0.0.1 said no, version 6.1.1"), None);
    assert_eq!(class::code_in("after RCPT TO: 550-no"), Some(550));
    assert_eq!(class::code_in("of 2026 in room 4550, 999 times"), None);
}

#[test]
fn soft_failures_are_forgotten_and_add_up() {
    let day = 86_400_000;
    let mut daily = Score::default();
    let mut days = 0;
    while !daily.is_too_much() {
        days += 1;
        daily = daily.after(days * day);
    }
    assert!((6..=7).contains(&days), "a mailbox that is full every day is given up after {days} days");
    let mut weekly = Score::default();
    let mut weeks = 0;
    while !weekly.is_too_much() {
        weeks += 1;
        weekly = weekly.after(weeks * 7 * day);
    }
    assert!((8..=10).contains(&weeks), "{weeks}");
    let mut rare = Score::default();
    for month in 1..100 {
        rare = rare.after(month * 30 * day);
        assert!(rare.points <= 1_000, "a failure a month is nothing");
    }
    let often = (0..50).fold(Score::default(), |score, minute| score.after(FORGOTTEN_MS + minute * 60_000));
    assert!(often.points < MOST && often.points == 1_000, "a bad hour is one failure");
}
