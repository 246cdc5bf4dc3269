//! The command line: one file per command.

pub mod check;
pub mod inspect_article;
pub mod inspect_date;
pub mod inspect_section;
