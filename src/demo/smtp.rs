//! The demo's mail server: receives what bantin sends and puts it into the [`Mailbox`]. Speaks as much of
//! RFC 5321 as a relay must (EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT), with PIPELINING, 8BITMIME, SMTPUTF8
//! and SIZE.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};

use super::mailbox::Mailbox;
use super::server::Tasks;

/// The largest mail that is taken, in bytes.
const SIZE: usize = 10 * 1024 * 1024;
/// The longest command line (RFC 5321 wants 512; extensions make it longer).
const LINE: u64 = 4096;
/// RFC 5321 has a server wait this long for the next command.
const IDLE: Duration = Duration::from_mins(5);

/// A connection, read by lines and written when a group of commands is answered.
type Lines = BufReader<BufWriter<TcpStream>>;

/// Receives mail until the demo stops.
pub(super) fn receive(tasks: &Tasks, listener: TcpListener, mailbox: Mailbox) {
    let (cancel, tracker) = (tasks.cancel.clone(), tasks.tracker.clone());
    tasks.tracker.spawn(async move {
        loop {
            let stream = tokio::select! {
                () = cancel.cancelled() => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
            };
            let (cancel, mailbox) = (cancel.clone(), mailbox.clone());
            tracker.spawn(async move {
                tokio::select! {
                    () = cancel.cancelled() => {}
                    result = converse(stream, &mailbox) => if let Err(error) = result {
                        tracing::debug!(%error, "a connection to the demo's mail server ended early");
                    }
                }
            });
        }
    });
}

/// What a connection has said so far.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

async fn converse(stream: TcpStream, mailbox: &Mailbox) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(BufWriter::new(stream));
    say(&mut stream, "220 127.0.0.1 ESMTP bantin demo").await?;
    let mut envelope = Envelope::default();
    loop {
        let mut line = Vec::new();
        let mut limited = (&mut stream).take(LINE);
        match tokio::time::timeout(IDLE, limited.read_until(b'\n', &mut line)).await {
            Err(_) => return say(&mut stream, "421 4.4.2 idle for too long").await,
            Ok(read) => {
                if read? == 0 {
                    return Ok(());
                }
            }
        }
        if line.last() != Some(&b'\n') {
            return say(&mut stream, "500 5.5.2 line too long").await;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => {
                envelope = Envelope::default();
                for word in ["127.0.0.1", "PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"] {
                    write(&mut stream, &format!("250-{word}\r\n")).await?;
                }
                format!("250 SIZE {SIZE}")
            }
            "HELO" => "250 127.0.0.1".into(),
            "MAIL" => mail(&mut envelope, &line),
            "RCPT" => recipient(&mut envelope, &line),
            "DATA" if envelope.to.is_empty() => "503 5.5.1 no recipient yet".into(),
            "DATA" => {
                say(&mut stream, "354 end with <CRLF>.<CRLF>").await?;
                let done = std::mem::take(&mut envelope);
                match data(&mut stream).await? {
                    Some(source) => {
                        mailbox.deliver(&done.to, &source.into());
                        "250 2.0.0 delivered".into()
                    }
                    None => "552 5.3.4 the mail is larger than the size limit".into(),
                }
            }
            "RSET" => {
                envelope = Envelope::default();
                "250 2.0.0 forgotten".into()
            }
            "NOOP" => "250 2.0.0 still here".into(),
            "VRFY" => "252 2.1.5 send it and see".into(),
            "QUIT" => return say(&mut stream, "221 2.0.0 bye").await,
            _ => "500 5.5.1 unknown command".into(),
        };
        write(&mut stream, &format!("{reply}\r\n")).await?;
        // Pipelined commands are answered together (RFC 2920).
        if stream.buffer().is_empty() || verb == "DATA" {
            stream.flush().await?;
        }
    }
}

fn mail(envelope: &mut Envelope, line: &str) -> String {
    if envelope.from.is_some() {
        return "503 5.5.1 one sender at a time".into();
    }
    let Some(from) = address(line) else { return "501 5.5.4 MAIL FROM:<address>".into() };
    let upper = line.to_ascii_uppercase();
    let size = upper.split(" SIZE=").nth(1).and_then(|s| s.split(' ').next()?.parse::<usize>().ok());
    if size.is_some_and(|size| size > SIZE) {
        return "552 5.3.4 the mail is larger than the size limit".into();
    }
    envelope.from = Some(from);
    "250 2.1.0 sender noted".into()
}

fn recipient(envelope: &mut Envelope, line: &str) -> String {
    match address(line) {
        _ if envelope.from.is_none() => "503 5.5.1 MAIL first".into(),
        _ if envelope.to.len() >= 1000 => "452 4.5.3 too many recipients".into(),
        Some(to) if to.contains('@') => {
            envelope.to.push(to);
            "250 2.1.5 recipient noted".into()
        }
        _ => "501 5.1.3 RCPT TO:<address>".into(),
    }
}

/// The address between the angle brackets; an empty one is the null sender.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    Some(rest.split_once('>')?.0.to_owned())
}

/// The mail up to the lonely dot, dots unstuffed; `None` when it is too large (it is read to its end then).
async fn data(stream: &mut Lines) -> std::io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    let mut fits = true;
    loop {
        let mut line = Vec::new();
        // A line without an end could be endless: it is taken in pieces, which changes nothing else.
        let mut limited = (&mut *stream).take(SIZE as u64);
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" || line == b".\n" {
            return Ok(fits.then_some(mail));
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        fits = fits && mail.len() + line.len() <= SIZE;
        if fits {
            mail.extend_from_slice(line);
        }
    }
}

async fn write(stream: &mut Lines, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes()).await
}

async fn say(stream: &mut Lines, line: &str) -> std::io::Result<()> {
    write(stream, &format!("{line}\r\n")).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::demo::journal::Journal;
    use crate::demo::server::listen;

    async fn start() -> (Tasks, Mailbox, Lines) {
        let tasks = Tasks::default();
        let (journal, _) = Journal::new(Clock::System);
        let mailbox = Mailbox::new(Clock::System, journal);
        let (listener, address) = listen("test", 0).await.unwrap();
        receive(&tasks, listener, mailbox.clone());
        (tasks, mailbox, BufReader::new(BufWriter::new(TcpStream::connect(address).await.unwrap())))
    }

    /// Sends some lines and reads as many replies.
    async fn dialogue(stream: &mut Lines, send: &str, replies: usize) -> Vec<String> {
        stream.write_all(send.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut out = Vec::new();
        while out.len() < replies {
            let mut line = String::new();
            assert!(stream.read_line(&mut line).await.unwrap() > 0, "closed after {out:?}");
            if line.as_bytes().get(3) == Some(&b' ') {
                out.push(line.trim_end().to_owned());
            }
        }
        out
    }

    fn codes(replies: &[String]) -> Vec<&str> {
        replies.iter().map(|r| &r[..3]).collect()
    }

    #[tokio::test]
    async fn a_pipelined_mail_arrives_with_its_dots() {
        let (tasks, mailbox, mut stream) = start().await;
        let replies = dialogue(
            &mut stream,
            "EHLO a\r\nMAIL FROM:<a@b.vn> BODY=8BITMIME\r\nRCPT TO:<x@example.vn>\r\nRCPT TO:<y@example.vn>\r\nDATA\r\n",
            6,
        )
        .await;
        assert_eq!(codes(&replies), ["220", "250", "250", "250", "250", "354"]);
        let replies = dialogue(&mut stream, "Subject: Cầu\r\n\r\n..một\r\n.\r\nRSET\r\nNOOP\r\nQUIT\r\n", 4).await;
        assert_eq!(codes(&replies), ["250", "250", "250", "221"]);
        let mails = mailbox.mails();
        assert_eq!(mails.iter().map(|m| m.to.as_str()).collect::<Vec<_>>(), ["x@example.vn", "y@example.vn"]);
        assert_eq!(mails[0].source, "Subject: Cầu\r\n\r\n.một\r\n");
        tasks.stop().await;
    }

    #[tokio::test]
    async fn wrong_order_and_size_are_refused() {
        let (tasks, mailbox, mut stream) = start().await;
        let replies = dialogue(
            &mut stream,
            "EHLO a\r\nRCPT TO:<x@example.vn>\r\nDATA\r\nMAIL FROM:<a@b.vn> SIZE=99999999\r\nMAIL nothing\r\nXYZ\r\n",
            7,
        )
        .await;
        assert_eq!(codes(&replies), ["220", "250", "503", "503", "552", "501", "500"]);
        assert!(mailbox.mails().is_empty());
        tasks.stop().await;
    }
}
