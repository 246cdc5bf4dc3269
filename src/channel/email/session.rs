//! One connection to a relay: how it begins ([`open`]), and mails one after another. Every failure knows its phase.
//! Where the relay pipelines, the next mail's envelope travels with the previous mail's final dot (RFC 2920 §3.1),
//! so that a mail costs one round trip. Body and final dot go out in one write: in two, Nagle and the peer's
//! delayed acknowledgement cost 40 ms a mail.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::time::{Instant, timeout};

use super::outcome::{Failure, Phase};
use super::reply::Reply;

mod open;

/// How many times longer than for other replies is waited after the final dot: the relay may be scanning, and giving up
/// makes a repeat (RFC 5321 asks for ten minutes; five keep a dead relay from blocking a connection longer than needed).
const FINAL: u32 = 5;

/// How long a look at who left holds.
const ASK: Duration = Duration::from_millis(250);

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A mail ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Key of the delivery.
    pub delivery: i64,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// What a notification about it is known by, where the relay passes it on (RFC 3461); may be empty.
    pub mark: String,
    /// The message, dots stuffed, ended by the final dot: [`super::dots::dotted`].
    pub content: Vec<u8>,
}

/// A session after its greeting and login.
pub struct Session {
    link: BufReader<Box<dyn Stream>>,
    pipelining: bool,
    size: Option<usize>,
    /// The relay takes wishes about notifications.
    dsn: bool,
    /// A transaction was begun and refused: RSET goes before the next.
    unclean: bool,
    /// Longest wait for the reply to a command.
    patience: Duration,
    /// Mails carried.
    pub used: usize,
}

/// What became of a batch: results for its first mails, and what ended it early, if anything did. Mails without a
/// result were not touched.
#[derive(Debug, Default)]
pub struct Delivered {
    /// One per mail, in order, possibly fewer.
    pub results: Vec<Result<Reply, Failure>>,
    /// Why the session is over.
    pub broken: Option<Failure>,
    /// A mail's envelope was sent and the mail was not: the session cannot be used any more.
    pub torn: bool,
    /// The watch wants no more mails sent.
    pub stopped: bool,
}

/// Looks on while a batch is sent.
pub trait Watch: Send + Sync {
    /// Which of these mails nobody wants any more; asked again and again while the batch lasts.
    fn unwanted<'a>(&'a self, mails: &'a [Mail]) -> BoxFuture<'a, HashSet<i64>>;
    /// What became of a mail; whether to go on.
    fn sent(&self, result: &Result<Reply, Failure>) -> bool;
}

impl Session {
    /// Carries mails one after another until one breaks the session or the watch stops it. A reader who leaves while
    /// the batch lasts gets nothing more: the watch is asked again before a mail
    /// when it was `asked` longer than [`ASK`] ago.
    pub async fn deliver(&mut self, mails: &[Mail], watch: &dyn Watch, mut asked: Instant) -> Delivered {
        let mut done = Delivered::default();
        let mut announced = false;
        let mut unwanted = HashSet::new();
        for (index, mail) in mails.iter().enumerate() {
            if asked.elapsed() >= ASK {
                unwanted = watch.unwanted(mails.get(index..).unwrap_or_default()).await;
                asked = Instant::now();
            }
            if unwanted.contains(&mail.delivery) {
                done.results.push(Err(Failure::unwanted()));
                if announced {
                    // Its envelope rode along already; the session is left rather than the mail sent.
                    done.torn = true;
                    return done;
                }
                continue;
            }
            let next = mails.get(index + 1).filter(|next| self.pipelining && !unwanted.contains(&next.delivery));
            let (result, riding) = self.one(mail, announced, next).await;
            announced = riding;
            match result {
                Err(failure) if failure.ends_session() => {
                    // Before the dot the mail was not touched: it may go by another session.
                    if failure.phase == Phase::Dot || failure.stop().is_some() {
                        done.stopped |= !watch.sent(&Err(failure.clone()));
                        done.results.push(Err(failure.clone()));
                    }
                    done.broken = Some(failure);
                    return done;
                }
                result => {
                    done.stopped |= !watch.sent(&result);
                    done.results.push(result);
                }
            }
            self.used += 1;
            if done.stopped {
                done.torn = announced;
                return done;
            }
        }
        done
    }

    /// Carries one mail; says whether the next one's envelope went along.
    async fn one(&mut self, mail: &Mail, announced: bool, next: Option<&Mail>) -> (Result<Reply, Failure>, bool) {
        if let Err(failure) = self.envelope(mail, announced).await {
            return (Err(failure), false);
        }
        let mut bytes;
        let content = match next {
            None => mail.content.as_slice(),
            Some(next) => {
                bytes = mail.content.clone();
                bytes.extend_from_slice(self.opening(next).as_bytes());
                &bytes
            }
        };
        if let Err(failure) = self.content(content, mail.content.len()).await {
            return (Err(failure), false);
        }
        match self.reply(Phase::Dot, self.patience * FINAL).await {
            Ok(reply) if reply.is_positive() => (Ok(reply), next.is_some()),
            Ok(reply) => (Err(Failure::reply(Phase::Dot, reply)), next.is_some()),
            Err(failure) => (Err(failure), false),
        }
    }

    /// The commands that open a transaction.
    fn opening(&self, mail: &Mail) -> String {
        let size = if self.size.is_some() { format!(" SIZE={}", mail.content.len()) } else { String::new() };
        if !self.dsn || mail.mark.is_empty() {
            return format!("MAIL FROM:<{}>{size}\r\nRCPT TO:<{}>\r\nDATA\r\n", mail.from, mail.to);
        }
        // Of a mail that cannot be delivered we want to hear, with its mark and its headers; of nothing else (RFC 3461).
        format!(
            "MAIL FROM:<{}>{size} RET=HDRS ENVID={}\r\nRCPT TO:<{}> NOTIFY=FAILURE ORCPT=rfc822;{}\r\nDATA\r\n",
            mail.from,
            mail.mark,
            mail.to,
            xtext(&mail.to)
        )
    }

    /// Opens a transaction, up to the relay's 354.
    async fn envelope(&mut self, mail: &Mail, announced: bool) -> Result<(), Failure> {
        if let Some(most) = self.size.filter(|&most| most > 0 && mail.content.len() > most) {
            let lines = vec![format!("5.3.4 {} bytes are more than the {most} the relay takes", mail.content.len())];
            if !announced {
                return Err(Failure::reply(Phase::Mail, Reply { code: 552, lines }));
            }
        }
        if !self.pipelining {
            if std::mem::take(&mut self.unclean) {
                self.command(Phase::Mail, "RSET\r\n", 2).await?;
            }
            let opening = self.opening(mail);
            for (command, phase) in opening.split_inclusive("\r\n").zip([Phase::Mail, Phase::Rcpt, Phase::Data]) {
                self.command(phase, command, if phase == Phase::Data { 3 } else { 2 })
                    .await
                    .inspect_err(|_| self.unclean = true)?;
            }
            return Ok(());
        }
        if !announced {
            let reset = std::mem::take(&mut self.unclean);
            let opening = format!("{}{}", if reset { "RSET\r\n" } else { "" }, self.opening(mail));
            self.write(Phase::Mail, opening.as_bytes()).await?;
            if reset {
                self.expect(Phase::Mail, 2).await?;
            }
        }
        // Every reply is read, also after a refusal: they belong to this mail.
        let mut refused = None;
        for phase in [Phase::Mail, Phase::Rcpt, Phase::Data] {
            let reply = self.reply(phase, self.patience).await?;
            let wanted = if phase == Phase::Data { 3 } else { 2 };
            if reply.code / 100 == wanted && phase == Phase::Data && refused.is_some() {
                // The relay waits for a mail whose envelope it refused; there is no harmless way to go on.
                return Err(Failure::link(Phase::Data, "the relay accepted DATA after refusing the envelope"));
            }
            if reply.code / 100 != wanted && refused.is_none() {
                let failure = Failure::reply(phase, reply);
                if failure.ends_session() {
                    return Err(failure);
                }
                refused = Some(failure);
            }
        }
        self.unclean = refused.is_some();
        refused.map_or(Ok(()), Err)
    }

    /// Writes a mail's content, of which the first `whole` bytes end with its final dot. A failure before the dot
    /// was handed to the system is one at DATA: the relay cannot have accepted the mail.
    async fn content(&mut self, bytes: &[u8], whole: usize) -> Result<(), Failure> {
        let (mut sent, longest) = (0, self.patience * FINAL);
        let writing = async {
            while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
                match self.link.write(rest).await? {
                    0 => return Err(std::io::ErrorKind::WriteZero.into()),
                    count => sent += count,
                }
            }
            self.link.flush().await
        };
        let result = timeout(longest, writing).await;
        let phase = if sent < whole { Phase::Data } else { Phase::Dot };
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::link(phase, error)),
            Err(_) => Err(Failure::link(phase, format!("the relay took no data for {} s", longest.as_secs()))),
        }
    }

    /// Takes leave; the answer does not matter.
    pub async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(2), async {
            self.write(Phase::Mail, b"QUIT\r\n").await?;
            self.reply(Phase::Mail, self.patience).await
        })
        .await;
    }

    async fn command(&mut self, phase: Phase, command: &str, class: u16) -> Result<Reply, Failure> {
        self.write(phase, command.as_bytes()).await?;
        self.expect(phase, class).await
    }

    async fn expect(&mut self, phase: Phase, class: u16) -> Result<Reply, Failure> {
        let reply = self.reply(phase, self.patience).await?;
        if reply.code / 100 == class { Ok(reply) } else { Err(Failure::reply(phase, reply)) }
    }

    async fn write(&mut self, phase: Phase, bytes: &[u8]) -> Result<(), Failure> {
        let longest = self.patience;
        let writing = async {
            self.link.write_all(bytes).await?;
            self.link.flush().await
        };
        match timeout(longest, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::link(phase, error)),
            Err(_) => Err(Failure::link(phase, format!("the relay took no data for {} s", longest.as_secs()))),
        }
    }

    async fn reply(&mut self, phase: Phase, longest: Duration) -> Result<Reply, Failure> {
        match timeout(longest, Reply::read(&mut self.link)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(Failure::link(phase, error)),
            Err(_) => Err(Failure::link(phase, format!("no reply within {} s", longest.as_secs()))),
        }
    }
}

/// An address as a parameter holds it (RFC 3461 §4).
fn xtext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, b'!'..=b'~') && byte != b'+' && byte != b'=' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "+{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::dots::dotted;
    use super::*;

    /// A relay that accepts `most` bytes and is gone.
    async fn cut_after(most: usize) -> Failure {
        let (ours, mut theirs) = tokio::io::duplex(16);
        let mut session = Session {
            link: BufReader::new(Box::new(ours)),
            pipelining: false,
            size: None,
            dsn: false,
            unclean: false,
            patience: Duration::from_mins(1),
            used: 0,
        };
        let gone = tokio::spawn(async move {
            tokio::io::copy(&mut tokio::io::AsyncReadExt::take(&mut theirs, most as u64), &mut tokio::io::sink()).await
        });
        let content = dotted(&b"x".repeat(100));
        let written = session.content(&content, content.len()).await;
        gone.await.unwrap().unwrap();
        match written {
            Err(failure) => failure,
            Ok(()) => session.reply(Phase::Dot, session.patience * FINAL).await.unwrap_err(),
        }
    }

    #[test]
    fn an_address_in_a_parameter_has_no_sign_of_its_own() {
        assert_eq!(xtext("tin+a=b@example.org"), "tin+2Ba+3Db@example.org");
    }

    #[tokio::test]
    async fn a_cut_before_the_dot_left_is_safe_and_one_after_it_is_not() {
        assert_eq!(cut_after(20).await.phase, Phase::Data);
        assert_eq!(cut_after(105).await.phase, Phase::Dot);
    }
}
