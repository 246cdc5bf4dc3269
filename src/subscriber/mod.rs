//! Readers who subscribe by e-mail: double opt-in, signed links, preferences, leaving. Consent is kept with
//! its wording and time; addresses never appear in logs, errors or pages.

pub mod bounce;
pub mod roster;
pub mod token;

pub use token::{Links, Tokens};
