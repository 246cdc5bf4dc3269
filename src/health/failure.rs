//! What the failure of a look means.

use super::{Code, Signal};

/// What an answer that is not 2xx means.
pub fn status(status: u16) -> Code {
    match status {
        404 | 410 => Code::Gone,
        401 | 402 | 403 | 405 | 406 | 429 | 451 => Code::Refused,
        _ => Code::Unreachable,
    }
}

/// What a list without an article means, by the reasons the source gave.
pub fn empty(why: &str) -> Signal {
    let code = if why.contains("captcha") {
        Code::Challenge
    } else if why.contains("JavaScript") {
        Code::Script
    } else if why.contains("matches nothing") {
        Code::Selectors
    } else {
        Code::Empty
    };
    Signal::new(code, why)
}
