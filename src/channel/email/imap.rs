//! A minimal, strict reader of a mailbox by IMAP (RFC 3501): logs in, lists what is unread, fetches it, marks it as read.
//! Nothing is deleted. Everything the server says is bounded, and what is not understood ends the session.

use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use data_encoding::BASE64;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

use super::tls;
use crate::config::{Inbox, Tls};
use crate::subscriber::bounce::LONGEST;

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_mins(1);
/// Longest line; a list of unread messages is one.
const LONGEST_LINE: u64 = 1024 * 1024;
/// Longest part of a message that a server may send unasked beside the one that was asked for.
const LONGEST_LITERAL: usize = LONGEST + 64 * 1024;
/// Most lines of one answer.
const MOST_LINES: usize = 10_000;

/// Why a mailbox could not be read, without any password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

type Result<T> = std::result::Result<T, Fault>;

fn wrong<T>(why: impl std::fmt::Display) -> Result<T> {
    Err(Fault(why.to_string()))
}

/// A mailbox, opened.
pub trait Mailbox: Send {
    /// The messages that are not read yet.
    fn unread(&mut self) -> impl Future<Output = Result<Vec<u32>>> + Send;
    /// The first [`LONGEST`] bytes of a message; `None` when it is gone.
    fn fetch(&mut self, message: u32) -> impl Future<Output = Result<Option<Vec<u8>>>> + Send;
    /// The message was worked off.
    fn done(&mut self, message: u32) -> impl Future<Output = Result<()>> + Send;
    /// Takes leave.
    fn close(self) -> impl Future<Output = ()> + Send;
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A session with a server.
pub struct Imap {
    link: BufReader<Box<dyn Stream>>,
    tag: u32,
}

/// One answer: its untagged lines, each with what it carried in braces.
#[derive(Debug, Default)]
struct Answer {
    lines: Vec<(String, Vec<Vec<u8>>)>,
}

impl Imap {
    /// Connects, secures, logs in and opens the folder.
    ///
    /// # Errors
    /// What failed, with what to do where there is something.
    pub async fn open(inbox: &Inbox) -> Result<Self> {
        let address = (inbox.host.as_str(), inbox.port);
        let tcp = match timeout(ANSWER, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return wrong(format!("{}:{}: {error}", inbox.host, inbox.port)),
            Err(_) => return wrong(format!("{}:{}: no connection in time", inbox.host, inbox.port)),
        };
        let mut imap = Self { link: BufReader::new(Box::new(tcp)), tag: 0 };
        if inbox.tls == Tls::Implicit {
            imap = imap.secured(inbox, true).await?;
        }
        let (greeting, _) = imap.line().await?;
        if !greeting.to_ascii_uppercase().starts_with("* OK") {
            return wrong(format!("the server greets with {:?}", short(&greeting)));
        }
        let mut can = imap.capabilities().await?;
        if matches!(inbox.tls, Tls::Required | Tls::Opportunistic) {
            if can.iter().any(|word| word == "STARTTLS") {
                imap.command("STARTTLS").await?;
                if !imap.link.buffer().is_empty() {
                    return wrong("the server spoke between STARTTLS and TLS");
                }
                imap = imap.secured(inbox, inbox.tls == Tls::Required).await?;
                can = imap.capabilities().await?;
            } else if inbox.tls == Tls::Required {
                return wrong("the server offers no STARTTLS; say imaps:, or ?tls=none to do without encryption");
            }
        }
        imap.log_in(inbox, &can).await?;
        let folder = quoted(&inbox.folder)?;
        imap.command(&format!("SELECT {folder}")).await?;
        Ok(imap)
    }

    async fn secured(self, inbox: &Inbox, verified: bool) -> Result<Self> {
        let name = match inbox.host.parse::<IpAddr>() {
            Ok(ip) => ServerName::IpAddress(ip.into()),
            Err(_) => ServerName::try_from(inbox.host.clone()).or_else(wrong)?,
        };
        let connector = tls::connector(verified).or_else(wrong)?;
        match timeout(ANSWER, connector.connect(name, self.link.into_inner())).await {
            Ok(Ok(stream)) => Ok(Self { link: BufReader::new(Box::new(stream)), tag: self.tag }),
            Ok(Err(error)) => wrong(format!("TLS: {error}")),
            Err(_) => wrong("no TLS in time"),
        }
    }

    async fn capabilities(&mut self) -> Result<Vec<String>> {
        let answer = self.command("CAPABILITY").await?;
        let lines = answer.lines.into_iter().map(|(line, _)| line.to_ascii_uppercase());
        Ok(lines
            .filter_map(|line| line.strip_prefix("* CAPABILITY ").map(str::to_owned))
            .flat_map(|words| words.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect())
    }

    async fn log_in(&mut self, inbox: &Inbox, can: &[String]) -> Result<()> {
        let (user, password) = (inbox.login.0.as_str(), inbox.login.1.expose_secret());
        let refused =
            |_| Fault("the login was refused; check the user and the password of `[email.bounces]`".to_owned());
        if can.iter().any(|word| word == "AUTH=PLAIN") {
            let tag = self.begin("AUTHENTICATE PLAIN").await?;
            let (line, _) = self.line().await?;
            if !line.starts_with('+') {
                return wrong(format!("the server answers AUTHENTICATE with {:?}", short(&line)));
            }
            let secret = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
            self.write(&format!("{secret}\r\n")).await?;
            return self.answer(&tag).await.map(|_| ()).map_err(refused);
        }
        let login = format!("LOGIN {} {}", quoted(user)?, quoted(password)?);
        self.command(&login).await.map(|_| ()).map_err(refused)
    }

    async fn command(&mut self, command: &str) -> Result<Answer> {
        let tag = self.begin(command).await?;
        self.answer(&tag).await
    }

    async fn begin(&mut self, command: &str) -> Result<String> {
        self.tag += 1;
        let tag = format!("b{}", self.tag);
        self.write(&format!("{tag} {command}\r\n")).await?;
        Ok(tag)
    }

    async fn write(&mut self, text: &str) -> Result<()> {
        let writing = async {
            self.link.write_all(text.as_bytes()).await?;
            self.link.flush().await
        };
        match timeout(ANSWER, writing).await {
            Ok(result) => result.or_else(wrong),
            Err(_) => wrong("the server takes nothing"),
        }
    }

    /// The lines up to the one with our tag, which has to be OK.
    async fn answer(&mut self, tag: &str) -> Result<Answer> {
        let mut answer = Answer::default();
        while answer.lines.len() < MOST_LINES {
            let (line, literals) = self.line().await?;
            match line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                Some(rest) if rest.to_ascii_uppercase().starts_with("OK") => return Ok(answer),
                Some(rest) => return wrong(format!("the server says {:?}", short(rest))),
                None if line.starts_with("* BYE") => return wrong(format!("the server leaves: {:?}", short(&line))),
                None if line.starts_with("* ") || line.starts_with('+') => answer.lines.push((line, literals)),
                None => return wrong(format!("this is no answer of IMAP: {:?}", short(&line))),
            }
        }
        wrong("an answer without end")
    }

    /// One line, with every literal in it taken out.
    async fn line(&mut self) -> Result<(String, Vec<Vec<u8>>)> {
        let reading = async {
            let (mut text, mut literals) = (String::new(), Vec::new());
            loop {
                let mut bytes = Vec::new();
                (&mut self.link).take(LONGEST_LINE).read_until(b'\n', &mut bytes).await.or_else(wrong)?;
                let Some(line) = bytes.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line)) else {
                    return wrong("the server closed the connection, or never ends a line");
                };
                let line = String::from_utf8_lossy(line);
                text.push_str(&line);
                let size = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')).map(|(_, size)| size);
                let Some(size) = size.and_then(|size| size.parse::<usize>().ok()) else { return Ok((text, literals)) };
                let held: usize = literals.iter().map(Vec::len).sum();
                if held + size > LONGEST_LITERAL || text.len() as u64 > LONGEST_LINE {
                    return wrong("the server sends more than was asked for");
                }
                let mut literal = vec![0; size];
                self.link.read_exact(&mut literal).await.or_else(wrong)?;
                literals.push(literal);
            }
        };
        match timeout(ANSWER, reading).await {
            Ok(line) => line,
            Err(_) => wrong("no answer in time"),
        }
    }
}

impl Mailbox for Imap {
    async fn unread(&mut self) -> Result<Vec<u32>> {
        let answer = self.command("UID SEARCH UNSEEN").await?;
        let lists = answer.lines.iter().filter_map(|(line, _)| line.strip_prefix("* SEARCH"));
        Ok(lists.flat_map(|list| list.split_whitespace().filter_map(|number| number.parse().ok())).collect())
    }

    async fn fetch(&mut self, message: u32) -> Result<Option<Vec<u8>>> {
        let answer = self.command(&format!("UID FETCH {message} (BODY.PEEK[]<0.{LONGEST}>)")).await?;
        let own = answer.lines.into_iter().find(|(line, literals)| line.contains("BODY[") && !literals.is_empty());
        Ok(own.and_then(|(_, literals)| literals.into_iter().next()))
    }

    async fn done(&mut self, message: u32) -> Result<()> {
        self.command(&format!("UID STORE {message} +FLAGS.SILENT (\\Seen)")).await.map(|_| ())
    }

    async fn close(mut self) {
        let _ = timeout(Duration::from_secs(5), self.command("LOGOUT")).await;
    }
}

/// A text in quotes; what cannot stand there is refused.
fn quoted(text: &str) -> Result<String> {
    if text.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0) || byte >= 0x80) {
        return wrong("a folder, user or password with other than plain letters cannot be used with this server");
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session with a server that says all of this, whatever it hears.
    fn against(text: &[u8]) -> Imap {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let text = text.to_vec();
        tokio::spawn(async move {
            let _ = theirs.write_all(&text).await;
            let _ = tokio::io::copy(&mut theirs, &mut tokio::io::sink()).await;
        });
        Imap { link: BufReader::new(Box::new(ours)), tag: 0 }
    }

    #[tokio::test]
    async fn lists_and_messages_are_read() {
        assert_eq!(against(b"* SEARCH 4 7 9\r\nb1 OK done\r\n").unread().await.unwrap(), [4, 7, 9]);
        assert_eq!(against(b"* SEARCH\r\nb1 OK done\r\n").unread().await.unwrap(), Vec::<u32>::new());
        let fetched = b"* 3 EXISTS\r\n* 1 FETCH (UID 4 BODY[]<0> {8}\r\nab}\r\n{1} FLAGS ())\r\nb1 OK done\r\n";
        assert_eq!(against(fetched).fetch(4).await.unwrap().unwrap(), b"ab}\r\n{1}");
        assert_eq!(against(b"b1 OK nothing there\r\n").fetch(4).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_strange_ends_the_session() {
        for said in [
            "b1 NO not now\r\n",
            "b1 BAD what\r\n",
            "* BYE going\r\n",
            "HTTP/1.1 400 Bad Request\r\n",
            "* 1 FETCH (BODY[] {99999999}\r\n",
            "",
        ] {
            let mut imap = against(said.as_bytes());
            let got = if said.is_empty() {
                // Closed without a word.
                let (ours, _) = tokio::io::duplex(16);
                Imap { link: BufReader::new(Box::new(ours)), tag: 0 }.unread().await
            } else {
                imap.unread().await
            };
            assert!(got.is_err(), "{said:?}");
        }
        let endless = "* 1 EXISTS\r\n".repeat(MOST_LINES + 1);
        assert!(against(endless.as_bytes()).unread().await.is_err());
    }

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(quoted("a\"b\\c").unwrap(), "\"a\\\"b\\\\c\"");
        assert!(quoted("a\r\nb").is_err() && quoted("ă").is_err());
    }
}
