//! Which files make a configuration: the one that is named, and `sections.d/*.toml` beside it.

use std::path::{Path, PathBuf};

/// The folder beside the configuration whose `.toml` files belong to it.
pub const FOLDER: &str = "sections.d";

/// The files of the configuration in `file`: itself first, the others by name. Whether they can be read is not asked.
pub fn all(file: &Path) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new("")).join(FOLDER);
    let mut more: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")))
        .collect();
    more.sort();
    more.insert(0, file.to_owned());
    more
}
