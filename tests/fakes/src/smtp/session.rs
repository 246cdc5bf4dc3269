//! One SMTP conversation.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;

use super::wire::{Message, Wire};
use super::{Action, Offer};
use crate::control::Control;

/// What a connection has got to.
pub struct Session<'a> {
    wire: Wire,
    number: u64,
    /// How many connections there are at present.
    open: Arc<AtomicU64>,
    offer: Offer,
    control: &'a Arc<Control<Action>>,
    greeted: bool,
    mail: Option<Mail>,
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A transaction.
struct Mail {
    from: String,
    eight_bit: bool,
    to: Vec<String>,
}

type Flow = std::io::Result<ControlFlow<()>>;
const GO_ON: Flow = Ok(ControlFlow::Continue(()));
const END: Flow = Ok(ControlFlow::Break(()));

impl<'a> Session<'a> {
    /// A conversation on a new connection, the `number`th; `open` counts it.
    pub fn new(
        stream: TcpStream,
        number: u64,
        open: Arc<AtomicU64>,
        offer: Offer,
        control: &'a Arc<Control<Action>>,
    ) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self { wire: Wire::new(stream), number, open, offer, control, greeted: false, mail: None }
    }

    /// Speaks until either side ends it.
    pub async fn run(mut self) -> std::io::Result<()> {
        if self.answer("greeting", "", 220, &["fake.invalid ESMTP"]).await?.is_break() {
            return Ok(());
        }
        while let Some(line) = self.wire.command().await? {
            let flow = match line {
                Ok(line) => self.command(&line).await?,
                Err(fault) => self.refuse("line", "", 500, &format!("5.5.2 {fault}")).await?,
            };
            if flow.is_break() {
                break;
            }
        }
        self.wire.flush().await
    }

    async fn command(&mut self, line: &str) -> Flow {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if rest.trim().is_empty() => self.refuse("EHLO", "", 501, "5.5.4 name yourself").await,
            "HELO" => self.hello(&["fake.invalid"]).await,
            "EHLO" => {
                let size = format!("SIZE {}", self.offer.size);
                let mut lines = vec!["fake.invalid", "8BITMIME", "ENHANCEDSTATUSCODES", &size];
                if self.offer.pipelining {
                    lines.push("PIPELINING");
                }
                self.hello(&lines).await
            }
            "MAIL" => self.mail(rest).await,
            "RCPT" => self.rcpt(rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.mail = None;
                self.answer("RSET", "", 250, &["2.0.0 ok"]).await
            }
            "NOOP" => self.answer("NOOP", "", 250, &["2.0.0 ok"]).await,
            "QUIT" => {
                let _ = self.answer("QUIT", "", 221, &["2.0.0 bye"]).await?;
                END
            }
            _ => self.refuse(verb, "", 502, "5.5.1 command not known").await,
        }
    }

    async fn hello(&mut self, lines: &[&str]) -> Flow {
        self.greeted = true;
        self.mail = None;
        self.answer("EHLO", "", 250, lines).await
    }

    async fn mail(&mut self, rest: &str) -> Flow {
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.refuse("MAIL", "", 501, "5.5.4 MAIL FROM:<address>").await;
        };
        if !self.greeted || self.mail.is_some() {
            return self.refuse("MAIL", &from, 503, "5.5.1 not now").await;
        }
        let mut eight_bit = false;
        for parameter in parameters.split_ascii_whitespace().map(str::to_ascii_uppercase) {
            match parameter.split_once('=') {
                Some(("BODY", "8BITMIME")) => eight_bit = true,
                Some(("BODY", "7BIT")) => {}
                Some(("SIZE", size)) if size.parse().is_ok_and(|n: usize| n <= self.offer.size) => {}
                Some(("SIZE", _)) => return self.refuse("MAIL", &from, 552, "5.3.4 message too big").await,
                _ => return self.refuse("MAIL", &from, 555, "5.5.4 parameter not known").await,
            }
        }
        let order = self.ask("MAIL", &from, &[]);
        let flow = self.obey(order, &from, 250, &["2.1.0 ok"]).await?;
        if let Some(true) = flow {
            self.mail = Some(Mail { from, eight_bit, to: Vec::new() });
        }
        ended(flow)
    }

    async fn rcpt(&mut self, rest: &str) -> Flow {
        let Some((to, _)) = path(rest, "TO:").filter(|(to, _)| to.contains('@')) else {
            return self.refuse("RCPT", "", 501, "5.1.3 RCPT TO:<address>").await;
        };
        if self.mail.is_none() {
            return self.refuse("RCPT", &to, 503, "5.5.1 MAIL first").await;
        }
        let order = self.ask("RCPT", "", std::slice::from_ref(&to));
        let flow = self.obey(order, &to, 250, &["2.1.5 ok"]).await?;
        if let (Some(true), Some(mail)) = (flow, &mut self.mail) {
            mail.to.push(to);
        }
        ended(flow)
    }

    async fn data(&mut self) -> Flow {
        let Some(mail) = &self.mail else {
            return self.refuse("DATA", "", 503, "5.5.1 MAIL first").await;
        };
        if mail.to.is_empty() {
            return self.refuse("DATA", "", 554, "5.5.1 no valid recipients").await;
        }
        let order = self.ask("DATA", &mail.from, &mail.to);
        match self.obey(order, "", 354, &["end with <CRLF>.<CRLF>"]).await? {
            None => return END,
            Some(false) => return GO_ON,
            Some(true) => self.wire.flush().await?,
        }
        let (Some(message), Some(mail)) = (self.wire.message().await?, self.mail.take()) else { return END };
        self.dot(mail, message).await
    }

    /// The end of a message: here it is accepted or not.
    async fn dot(&mut self, mail: Mail, message: Message) -> Flow {
        let fault = match message.fault {
            Some(fault) => Some(fault),
            None if message.raw.len() > self.offer.size => Some("5.3.4 message too big"),
            None if !mail.eight_bit && !message.raw.is_ascii() => Some("5.6.1 8-bit data without BODY=8BITMIME"),
            None => None,
        };
        if let Some(fault) = fault {
            return self.refuse("dot", &mail.from, 554, fault).await;
        }
        let order = self.ask("dot", &mail.from, &mail.to);
        let accepted = match &order {
            Some(Action::Reply { code, .. }) => *code < 400,
            Some(Action::Silence | Action::Cut) => false,
            _ => true,
        };
        if accepted {
            let record = json!({
                "from": mail.from, "to": mail.to, "raw": String::from_utf8_lossy(&message.raw), "connection": self.number,
                "open": self.open.load(Ordering::SeqCst), "turns": self.wire.turns,
            });
            self.control.journal.accept(record.as_object().cloned().unwrap_or_default());
        }
        let flow = self.obey(order, &mail.to.join(","), 250, &["2.0.0 taken"]).await?;
        ended(flow)
    }

    fn ask(&self, verb: &str, from: &str, to: &[String]) -> Option<Action> {
        let mut facts = vec![("verb", verb), ("from", from)];
        facts.extend(to.iter().map(|to| ("rcpt", to.as_str())));
        self.control.rules.ask(&facts)
    }

    async fn answer(&mut self, verb: &str, about: &str, code: u16, lines: &[&str]) -> Flow {
        let order = self.ask(verb, "", &[]);
        ended(self.obey(order, about, code, lines).await?)
    }

    /// Answers as ordered, or rightly. `None`: the connection is over; else whether the answer was a good one.
    async fn obey(
        &mut self,
        order: Option<Action>,
        about: &str,
        code: u16,
        lines: &[&str],
    ) -> std::io::Result<Option<bool>> {
        match order {
            Some(Action::Reply { code, text }) => {
                if code >= 400 {
                    self.note(about, code, &text);
                }
                self.wire.reply(code, &[&text]).await?;
                // 421 says that the connection is being closed.
                return Ok((code != 421).then_some(code < 400));
            }
            Some(Action::Delay { ms }) => {
                self.wire.flush().await?;
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            Some(Action::Silence) => {
                self.wire.flush().await?;
                self.wire.until_gone().await?;
                return Ok(None);
            }
            Some(Action::Cut | Action::AcceptThenCut) => return Ok(None),
            Some(Action::Withhold) => {
                self.wire.flush().await?;
                let control = self.control.clone();
                tokio::select! {
                    () = control.gate.pass() => {}
                    gone = self.wire.until_gone() => return gone.map(|()| None),
                }
                self.wire.listen_again();
            }
            Some(Action::ReplyThenCut) => {
                self.wire.reply(code, lines).await?;
                return Ok(None);
            }
            None => {}
        }
        self.wire.reply(code, lines).await?;
        Ok(Some(true))
    }

    /// A refusal of the relay's own accord: the client broke a rule.
    async fn refuse(&mut self, verb: &str, about: &str, code: u16, text: &str) -> Flow {
        self.note(&format!("{verb} {about}"), code, text);
        self.wire.reply(code, &[text]).await?;
        GO_ON
    }

    fn note(&self, about: &str, code: u16, text: &str) {
        let record = json!({ "about": about.trim(), "code": code, "description": text });
        self.control.journal.refuse(record.as_object().cloned().unwrap_or_default());
    }
}

fn ended(flow: Option<bool>) -> Flow {
    if flow.is_some() { GO_ON } else { END }
}

/// `FROM:<a@b> KEY=VALUE…` taken apart; the address may be empty (`<>`).
fn path<'l>(rest: &'l str, keyword: &str) -> Option<(String, &'l str)> {
    let (head, tail) = rest.split_at_checked(keyword.len())?;
    let (address, parameters) = tail.strip_prefix('<')?.split_once('>')?;
    let clean = !address.contains([' ', '<']) && (parameters.is_empty() || parameters.starts_with(' '));
    (head.eq_ignore_ascii_case(keyword) && clean).then(|| (address.to_owned(), parameters))
}
