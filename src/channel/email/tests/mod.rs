//! The channel against a scripted relay, and its mails read back by a parser of its own.

mod dialogue;
mod mails;
mod plates;
mod relay;
