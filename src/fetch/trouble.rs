//! What went wrong on the network, in words an admin can act on.

use std::error::Error;

use super::FetchError;
use super::guard::PrivateAddress;
use super::wire::{Interim, Trouble};

/// The trouble of a request to `url`.
pub fn explain(url: &str, trouble: &Trouble, seconds: u64) -> FetchError {
    let chain = causes(&*trouble.error);
    let refused = chain.iter().find_map(|cause| cause.downcast_ref::<PrivateAddress>());
    let refused = refused.map(ToString::to_string);
    let flood = chain.iter().find_map(|cause| cause.downcast_ref::<Interim>());
    if let Some(reason) = refused.or_else(|| flood.map(ToString::to_string)) {
        return FetchError::Refused { url: url.to_owned(), reason };
    }
    let io = chain.iter().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    let late = trouble.timeout || io == Some(std::io::ErrorKind::TimedOut);
    if late && trouble.connect {
        let reason = "no connection came about in 10 s; a firewall may be in the way, or the host is down".to_owned();
        return FetchError::Network { url: url.to_owned(), reason };
    }
    if late {
        return FetchError::Timeout { url: url.to_owned(), seconds };
    }
    let words = chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    FetchError::Network { url: url.to_owned(), reason: reason(&words, io) }
}

/// The error and its causes, outermost first.
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source()).take(16).collect()
}

/// What a chain of causes means, and what to do about it.
fn reason(words: &str, io: Option<std::io::ErrorKind>) -> String {
    let lower = words.to_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| lower.contains(needle));
    let innermost = words.rsplit(": ").next().unwrap_or(words);
    if has(&["dns error", "lookup address", "name or service not known", "no address associated"]) {
        "its name is not known to the DNS; check the spelling of the host and this machine's name server".to_owned()
    } else if has(&[
        "handshakefailure",
        "handshake failure",
        "protocolversion",
        "protocol version",
        "insufficientsecurity",
        "nociphersuites",
        "no ciphersuites",
        "peerincompatible",
        "peer is incompatible",
    ]) {
        format!(
            "the server supports only old TLS (below TLS 1.2, or a small DH key), which is not spoken because it can be \
             broken; ask its operator to enable TLS 1.2 with ECDHE, or let a proxy of your own speak it: `proxy` with \
             `proxy_tls = true`, see docs/sites.md ({innermost})"
        )
    } else if has(&["unknownissuer", "unknown issuer"]) {
        "its certificate is not signed by a known authority, or the server does not send the intermediate certificate; \
         its operator has to mend that"
            .to_owned()
    } else if has(&["certexpired", "certificate expired", "expired"]) {
        "its certificate has expired; its operator has to renew it".to_owned()
    } else if has(&["notvalidforname", "not valid for name"]) {
        "its certificate is for another name; check the host in the address".to_owned()
    } else if has(&["invalid peer certificate", "certificate"]) {
        format!("its certificate is not valid ({innermost})")
    } else if io == Some(std::io::ErrorKind::ConnectionRefused) || has(&["connection refused"]) {
        "the connection was refused: nothing listens there; check host and port".to_owned()
    } else if io == Some(std::io::ErrorKind::ConnectionReset)
        || has(&["connection reset", "connection closed", "incompletemessage"])
    {
        format!("the server broke off the connection ({innermost})")
    } else if has(&["corrupt deflate", "invalid gzip", "deflate", "gzip", "brotli"]) {
        format!("its compressed answer is damaged ({innermost})")
    } else {
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_troubles_are_said_in_words() {
        for (chain, word) in [
            ("client error (Connect): received fatal alert: HandshakeFailure", "old TLS"),
            ("client error (Connect): peer is incompatible: ServerDoesNotSupportTls12Or13", "old TLS"),
            ("client error (Connect): invalid peer certificate: UnknownIssuer", "intermediate"),
            ("client error (Connect): invalid peer certificate: Expired", "renew"),
            ("client error (Connect): dns error: failed to lookup address information", "DNS"),
            ("client error (Connect): tcp connect error: Connection refused (os error 111)", "nothing listens"),
            ("something else", "something else"),
        ] {
            assert!(reason(chain, None).contains(word), "{chain}");
        }
    }
}
