//! A bounce from its bytes to what follows from it: read, its reader found by the mark on the mail, recorded once.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{Report, read};
use crate::config::Bounces;
use crate::store::{Bounce, Bounced, Result, Store};
use crate::subscriber::Tokens;

/// Letters of a token that lets a subscriber leave.
const TOKEN: usize = 44;

/// The field of a notification that holds the mark.
const ENVELOPE: &str = "original-envelope-id:";

/// Whose mail came back. Only what we signed ourselves is believed: the mark in the envelope's sender or in what the relay was given for its notifications, or the link to
/// leave by in the copy of the mail. What a bounce claims of its own accord, anybody can write.
pub fn whose(raw: &[u8], tokens: &Tokens, bounces: Option<&Bounces>) -> (Option<i64>, Option<i64>) {
    let text = String::from_utf8_lossy(raw);
    let low = text.to_ascii_lowercase();
    // What we gave the relay to give back (RFC 3461, ENVID).
    let given = low.match_indices(ENVELOPE).find_map(|(at, found)| {
        let rest = low.get(at + found.len()..)?.trim_start_matches([' ', '\t']);
        tokens.read_mark(rest.get(..crate::subscriber::token::MARK)?)
    });
    if given.is_some() {
        return (given, None);
    }
    if let Some(bounces) = bounces {
        let before = bounces.before.to_ascii_lowercase();
        let marked = low.match_indices(&before).find_map(|(at, _)| {
            let rest = low.get(at + before.len()..)?;
            tokens.read_mark(rest.get(..crate::subscriber::token::MARK)?)
        });
        if marked.is_some() {
            return (marked, None);
        }
    }
    let reader = text.match_indices("/unsubscribe/").find_map(|(at, found)| {
        let rest = text.get(at + found.len()..)?;
        tokens.read_unsubscribe(rest.get(..TOKEN)?)
    });
    (None, reader)
}

/// Takes a message that came back. `None` when it is no bounce.
pub async fn take(
    store: &Store,
    tokens: &Tokens,
    bounces: Option<&Bounces>,
    raw: &[u8],
    source: &'static str,
    now_ms: i64,
) -> Result<Option<(Report, Bounced)>> {
    let Some(report) = read(raw) else { return Ok(None) };
    let (delivery, target) = whose(raw, tokens, bounces);
    let bounce = Bounce {
        id: HEXLOWER.encode(&Sha256::digest(raw)),
        delivery,
        target,
        class: report.class,
        status: report.status.clone(),
        words: report.words.clone(),
        source,
    };
    let done = store.bounce(&bounce, now_ms).await?;
    Ok(Some((report, done)))
}
