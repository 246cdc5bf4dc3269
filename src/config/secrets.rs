//! Secrets: by value, by file, by the environment, or as a credential of systemd, and by one of them only. What they are never leaves this module
//! but as a [`SecretString`], which cannot be printed by accident.

use std::path::PathBuf;

use secrecy::SecretString;

use super::checker::Checker;
use super::codes::Code;
use super::raw::Text;

/// One secret of the file: its key, and the environment variable that may carry it instead.
pub struct Secret<'a> {
    /// The key, as in "[telegram] token".
    pub key: &'a str,
    /// Its value.
    pub value: Option<&'a Text>,
    /// `<key>_file`.
    pub file: Option<&'a Text>,
    /// The variable; empty where there is none.
    pub variable: &'a str,
}

impl Secret<'_> {
    /// The secret, if it is given. Given in two ways at once it is an error that names both, because nobody could say
    /// which of them is in force.
    pub fn resolve(&self, checker: &mut Checker<'_>) -> Option<SecretString> {
        let variable = if self.variable.is_empty() { None } else { checker.variable(self.variable) };
        let credential = self.credential(checker);
        let given: Vec<String> = [
            self.value.map(|_| self.key.to_owned()),
            self.file.map(|_| format!("{}_file", self.key)),
            variable.as_ref().map(|_| format!("the environment variable {}", self.variable)),
            credential.as_ref().map(|(name, _)| format!("the credential {name}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let [first, second, ..] = given.as_slice() {
            let span = self.value.or(self.file).map_or(0..0, serde_spanned::Spanned::span);
            checker.error(
                Code::SecretTwice,
                &span,
                format!("the same secret is given by {first} and by {second}"),
                "keep one of them and remove the other",
            );
            return None;
        }
        if let Some(value) = self.value {
            let text = value.get_ref().trim();
            if text.is_empty() {
                let help = "put the secret in, or remove the line";
                checker.error(Code::MissingKey, &value.span(), format!("{} is empty", self.key), help);
                return None;
            }
            return Some(SecretString::from(text));
        }
        if let Some(file) = self.file {
            return read(file, checker);
        }
        if let Some((name, path)) = credential {
            let text = std::fs::read_to_string(&path).map(|text| text.trim().to_owned());
            return match text {
                Ok(text) if !text.is_empty() => Some(SecretString::from(text)),
                unread => {
                    let fault = unread.map_or_else(|fault| super::load::reason(&fault), |_| "it is empty".to_owned());
                    let message = format!("the credential cannot be used: {fault}");
                    checker.env_error(Code::Unreadable, "CREDENTIALS_DIRECTORY", &format!("{name}: {message}"), FILE);
                    None
                }
            };
        }
        variable.map(SecretString::from)
    }

    /// The credential that systemd passed under the name of the variable ("telegram-token" for
    /// `BANTIN_TELEGRAM_TOKEN`), and its file.
    fn credential(&self, checker: &Checker<'_>) -> Option<(String, PathBuf)> {
        credential(self.variable, checker.variable("CREDENTIALS_DIRECTORY")?).filter(|(_, path)| path.exists())
    }
}

/// The name of the credential that stands for a variable, and the file that would hold it.
pub(super) fn credential(variable: &str, folder: String) -> Option<(String, PathBuf)> {
    let name = variable.strip_prefix("BANTIN_")?.to_ascii_lowercase().replace('_', "-");
    let path = PathBuf::from(folder).join(&name);
    Some((name, path))
}

const FILE: &str = "the file holds the secret alone, in one line";

/// Reads a file that holds one secret.
fn read(file: &Text, checker: &mut Checker<'_>) -> Option<SecretString> {
    let path = super::values::path(file.get_ref(), checker.folder);
    let fault = match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().is_empty() => "is empty".to_owned(),
        Ok(text) => return Some(SecretString::from(text.trim())),
        Err(fault) => format!("cannot be read: {}", super::load::reason(&fault)),
    };
    let message = format!("{} {fault}", path.display());
    checker.error(Code::Unreadable, &file.span(), message, FILE);
    None
}
