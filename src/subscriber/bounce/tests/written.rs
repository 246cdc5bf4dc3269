//! Written bounces in the layouts of servers and services that are not at hand, and what each means.

use super::Case;
use super::layouts::*;
use crate::subscriber::bounce::class::Class;

pub(super) fn written() -> Vec<Case> {
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
