//! DKIM (RFC 6376, RFC 8463): signs a whole message with an RSA or Ed25519 key, relaxed/relaxed, over every header that
//! receivers judge bulk mail by, the List-* headers among them (RFC 8058 §4). Hands on [`Signer`] and [`signed`].
//! Knows no configuration: a key is PEM text, a domain and a selector.

use data_encoding::BASE64;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// Signed once for every time they stand in the message.
const SIGNED: [&str; 15] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "Precedence",
    "CFBL-Address",
];
/// Named once more than they stand in the message: nobody can add a second one and have it shown under our signature.
const OVERSIGNED: [&str; 8] =
    ["From", "To", "Subject", "Date", "Reply-To", "Cc", "List-Unsubscribe", "List-Unsubscribe-Post"];
/// What stands before an RSA public key (PKCS #1) to make it a `SubjectPublicKeyInfo`: rsaEncryption, no parameters.
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// One key of one domain.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({}, {}, {})", self.domain, self.selector, self.algorithm())
    }
}

impl Signer {
    /// A signer from a private key in PEM (`openssl genrsa`, `openssl genpkey`).
    ///
    /// # Errors
    /// What is wrong with the key, without a word of it.
    pub fn new(domain: &str, selector: &str, pem: &str) -> Result<Self, String> {
        const KINDS: &str = "an RSA key of 2048 bits or more, or an Ed25519 key, is needed";
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| "no private key in PEM (\"-----BEGIN PRIVATE KEY-----\")".to_owned())?;
        let refused = |why: ring::error::KeyRejected| format!("the key cannot be used ({why}): {KINDS}");
        let key = match &der {
            PrivateKeyDer::Pkcs1(der) => {
                Key::Rsa(Box::new(RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(refused)?))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                // The error shown is RSA's: it tells a key that is too small from one of another kind.
                match Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                    Ok(key) => Key::Ed25519(Box::new(key)),
                    Err(_) => Key::Rsa(Box::new(RsaKeyPair::from_pkcs8(der).map_err(refused)?)),
                }
            }
            _ => return Err(format!("a key of another kind: {KINDS}")),
        };
        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), key })
    }

    /// The domain that answers for the mail (`d=`).
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The name under which the public key is published.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The TXT record to publish there.
    pub fn record(&self) -> String {
        match &self.key {
            Key::Rsa(key) => {
                let public = key.public_key().as_ref();
                let mut bits = vec![0];
                bits.extend_from_slice(public);
                let info = [RSA_ALGORITHM.to_vec(), der(0x03, &bits)].concat();
                format!("v=DKIM1; k=rsa; p={}", BASE64.encode(&der(0x30, &info)))
            }
            Key::Ed25519(key) => format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(key.public_key().as_ref())),
        }
    }

    fn algorithm(&self) -> &'static str {
        match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The DKIM-Signature header of a message, its line end included.
    fn header(&self, parsed: &Parsed<'_>, body_hash: &str, at: i64) -> Result<String, String> {
        let mut header = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n\ts={}; t={at};\r\n\th=",
            self.algorithm(),
            self.domain,
            self.selector
        );
        let mut width = 10;
        for (index, name) in parsed.names.iter().enumerate() {
            if index > 0 {
                header.push(':');
                width += 1;
            }
            if width + name.len() > 70 {
                header.push_str("\r\n\t ");
                width = 9;
            }
            header.push_str(name);
            width += name.len();
        }
        header.push_str(";\r\n\tbh=");
        header.push_str(body_hash);
        header.push_str(";\r\n\tb=");
        let mut hashed = parsed.canonical.clone();
        canonical(&header, &mut hashed);
        hashed.truncate(hashed.len() - 2); // the last header goes in without its line end
        let signature = match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &hashed, &mut signature)
                    .map_err(|_| "the mail could not be signed (DKIM)")?;
                signature
            }
            // RFC 8463 §3: what is signed is the hash.
            Key::Ed25519(key) => key.sign(&Sha256::digest(&hashed)).as_ref().to_vec(),
        };
        let encoded = BASE64.encode(&signature);
        for (index, piece) in encoded.as_bytes().chunks(70).enumerate() {
            if index > 0 {
                header.push_str("\r\n\t ");
            }
            header.push_str(&String::from_utf8_lossy(piece));
        }
        header.push_str("\r\n");
        Ok(header)
    }
}

/// The message with one signature of each signer in front. Its lines have to end with CRLF, and it has to be the very
/// message that travels.
///
/// # Errors
/// A message without a body, or a key that does not sign.
pub fn signed(message: &[u8], signers: &[Signer], at: i64) -> Result<Vec<u8>, String> {
    if signers.is_empty() {
        return Ok(message.to_vec());
    }
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").ok_or("a mail without a body")?;
    let (head, body) = message.split_at(end + 2);
    let head = std::str::from_utf8(head).map_err(|_| "a header that is not text")?;
    let body_hash = BASE64.encode(&body_hash(body.get(2..).unwrap_or_default()));
    let parsed = Parsed::of(head);
    let mut out = Vec::with_capacity(message.len() + signers.len() * 900);
    for signer in signers {
        out.extend_from_slice(signer.header(&parsed, &body_hash, at)?.as_bytes());
    }
    out.extend_from_slice(message);
    Ok(out)
}

/// The headers of a message as the signature sees them.
struct Parsed<'a> {
    /// For `h=`.
    names: Vec<&'a str>,
    /// The signed ones, in the order of `names`.
    canonical: Vec<u8>,
}

impl<'a> Parsed<'a> {
    fn of(head: &'a str) -> Self {
        let mut fields: Vec<&str> = Vec::new();
        let mut start = 0;
        for (at, _) in head.match_indices("\r\n") {
            let folded = head.get(at + 2..).is_some_and(|rest| rest.starts_with([' ', '\t']));
            if !folded {
                fields.extend(head.get(start..at));
                start = at + 2;
            }
        }
        let (mut names, mut bytes) = (Vec::new(), Vec::new());
        for wanted in SIGNED {
            // The last one first (RFC 6376 §5.4.2).
            let own = fields.iter().rev().filter(|field| {
                field.split_once(':').is_some_and(|(name, _)| name.trim_end().eq_ignore_ascii_case(wanted))
            });
            for field in own {
                names.push(wanted);
                canonical(field, &mut bytes);
            }
        }
        names.extend(OVERSIGNED);
        Self { names, canonical: bytes }
    }
}

/// A header, relaxed (RFC 6376 §3.4.2).
fn canonical(field: &str, out: &mut Vec<u8>) {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    out.extend(name.trim_end().bytes().map(|byte| byte.to_ascii_lowercase()));
    out.push(b':');
    let white = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    for (index, word) in value.split(white).filter(|word| !word.is_empty()).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// The hash of a body, relaxed (RFC 6376 §3.4.4).
fn body_hash(body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    let mut empty = 0usize;
    let mut line = Vec::with_capacity(1000);
    for raw in body.split_inclusive(|&byte| byte == b'\n') {
        line.clear();
        let text = raw.strip_suffix(b"\r\n").unwrap_or(raw);
        let mut white = false;
        for &byte in text {
            if matches!(byte, b' ' | b'\t') {
                white = true;
                continue;
            }
            if std::mem::take(&mut white) {
                line.push(b' ');
            }
            line.push(byte);
        }
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\r\n");
        }
        line.extend_from_slice(b"\r\n");
        hash.update(&line);
    }
    hash.finalize().to_vec()
}

/// One value in DER.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let bytes = value.len().to_be_bytes();
    let significant: Vec<u8> = bytes.into_iter().skip_while(|&byte| byte == 0).collect();
    if value.len() < 128 {
        out.push(value.len() as u8);
    } else {
        out.push(0x80 | significant.len() as u8);
        out.extend(significant);
    }
    out.extend_from_slice(value);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and the message of RFC 8463, appendix A.
    const RFC_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    #[test]
    fn the_key_of_the_standard_makes_the_record_of_the_standard() {
        let signer = Signer::new("football.example.com", "brisbane", RFC_KEY).unwrap();
        assert_eq!(signer.record(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        assert_eq!(signer.record_name(), "brisbane._domainkey.football.example.com");
    }

    #[test]
    fn the_body_of_the_standard_hashes_as_in_the_standard() {
        let body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n\r\n\r\n";
        assert_eq!(BASE64.encode(&body_hash(body)), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
        // RFC 6376 §3.4.4: an empty body hashes as nothing at all.
        assert_eq!(body_hash(b"\r\n\r\n"), Sha256::digest(b"").to_vec());
        assert_eq!(body_hash(b" C \r\nD \t E\r\n\r\n\r\n"), Sha256::digest(b" C\r\nD E\r\n").to_vec());
    }

    #[test]
    fn headers_are_relaxed_as_in_the_standard() {
        let mut out = Vec::new();
        canonical("A: X", &mut out);
        canonical("B : Y\t\r\n\tZ  ", &mut out);
        assert_eq!(out, b"a:X\r\nb:Y Z\r\n");
    }

    #[test]
    fn what_is_signed_is_named_and_a_second_from_would_break_it() {
        let signer = Signer::new("example.vn", "b", RFC_KEY).unwrap();
        let mail = b"From: a@example.vn\r\nTo: b@example.org\r\nList-Unsubscribe: <https://x>\r\n\r\nbody\r\n";
        let out = String::from_utf8(signed(mail, std::slice::from_ref(&signer), 7).unwrap()).unwrap();
        let named = out.split("h=").nth(1).unwrap().split(';').next().unwrap().replace(['\r', '\n', '\t', ' '], "");
        let count = |name: &str| named.split(':').filter(|n| *n == name).count();
        assert_eq!((count("From"), count("To"), count("List-Unsubscribe"), count("Subject")), (2, 2, 2, 1), "{named}");
        assert!(out.lines().all(|line| line.len() <= 78), "{out}");
    }

    #[test]
    fn a_key_that_cannot_be_used_says_so_and_nothing_of_itself() {
        let wrong = |pem: &str| Signer::new("example.vn", "b", pem).unwrap_err();
        assert!(wrong("secret").contains("BEGIN PRIVATE KEY"));
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        assert!(wrong(public).contains("no private key"));
        assert!(!format!("{:?}", Signer::new("example.vn", "b", RFC_KEY)).contains("nWGx"));
    }
}
