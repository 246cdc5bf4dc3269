//! A relay's reply (RFC 5321 §4.2): a code and lines, with the enhanced status code of RFC 3463 where there is one.
//! What is shown of it never carries an address.

use std::fmt;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// Longest line we read; RFC 5321 allows 512.
const MAX_LINE: u64 = 4096;
/// Most lines of one reply.
const MAX_LINES: usize = 128;

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The texts after the code, line by line.
    pub lines: Vec<String>,
}

impl Reply {
    /// 2xx.
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// 4xx: perhaps later.
    pub fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }

    /// Class, subject and detail of the enhanced status code ("5.1.1").
    pub fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let word = self.lines.first()?.split_whitespace().next()?;
        let mut numbers = word.split('.').map(str::parse);
        match (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()) {
            (Ok(class), Ok(subject), Ok(detail), None) if (2..=5).contains(&class) => Some((class, subject, detail)),
            _ => None,
        }
    }

    /// All lines in lower case, for what can only be told by words.
    pub fn words(&self) -> String {
        self.lines.join(" ").to_lowercase()
    }

    /// Reads one reply, all its lines.
    ///
    /// # Errors
    /// The link's own, a reply cut short, or something that is no reply.
    pub async fn read(link: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Self> {
        let mut lines = Vec::new();
        loop {
            let mut bytes = Vec::new();
            (&mut *link).take(MAX_LINE).read_until(b'\n', &mut bytes).await?;
            if bytes.last() != Some(&b'\n') {
                let what = if bytes.is_empty() { "the relay closed the link" } else { "the relay's reply was cut" };
                return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, what));
            }
            let whole = String::from_utf8_lossy(&bytes);
            let read = whole.trim_end();
            let (code, last, text) = split(read).ok_or_else(|| no_reply(read))?;
            lines.push(text.to_owned());
            if last {
                return Ok(Self { code, lines });
            }
            if lines.len() >= MAX_LINES {
                return Err(no_reply("a reply without end"));
            }
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.lines.iter().flat_map(|line| line.split_whitespace());
        // Relays repeat the recipient's address in their replies; it belongs in no log and no error.
        let text: Vec<&str> = words.map(|word| if word.contains('@') { "<address>" } else { word }).collect();
        let text: String = text.join(" ").chars().filter(|c| !c.is_control()).take(300).collect();
        write!(f, "{} {text}", self.code)
    }
}

fn split(line: &str) -> Option<(u16, bool, &str)> {
    let code = line.get(..3).filter(|c| c.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    match line.get(3..)?.chars().next() {
        None => Some((code, true, "")),
        Some(' ') => Some((code, true, line.get(4..)?)),
        Some('-') => Some((code, false, line.get(4..)?)),
        Some(_) => None,
    }
}

fn no_reply(line: &str) -> std::io::Error {
    let line: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
    std::io::Error::new(std::io::ErrorKind::InvalidData, format!("this is no SMTP reply: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &str) -> std::io::Result<Reply> {
        Reply::read(&mut text.as_bytes()).await
    }

    #[tokio::test]
    async fn replies_of_one_and_many_lines_are_read() {
        let reply = read("250-mail.example.vn\r\n250-PIPELINING\r\n250 SIZE 10240000\r\n").await.unwrap();
        assert_eq!((reply.code, reply.lines.len()), (250, 3));
        assert_eq!(read("354\r\n").await.unwrap().lines, [""]);
        assert_eq!(read("550 5.1.1 no such user\n").await.unwrap().enhanced(), Some((5, 1, 1)));
        assert_eq!(read("550 5.1 no\r\n").await.unwrap().enhanced(), None);
        assert_eq!(read("550 10.1.1 no\r\n").await.unwrap().enhanced(), None);
    }

    #[tokio::test]
    async fn what_is_no_reply_is_an_error() {
        for bad in ["", "25", "250", "HTTP/1.1 400 Bad Request\r\n", "2500 x\r\n", "250-a\r\n"] {
            assert!(read(bad).await.is_err(), "{bad:?}");
        }
        assert!(read(&"250-a\r\n".repeat(500)).await.is_err());
        assert!(read(&"2".repeat(100_000)).await.is_err());
    }

    #[tokio::test]
    async fn an_address_in_a_reply_is_not_shown() {
        let reply = read("550 5.1.1 <reader@example.vn>: Recipient\u{7} rejected\r\n").await.unwrap();
        assert_eq!(reply.to_string(), "550 5.1.1 <address> Recipient rejected");
    }
}
