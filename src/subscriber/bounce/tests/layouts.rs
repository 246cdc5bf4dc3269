//! The layouts of notifications that servers and services send, to be filled with codes and words.

use data_encoding::BASE64_MIME;

/// The mail that comes back in the written ones; its own words speak of all that could mislead.
pub(super) const COPY: &str = "Return-Path: <bounces+x@example.vn>\r\nFrom: bantin@example.vn\r\nTo: reader@example.org\r\n\
     Subject: user unknown, mailbox full, spam\r\nMessage-ID: <p.1.2@example.vn>\r\n\
     Content-Type: text/plain\r\n\r\n550 5.1.1 user unknown. 552 5.2.2 over quota. 554 5.7.1 blocked as spam.\r\n";

/// A notification of RFC 3464 with the fields of its recipient and the words for people.
pub(super) fn report(from: &str, subject: &str, prose: &str, fields: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: {from}\r\nTo: bounces+x@example.vn\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b/1\"\r\n\r\n--b/1\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{prose}\r\n\r\n--b/1\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; reader@example.org\r\n{fields}\r\n\r\n--b/1\r\n\
         Content-Type: message/rfc822\r\n\r\n{COPY}\r\n--b/1--\r\n"
    )
}

/// Prose without a status part.
pub(super) fn prose(from: &str, subject: &str, text: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: {from}\r\nTo: bounces+x@example.vn\r\nSubject: {subject}\r\nContent-Type: text/plain\r\n\r\n{text}"
    )
}

pub(super) fn exchange(status: &str, words: &str) -> String {
    report(
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>",
        "Undeliverable: Tin",
        "Delivery has failed to these recipients or groups:\r\n\r\nreader@example.org\r\nThe message couldn't be delivered.",
        &format!("Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp;{words}\r\nX-Display-Name: Reader"),
    )
}

pub(super) fn sendmail(status: &str, diagnostic: &str, session: &str) -> String {
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

pub(super) fn gmail(status: &str, words: &str) -> String {
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

pub(super) fn qmail(words: &str) -> String {
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

pub(super) fn domino(status: &str, words: &str) -> String {
    report(
        "Postmaster@example.org",
        "DELIVERY FAILURE: Tin",
        &format!(
            "Your message\r\n\r\n  Subject: Tin\r\n\r\nwas not delivered to:\r\n\r\n  reader@example.org\r\n\r\nbecause:\r\n\r\n  {words}"
        ),
        &format!("Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: X-Notes; {words}"),
    )
}

pub(super) fn old_exim(words: &str) -> String {
    format!(
        "X-Failed-Recipients: reader@example.org\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.example.org>\r\n\
         Subject: Mail delivery failed: returning message to sender\r\n\r\nThis message was created automatically by mail \
         delivery software.\r\n\r\nA message that you sent could not be delivered to one or more of its\r\nrecipients. This is a \
         permanent error. The following address(es) failed:\r\n\r\n  reader@example.org\r\n    {words}\r\n\r\n------ This is a copy \
         of the message, including all the headers. ------\r\n\r\n{COPY}"
    )
}

pub(super) fn courier(words: &str) -> String {
    report(
        "\"Courier mail server at mx.example.org\" <@mx.example.org>",
        "NOTICE: mail delivery status.",
        &format!(
            "UNDELIVERABLE MAIL\r\n\r\nYour message to the following recipients cannot be delivered:\r\n\r\n<reader@example.org>:\r\n    mx.example.org [192.0.2.1]:\r\n<<< {words}"
        ),
        &format!("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; {words}"),
    )
}

pub(super) fn ses(status: &str, words: &str) -> String {
    report(
        "MAILER-DAEMON@amazonses.com",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\r\nreader@example.org",
        &format!("Action: failed\r\nDiagnostic-Code: smtp; {words}\r\nStatus: {status}"),
    )
}

/// A status part in base64, the words in quoted-printable: what gateways make of it.
pub(super) fn encoded(status: &str, words: &str) -> String {
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

pub(super) fn other(action: &str, status: &str) -> String {
    report(
        "MAILER-DAEMON@mx.example.org",
        "Delayed Mail (still being retried)",
        "Your message could not be delivered for more than 4 hour(s).\r\nIt will be retried until it is 5 day(s) old.",
        &format!("Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 450 4.2.0 mailbox busy"),
    )
}
