//! Signed links: what the buttons in mails point to. A token names a purpose, a subscriber and a moment, and
//! carries an HMAC over the three, so nothing has to be stored to know it again and nobody can make one.
//! Hands on [`Tokens`] (makes and checks) and [`Links`] (the addresses that carry them).

use chrono::Duration;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use url::Url;

use crate::clock::random_bytes;
use crate::store::{Store, StoreError};

/// How long the link of a confirmation mail holds.
pub const CONFIRM_VALID: Duration = Duration::hours(48);
/// How long a form may stay open before it is sent.
pub const FORM_VALID: Duration = Duration::hours(12);
/// A form that comes back sooner was filled by a program.
pub const FORM_LEAST: Duration = Duration::seconds(1);
/// The row of `meta` that holds the key.
pub const META_KEY: &str = "token_key";

/// Bytes before the code: purpose, id, time.
const BODY: usize = 1 + 8 + 8;
/// Bytes of the code: 128 bits of the HMAC-SHA256.
const CODE: usize = 16;

/// Letters of a mail's mark.
pub const MARK: usize = 26;
/// Bytes of a mark's code: 64 bits, because it only tells whose mail came back.
const MARK_CODE: usize = 8;

/// What a token is good for. One made for one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Unsubscribe = b'u' as isize,
    Preferences = b'p' as isize,
    Confirm = b'c' as isize,
    Form = b'f' as isize,
    Mark = b'b' as isize,
    Print = b'x' as isize,
}

/// Makes and checks tokens with one key.
#[derive(Clone)]
pub struct Tokens {
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// What a confirmation token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// The subscriber and the moment of the question (Unix milliseconds).
    Valid(i64, i64),
    /// Genuine, but older than [`CONFIRM_VALID`].
    Expired,
    /// No token of ours.
    Unknown,
}

impl Tokens {
    /// Tokens under `secret`, of any length (a stored text, or random bytes).
    pub fn new(secret: impl AsRef<[u8]>) -> Self {
        // HMAC takes keys of any length; going through the hash first makes the block-sized key it wants.
        let mut key = hmac::digest::generic_array::GenericArray::default();
        if let Some(head) = key.get_mut(..32) {
            head.copy_from_slice(&Sha256::digest(secret.as_ref()));
        }
        Self { mac: <Hmac<Sha256> as hmac::digest::KeyInit>::new(&key) }
    }

    /// Tokens under the store's own key, made at the first start.
    pub async fn stored(store: &Store) -> Result<Self, StoreError> {
        Ok(Self::new(store.set_meta_once(META_KEY, &Self::fresh_key()).await?))
    }

    /// A fresh key as text, for the store's `meta` (see [`META_KEY`]).
    pub fn fresh_key() -> String {
        BASE64URL_NOPAD.encode(&random_bytes::<32>())
    }

    /// The token that lets a subscriber leave. Never expires: mails are kept for years.
    pub fn unsubscribe(&self, id: i64) -> String {
        self.make(Purpose::Unsubscribe, id, 0)
    }

    /// The token that opens a subscriber's preferences. Never expires.
    pub fn preferences(&self, id: i64) -> String {
        self.make(Purpose::Preferences, id, 0)
    }

    /// The token of the confirmation asked for at `asked_at` (Unix milliseconds).
    pub fn confirm(&self, id: i64, asked_at: i64) -> String {
        self.make(Purpose::Confirm, id, asked_at)
    }

    /// The hidden field of a form shown at `now_ms`.
    pub fn form(&self, now_ms: i64) -> String {
        self.make(Purpose::Form, 0, now_ms)
    }

    /// The subscriber who may leave with this token.
    pub fn read_unsubscribe(&self, token: &str) -> Option<i64> {
        self.read(Purpose::Unsubscribe, token).map(|(id, _)| id)
    }

    /// The subscriber whose preferences this token opens.
    pub fn read_preferences(&self, token: &str) -> Option<i64> {
        self.read(Purpose::Preferences, token).map(|(id, _)| id)
    }

    /// What a confirmation token says at `now_ms`.
    pub fn read_confirm(&self, token: &str, now_ms: i64) -> Confirmation {
        match self.read(Purpose::Confirm, token) {
            None => Confirmation::Unknown,
            Some((_, at)) if now_ms.saturating_sub(at) > CONFIRM_VALID.num_milliseconds() => Confirmation::Expired,
            Some((id, at)) => Confirmation::Valid(id, at),
        }
    }

    /// Whether a form's hidden field is ours and the form was open for a believable time.
    pub fn form_is_fresh(&self, token: &str, now_ms: i64) -> bool {
        self.read(Purpose::Form, token).is_some_and(|(_, at)| {
            let age = now_ms.saturating_sub(at);
            (FORM_LEAST.num_milliseconds()..=FORM_VALID.num_milliseconds()).contains(&age)
        })
    }

    /// The mark of a mail in its envelope's sender (VERP): small letters and digits, because some servers change capitals.
    pub fn mark(&self, delivery: i64) -> String {
        let body = delivery.to_be_bytes();
        let code = self.mac.clone().chain_update([Purpose::Mark as u8]).chain_update(body).finalize().into_bytes();
        let bytes: Vec<u8> = body.into_iter().chain(code.into_iter().take(MARK_CODE)).collect();
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }

    /// The mail that has this mark, in any capitals.
    pub fn read_mark(&self, mark: &str) -> Option<i64> {
        let bytes = BASE32_NOPAD.decode(mark.to_ascii_uppercase().as_bytes()).ok()?;
        let (body, code) = bytes.split_at_checked(8)?;
        if code.len() != MARK_CODE {
            return None;
        }
        let mac = self.mac.clone().chain_update([Purpose::Mark as u8]).chain_update(body);
        mac.verify_truncated_left(code).ok()?;
        Some(i64::from_be_bytes(body.try_into().ok()?))
    }

    /// The print of an address that is never to be asked again: the same for the same address, and of no use without the
    /// key.
    pub fn print(&self, address: &str) -> String {
        let mac = self.mac.clone().chain_update([Purpose::Print as u8]).chain_update(address.as_bytes());
        BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
    }

    fn make(&self, purpose: Purpose, id: i64, time: i64) -> String {
        let mut bytes = Vec::with_capacity(BODY + CODE);
        bytes.push(purpose as u8);
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&time.to_be_bytes());
        let code = self.mac.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(code.into_iter().take(CODE));
        BASE64URL_NOPAD.encode(&bytes)
    }

    fn read(&self, purpose: Purpose, token: &str) -> Option<(i64, i64)> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (body, code) = bytes.split_at_checked(BODY)?;
        if code.len() != CODE {
            return None; // a shorter code would be easier to guess
        }
        self.mac.clone().chain_update(body).verify_truncated_left(code).ok()?; // in constant time
        let (&tag, rest) = body.split_first()?;
        let (id, time) = rest.split_at_checked(8)?;
        (tag == purpose as u8)
            .then_some((i64::from_be_bytes(id.try_into().ok()?), i64::from_be_bytes(time.try_into().ok()?)))
    }
}

/// The addresses in mails: `base_url` and a token, never anything of a request.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
    tokens: Tokens,
}

impl Links {
    /// Links below `base_url` (which ends with `/`).
    pub fn new(base_url: &Url, tokens: Tokens) -> Self {
        Self { base: base_url.as_str().to_owned(), tokens }
    }

    /// Where a subscriber leaves: GET shows a button, POST acts (RFC 8058).
    pub fn unsubscribe(&self, id: i64) -> String {
        format!("{}unsubscribe/{}", self.base, self.tokens.unsubscribe(id))
    }

    /// Where a subscriber chooses sections, cadence and language.
    pub fn preferences(&self, id: i64) -> String {
        format!("{}preferences/{}", self.base, self.tokens.preferences(id))
    }

    /// Where a subscriber confirms what was asked for at `asked_at` (Unix milliseconds).
    pub fn confirm(&self, id: i64, asked_at: i64) -> String {
        format!("{}confirm/{}", self.base, self.tokens.confirm(id, asked_at))
    }

    /// The mark of a mail in its envelope's sender.
    pub fn mark(&self, delivery: i64) -> String {
        self.tokens.mark(delivery)
    }

    /// The tokens behind the links.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_opens_one_purpose_only() {
        let tokens = Tokens::new("a key");
        assert_eq!(tokens.read_unsubscribe(&tokens.unsubscribe(7)), Some(7));
        assert_eq!(tokens.read_preferences(&tokens.preferences(7)), Some(7));
        assert_eq!(tokens.read_unsubscribe(&tokens.preferences(7)), None);
        assert_eq!(tokens.read_preferences(&tokens.unsubscribe(7)), None);
        assert_eq!(tokens.read_confirm(&tokens.unsubscribe(7), 0), Confirmation::Unknown);
    }

    #[test]
    fn a_confirmation_holds_for_48_hours() {
        let (tokens, asked) = (Tokens::new("a key"), 1_800_000_000_000);
        let token = tokens.confirm(3, asked);
        let last = asked + CONFIRM_VALID.num_milliseconds();
        assert_eq!(tokens.read_confirm(&token, last), Confirmation::Valid(3, asked));
        assert_eq!(tokens.read_confirm(&token, last + 1), Confirmation::Expired);
    }

    #[test]
    fn a_form_is_neither_instant_nor_stale() {
        let (tokens, shown) = (Tokens::new("a key"), 1_800_000_000_000);
        let token = tokens.form(shown);
        assert!(!tokens.form_is_fresh(&token, shown + 10));
        assert!(tokens.form_is_fresh(&token, shown + 1_000));
        assert!(!tokens.form_is_fresh(&token, shown + FORM_VALID.num_milliseconds() + 1));
        assert!(!tokens.form_is_fresh("", shown + 1_000));
    }

    #[test]
    fn another_key_knows_nothing() {
        assert_eq!(Tokens::new("another").read_unsubscribe(&Tokens::new("a key").unsubscribe(7)), None);
    }

    #[test]
    fn links_keep_the_path_prefix() {
        let links = Links::new(&"https://example.vn/tin/".parse().unwrap(), Tokens::new("k"));
        assert!(links.unsubscribe(1).starts_with("https://example.vn/tin/unsubscribe/"));
        assert!(links.confirm(1, 2).starts_with("https://example.vn/tin/confirm/"));
    }

    #[test]
    fn a_mark_survives_capitals_and_nothing_else() {
        let tokens = Tokens::new("a key");
        for id in [0, 7, i64::MAX, -1] {
            let mark = tokens.mark(id);
            assert_eq!(
                (mark.len(), tokens.read_mark(&mark), tokens.read_mark(&mark.to_uppercase())),
                (MARK, Some(id), Some(id))
            );
            assert_eq!(Tokens::new("another").read_mark(&mark), None);
        }
        assert_eq!(tokens.read_mark("aaaaaaaaaaaaaaaaaaaaaaaaaa"), None);
        assert_eq!(tokens.read_mark(""), None);
    }

    proptest! {
        #[test]
        fn no_changed_token_is_taken(id: i64, at in 0..44usize, letter in "[A-Za-z0-9_-]") {
            let tokens = Tokens::new("a key");
            let token = tokens.unsubscribe(id);
            let mut other = token.clone();
            other.replace_range(at..=at, &letter);
            prop_assert_eq!(tokens.read_unsubscribe(&other), (other == token).then_some(id));
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            prop_assert_eq!(Tokens::new("a key").read_unsubscribe(&text), None);
        }
    }
}
