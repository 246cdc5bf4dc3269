//! Writing `config.toml`: whole or not at all, with the mode it had, and only what loads.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::clock::random_bytes;
use crate::config::{self, load_str};

/// Replaces a file by `text`, which has to be a configuration that loads. A file that is a link stays one.
pub(super) fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Err(errors) = load_str(text, file, &config::environment) {
        bail!("what would be written does not load, so nothing is written:\n{errors}");
    }
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = target.file_name().and_then(|name| name.to_str()).unwrap_or("config.toml");
    let beside = folder.join(format!(".{name}.{}", data_encoding::HEXLOWER.encode(&random_bytes::<6>())));
    let written = write_beside(&beside, &target, text);
    if written.is_err() {
        // Nothing is left behind; that this may fail too changes nothing.
        let _ = fs::remove_file(&beside);
    }
    written.with_context(|| format!("{} could not be written; it stays as it was", file.display()))
}

fn write_beside(beside: &Path, target: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(beside)?;
    if let Ok(old) = fs::metadata(target) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(beside, target)
}
