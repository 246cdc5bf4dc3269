//! What `check` asks of this machine: the port, the folders, the database.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::super::healthcheck;
use super::within;
use super::wrong::{Tried, Wrong};
use crate::config::{Code, Config};
use crate::store::{Glance, Schema, Store};

/// The port and the folder of the feeds.
pub(super) async fn all(config: &Config) -> Vec<Tried> {
    let directory = config.feeds.directory.clone();
    let folder = tokio::task::spawn_blocking(move || writable(&directory)).await;
    let feeds = Tried::new("feeds", "feeds.directory");
    let place = config.feeds.directory.display();
    let feeds = match folder {
        Ok(Err(reason)) => {
            let help = "let the user that bantin runs as write there, or name another folder";
            let message = format!("cannot write to {place}: {reason}");
            feeds.not(Wrong::error(Code::Folder, "feeds.directory", message, help).or("feeds"))
        }
        _ => feeds.well(format!("{place} can be written")),
    };
    vec![port(config).await, feeds]
}

async fn port(config: &Config) -> Tried {
    let listen = &config.server.listen;
    let tried = Tried::new("listen", "server.listen");
    match tokio::net::TcpListener::bind(listen).await {
        Ok(_) => tried.well(format!("{listen} is free")),
        Err(reason) if reason.kind() == ErrorKind::AddrInUse && healthcheck::is_bantin(config).await => {
            tried.well(format!("{listen} is where bantin runs now"))
        }
        Err(reason) => {
            let help = "stop what listens there, or choose another port";
            let message = format!("cannot listen on {listen}: {reason}");
            tried.not(Wrong::error(Code::Port, "server.listen", message, help))
        }
    }
}

/// Whether files can be made in a folder, or, where it is not there yet, in the nearest folder above it. Leaves
/// nothing behind.
fn writable(directory: &Path) -> io::Result<()> {
    let existing = directory.ancestors().find(|folder| folder.exists()).unwrap_or(directory);
    let probe = existing.join(format!(".bantin-check-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&probe)?;
    std::fs::remove_file(&probe)
}

/// The database as it was found; the store where it can be read.
pub(super) struct Base {
    pub(super) tried: Tried,
    pub(super) store: Option<Store>,
}

/// Looks at the database without changing anything in it.
pub(super) async fn database(config: &Config, patience: Duration) -> Base {
    const HELP: &str = "see `[database] url`; for PostgreSQL: is the server running, are user and password right?";
    let tried = Tried::new("database", "database.url");
    let wrong = |message: String, help: &str| {
        Wrong::error(Code::Database, "database.url", message, help).or("database.url_file").or("database")
    };
    let url = config.database.expose_secret();
    let glance = match within(patience, Store::glance(url)).await {
        Ok(Ok(glance)) => glance,
        Ok(Err(error)) => return Base { tried: tried.not(wrong(error.to_string(), HELP)), store: None },
        Err(late) => return Base { tried: tried.not(wrong(format!("the database: {late}"), HELP)), store: None },
    };
    let Glance { store, schema, place, read_only } = glance;
    if let Some(reason) = read_only {
        let help = "let the user that bantin runs as write it; a standby of PostgreSQL cannot be used";
        let message = format!("the database {place} cannot be written: {reason}");
        return Base { tried: tried.not(wrong(message, help)), store };
    }
    let words = match schema {
        Schema::Absent => {
            let folder = Path::new(&place).parent().unwrap_or(Path::new(".")).to_owned();
            let file = place.clone();
            let made = tokio::task::spawn_blocking(move || writable(&folder)).await;
            if let Ok(Err(reason)) = made {
                let help = "let the user that bantin runs as write there, or name another file";
                let message = format!("the database {file} is not there, and cannot be made: {reason}");
                return Base { tried: tried.not(wrong(message, help)), store: None };
            }
            format!("{place} is made at the first start")
        }
        Schema::Empty => format!("{place} is empty; its tables are made at the first start"),
        Schema::Present(version) => format!("{place} has the schema of this version ({version})"),
        Schema::Older(version, now) => {
            format!("{place} has an earlier schema ({version}); the next start copies it and brings it to {now}")
        }
        Schema::Newer(found, known) => {
            let message = format!(
                "the database {place} was written by a newer version of bantin (schema {found}, this version knows {known})"
            );
            let help = "run that version, or restore the copy made before the upgrade";
            return Base { tried: tried.not(wrong(message, help)), store: None };
        }
    };
    // An earlier schema may lack what is asked for.
    let store = store.filter(|_| matches!(schema, Schema::Present(_)));
    Base { tried: tried.well(words), store }
}
