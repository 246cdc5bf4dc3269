//! JSON: what an API answers, or what a page carries in a script.

pub mod parse;
