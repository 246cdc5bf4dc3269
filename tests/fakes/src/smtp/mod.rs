//! An SMTP relay that is strict about the protocol, misbehaves on order, and keeps a journal of the mails it
//! accepted (envelope and raw message; on which connection, how many were `open` then, and its `turns`: how often the
//! relay had sent off replies there, after which the client may have waited).

mod session;
mod wire;

use std::sync::Arc;

use serde::Deserialize;
use tokio::net::TcpListener;

use crate::control::Control;

/// Ways to misbehave. An order names its moment by `verb`: `greeting`, `EHLO`, `MAIL`, `RCPT`, `DATA` (the
/// command), `dot` (the end of the message), `RSET`, `NOOP`, `QUIT`; `rcpt` and `from` narrow it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// This answer instead of the right one; a code below 400 at `dot` accepts the mail.
    Reply {
        /// The reply's code.
        code: u16,
        /// Its text.
        #[serde(default)]
        text: String,
    },
    /// Answer late, correctly.
    Delay {
        /// How late.
        ms: u64,
    },
    /// Never answer; at `dot` the mail is not accepted.
    Silence,
    /// Close the connection without an answer; at `dot` the mail is not accepted.
    Cut,
    /// Answer correctly (at `dot`: accept), then close the connection.
    ReplyThenCut,
    /// At `dot`: accept, and close the connection without an answer.
    AcceptThenCut,
    /// At `dot`: accept, and answer only when released.
    Withhold,
}

/// What the relay offers and allows.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// Largest message in bytes.
    pub size: usize,
    /// Whether PIPELINING is announced.
    pub pipelining: bool,
}

/// Serves connections for ever.
pub async fn serve(listener: TcpListener, offer: Offer, control: Arc<Control<Action>>) -> std::io::Result<()> {
    let mut number = 0u64;
    let open = Arc::default();
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        number += 1;
        let (control, open) = (control.clone(), Arc::clone(&open));
        tokio::spawn(async move {
            // An error here is the client's going away.
            let _ = session::Session::new(stream, number, open, offer, &control).run().await;
        });
    }
}
