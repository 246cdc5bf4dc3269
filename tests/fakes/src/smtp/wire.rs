//! Lines of SMTP, as RFC 5321 wants them: CRLF at the end, no bare CR or LF, not too long.

use std::io::Cursor;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

/// Longest command line, its end included (RFC 5321 §4.5.3.1.4; room for the extensions' parameters).
const LONGEST_COMMAND: usize = 1024;
/// Longest line of a message, its end included (§4.5.3.1.6).
const LONGEST_LINE: usize = 1000;

/// One connection.
pub struct Wire {
    input: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    /// What came while nobody listened ([`Wire::until_gone`]).
    ahead: Vec<u8>,
    output: BufWriter<OwnedWriteHalf>,
    /// How often replies were sent off: each time the other side may have waited for them.
    pub turns: u64,
}

/// What stood between DATA and the dot.
pub struct Message {
    /// The bytes, dots unstuffed.
    pub raw: Vec<u8>,
    /// The first breach of the rules.
    pub fault: Option<&'static str>,
}

impl Wire {
    /// Speaks over a stream.
    pub fn new(stream: TcpStream) -> Self {
        let (input, output) = stream.into_split();
        let input: Box<dyn AsyncRead + Send + Unpin> = Box::new(input);
        let input = BufReader::with_capacity(64 * 1024, input);
        Self { input, ahead: Vec::new(), output: BufWriter::new(output), turns: 0 }
    }

    /// The next command without its line end; `None` at the end of the connection, an error text for a bad line.
    pub async fn command(&mut self) -> std::io::Result<Option<Result<String, &'static str>>> {
        let mut line = Vec::new();
        let limit = LONGEST_COMMAND as u64 + 1;
        (&mut self.input).take(limit).read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Ok(None);
        }
        let text = line.strip_suffix(b"\r\n").filter(|text| !text.contains(&b'\r'));
        Ok(Some(match text {
            _ if line.len() > LONGEST_COMMAND => Err("line too long"),
            None => Err("lines end with CRLF"),
            Some(text) => match std::str::from_utf8(text) {
                Ok(text) if text.is_ascii() => Ok(text.to_owned()),
                _ => Err("commands are ASCII; SMTPUTF8 is not offered"),
            },
        }))
    }

    /// The message up to the lonely dot; `None` when the connection ends before it.
    pub async fn message(&mut self) -> std::io::Result<Option<Message>> {
        let mut message = Message { raw: Vec::new(), fault: None };
        loop {
            let mut line = Vec::new();
            if self.input.read_until(b'\n', &mut line).await? == 0 || !line.ends_with(b"\n") {
                return Ok(None);
            }
            if line == b".\r\n" {
                return Ok(Some(message));
            }
            let fault = match line.strip_suffix(b"\r\n") {
                None => Some("5.6.11 bare LF in the message"),
                Some(text) if text.contains(&b'\r') => Some("5.6.11 bare CR in the message"),
                Some(text) if text.contains(&0) => Some("5.6.0 NUL in the message"),
                Some(_) if line.len() > LONGEST_LINE => Some("5.6.0 line longer than 1000 octets"),
                Some(_) => None,
            };
            message.fault = message.fault.or(fault);
            message.raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    /// Sends a reply; it leaves at once unless more commands are already here (pipelining).
    pub async fn reply(&mut self, code: u16, lines: &[&str]) -> std::io::Result<()> {
        for (i, line) in lines.iter().enumerate() {
            let mark = if i + 1 == lines.len() { ' ' } else { '-' };
            self.output.write_all(format!("{code}{mark}{line}\r\n").as_bytes()).await?;
        }
        if self.input.buffer().is_empty() { self.flush().await } else { Ok(()) }
    }

    /// Sends what is waiting.
    pub async fn flush(&mut self) -> std::io::Result<()> {
        self.turns += u64::from(!self.output.buffer().is_empty());
        self.output.flush().await
    }

    /// Waits until the other side goes away. What it says meanwhile is kept for [`Wire::listen_again`].
    pub async fn until_gone(&mut self) -> std::io::Result<()> {
        loop {
            let heard = self.input.fill_buf().await?;
            let length = heard.len();
            if length == 0 {
                return Ok(());
            }
            self.ahead.extend_from_slice(heard);
            self.input.consume(length);
        }
    }

    /// Goes on with what was said during [`Wire::until_gone`].
    pub fn listen_again(&mut self) {
        if self.ahead.is_empty() {
            return;
        }
        let ahead = Cursor::new(std::mem::take(&mut self.ahead));
        let nothing: Box<dyn AsyncRead + Send + Unpin> = Box::new(tokio::io::empty());
        let rest = std::mem::replace(&mut self.input, BufReader::new(nothing)).into_inner();
        self.input = BufReader::with_capacity(64 * 1024, Box::new(ahead.chain(rest)));
    }
}
