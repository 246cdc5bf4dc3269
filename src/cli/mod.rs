//! The command line: one file per command. Results go to standard output, everything else to standard error.
//! Exit codes: 0 done; 1 the command failed; 2 wrong usage or configuration; 3 done in part.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use secrecy::ExposeSecret as _;

use self::output::note;
use crate::clock::Clock;
use crate::config::{self, Config, Section};
use crate::store::Store;

mod add;
mod articles;
mod backfill;
mod backup;
mod bulk;
pub mod check;
mod deliveries;
mod demo;
mod explain;
mod healthcheck;
mod holds;
mod init;
mod inspect;
pub mod inspect_article;
pub mod inspect_date;
pub mod inspect_section;
mod lean;
mod once;
mod output;
mod pause;
mod preview;
mod proposal;
mod push;
mod relocate;
mod reread;
mod restore;
mod run;
mod schema;
mod sections;
mod settings;
mod shell;
mod status;
mod subscribers;
mod test;
mod write;

/// Done.
pub const DONE: u8 = 0;
/// The command failed.
pub const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub const USAGE: u8 = 2;
/// Done in part.
pub const IN_PART: u8 = 3;

/// Feeds, Telegram posts and e-mail for every section of a website that publishes articles.
#[derive(Debug, Parser)]
#[command(name = "bantin", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Example:\n  bantin demo                    everything on this machine, without network\n  \
    bantin check && bantin run     the daemon with ./config.toml")]
pub struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
    /// Write logs as one JSON object a line.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything on this machine: a sample site that keeps publishing, feeds, pages, a mailbox, a chat.
    Demo(demo::Args),
    /// Run the daemon.
    #[command(after_help = "Example:\n  bantin run --config /etc/bantin/config.toml\n\nSIGTERM or Ctrl-C stops it in \
        order. BANTIN_LOG=debug says more.")]
    Run,
    /// Make one pass over all or named sections, deliver what is due, and exit.
    Once(once::Args),
    /// Write a first configuration, for a whole site where one is given.
    Init(init::Args),
    /// Recognise a section from its address and append it to the configuration.
    Add(add::Args),
    /// Walk the older pages of a section and record what they list.
    Backfill(backfill::Args),
    /// Check the configuration: every mistake at once, with its place and remedy.
    Check(CheckArgs),
    /// Show what would be published or sent; sends and stores nothing.
    Preview(preview::Args),
    /// Send a real test message.
    Test(test::Args),
    /// Send one article by hand, or call it urgent.
    Push(push::Args),
    /// Read the stored pages of a section again, by the rules of now.
    Reread(reread::Args),
    /// Show how bantin reads a page, a listing, a date.
    Inspect(inspect::Args),
    /// Explain a section (kept, dropped, by which rule), an article (from where, pushed or not), or a code.
    Explain(explain::Args),
    /// Show how the sections, the queue and the targets are.
    Status(status::Args),
    /// List the sections.
    Sections(sections::Args),
    /// List, show, correct or withdraw articles.
    Articles(articles::Args),
    /// List, show, retry or drop deliveries.
    Deliveries(deliveries::Args),
    /// List held runs; let them out or mark them as seen.
    Holds(holds::Args),
    /// List, add, remove, import, export or erase subscribers.
    Subscribers(subscribers::Args),
    /// Stop looking at a section for a while.
    Pause(pause::Pause),
    /// Look at a paused section again.
    Resume(pause::Resume),
    /// Copy the database into one file, while the daemon works.
    Backup(backup::Args),
    /// Make a copy the database again; what may have been sent since is not sent again.
    Restore(restore::Args),
    /// Move everything to another database: from SQLite to PostgreSQL, or back.
    Move(relocate::Args),
    /// Show the configuration in force, with every default and without secrets.
    Config(settings::Args),
    /// Print the JSON Schema of config.toml, for editors.
    Schema(schema::Args),
    /// Print completions for a shell.
    Completions(shell::Completions),
    /// Print the man page, or write one for each command.
    Man(shell::Pages),
    /// Ask the running daemon whether it is ready; exit code 0 or 1.
    Healthcheck(healthcheck::Args),
}

/// What `check` is asked to do.
#[derive(Debug, Default, clap::Args)]
#[command(
    after_help = "Example:\n  bantin check\n  bantin check --offline --json\n  bantin check --deny-warnings --timeout 10s"
)]
pub struct CheckArgs {
    /// Look at the files only: no port, database, login, chat or source is tried.
    #[arg(long)]
    pub offline: bool,
    /// Count warnings as mistakes: exit code 2.
    #[arg(long)]
    pub deny_warnings: bool,
    /// Print JSON (its schema: `bantin schema check`).
    #[arg(long)]
    pub json: bool,
    /// How long each of them may take; a source four times as long, because it may be asked more than once [30s]
    #[arg(long, value_name = "TIME", value_parser = crate::schedule::parse_duration)]
    pub timeout: Option<std::time::Duration>,
}

/// Parses the arguments, runs the command, and turns its outcome into an exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wrong = error.use_stderr();
            output::usage(&error, wrong && std::env::args_os().any(|argument| argument == "--json"));
            return if wrong { USAGE.into() } else { DONE.into() };
        }
    };
    if matches!(cli.command, Command::Run) {
        lean::settle();
    }
    // The demo tells its own story on standard output; its daemon speaks up when something is wrong.
    let usual = if matches!(cli.command, Command::Demo(_)) { "warn" } else { "info" };
    crate::telemetry::init_logging(cli.log_json, usual);
    let json = wants_json(&cli.command);
    let done = runtime(&cli.command).map_err(anyhow::Error::from).and_then(|runtime| {
        let done = runtime.block_on(dispatch(cli));
        // What still runs in the background (a page that takes long) is not waited for.
        runtime.shutdown_background();
        done
    });
    let code = match done {
        Ok(code) => code,
        Err(error) => {
            output::error(&error, json);
            if error.is::<WrongConfig>() || error.is::<WrongUsage>() { USAGE } else { FAILED }
        }
    };
    if let Some(lost) = output::lost() {
        note!("error: standard output could not be written: {lost}");
        return FAILED.into();
    }
    code.into()
}

/// What the command runs on. A single pass mostly waits for one answer after the other: on one thread what an answer
/// wakes goes on at once, where several would wake each other; pages are read on threads of their own either way.
fn runtime(command: &Command) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = match command {
        Command::Once(_) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

async fn dispatch(cli: Cli) -> anyhow::Result<u8> {
    let (file, clock) = (cli.config.as_path(), Clock::System);
    match cli.command {
        Command::Demo(args) => demo::run(args, clock).await,
        Command::Run => run::run(load(file, false)?, clock).await,
        Command::Once(args) => once::run(load(file, args.json)?, args, clock).await,
        Command::Init(args) => init::run(file, args, clock).await,
        Command::Add(args) => add::run(file, args, clock).await,
        Command::Backfill(args) => backfill::run(load(file, args.json)?, args, clock).await,
        Command::Check(args) => Ok(check::run(file, &args, &clock).await),
        Command::Preview(args) => preview::run(load(file, args.json)?, args, clock).await,
        Command::Test(args) => test::run(load(file, args.json)?, args, clock).await,
        Command::Push(args) => push::run(load(file, args.json)?, args, clock).await,
        Command::Reread(args) => reread::run(load(file, args.json)?, args, clock).await,
        Command::Inspect(args) => inspect::run(file, args, clock).await,
        Command::Explain(args) => explain::run(file, args, clock).await,
        Command::Status(args) => match config::load(file, &config::environment) {
            Ok(config) => status::run(warned(config), args, clock).await,
            Err(errors) => {
                if !args.json {
                    note!("{errors}\n");
                }
                Ok(status::broken(file, args.json, &errors).await)
            }
        },
        Command::Sections(args) => Ok(sections::run(&*load(file, args.json())?, &args, &clock)),
        Command::Articles(args) => articles::run(load(file, args.json)?, args, clock).await,
        Command::Deliveries(args) => deliveries::run(load(file, args.json)?, args, clock).await,
        Command::Holds(args) => holds::run(load(file, args.json)?, args, clock).await,
        Command::Subscribers(args) => subscribers::run(load(file, args.json)?, args, clock).await,
        Command::Pause(args) => pause::pause(load(file, args.json)?, args, clock).await,
        Command::Resume(args) => pause::resume(load(file, args.json)?, args, clock).await,
        Command::Backup(args) => backup::run(load(file, args.json)?, args, clock).await,
        Command::Restore(args) => restore::run(load(file, args.json)?, args, clock).await,
        Command::Move(args) => relocate::run(load(file, args.json)?, args, clock).await,
        Command::Config(args) => settings::run(file, &args),
        Command::Schema(args) => Ok(schema::run(&args)),
        Command::Completions(args) => Ok(shell::completions(&args)),
        Command::Man(args) => shell::man(&args),
        Command::Healthcheck(args) => healthcheck::run(load(file, args.json)?, &args).await,
    }
}

fn wants_json(command: &Command) -> bool {
    match command {
        Command::Once(args) => args.json,
        Command::Add(args) => args.json,
        Command::Backfill(args) => args.json,
        Command::Check(args) => args.json,
        Command::Reread(args) => args.json,
        Command::Inspect(args) => args.json(),
        Command::Explain(args) => args.json,
        Command::Status(args) => args.json,
        Command::Sections(args) => args.json(),
        Command::Articles(args) => args.json,
        Command::Deliveries(args) => args.json,
        Command::Holds(args) => args.json,
        Command::Subscribers(args) => args.json,
        Command::Pause(args) => args.json,
        Command::Resume(args) => args.json,
        Command::Config(args) => args.json(),
        Command::Preview(args) => args.json,
        Command::Test(args) => args.json,
        Command::Push(args) => args.json,
        Command::Healthcheck(args) => args.json,
        Command::Backup(args) => args.json,
        Command::Restore(args) => args.json,
        Command::Move(args) => args.json,
        _ => false,
    }
}

/// The configuration has mistakes; they are printed already.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the configuration has mistakes")]
struct WrongConfig;

/// An argument that says nothing a command could do.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
struct WrongUsage(String);

/// Loads the configuration, or prints every mistake of it.
fn load(file: &Path, json: bool) -> anyhow::Result<Arc<Config>> {
    match config::load(file, &config::environment) {
        Ok(config) => Ok(warned(config)),
        Err(errors) => {
            if json {
                output::json(&wrong_config(&errors));
            } else {
                note!("{errors}");
            }
            Err(WrongConfig.into())
        }
    }
}

/// Says what the file allows but somebody should look at.
fn warned(config: Config) -> Arc<Config> {
    let warnings = config.warnings.render(false);
    if !warnings.is_empty() {
        note!("{warnings}");
    }
    Arc::new(config)
}

/// What a command with `--json` says where the configuration has mistakes.
fn wrong_config(errors: &config::ConfigErrors) -> serde_json::Value {
    let mut answer = serde_json::json!({ "error": { "message": WrongConfig.to_string(), "causes": [] } });
    answer["errors"] = errors.to_json()["errors"].take();
    answer
}

/// Opens the database of the configuration beside a daemon that may be running: every change a command makes
/// is one small transaction, which the daemon sees within seconds.
async fn open(config: &Config) -> anyhow::Result<Store> {
    Ok(Store::open(config.database.expose_secret()).await?)
}

/// The section of that slug, or an error that tells what may have been meant.
fn section<'a>(config: &'a Config, slug: &str) -> anyhow::Result<&'a Arc<Section>> {
    config.sections.get(slug).ok_or_else(|| {
        let meant = config::suggest::nearest(slug, config.sections.keys().map(String::as_str));
        let meant = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
        anyhow::anyhow!(
            "there is no section {slug:?} in {}{meant} (`bantin sections list` names them)",
            config.file.display()
        )
    })
}

/// Sections the daemon has not seen yet get their rows.
async fn sync(config: &Config, store: &Store, clock: &Clock) -> anyhow::Result<()> {
    let sections: Vec<_> = config.sections.values().map(|s| (s.slug.clone(), s.formerly.clone())).collect();
    Ok(store.sync_sections(&sections, clock.now_ms()).await?)
}

/// The number of an article named by its number, id or address.
async fn article(store: &Store, name: &str) -> anyhow::Result<i64> {
    store.find_article(name).await?.ok_or_else(|| {
        anyhow::anyhow!(
            "no article {name:?} is stored; give its number, its tag: id or its address \
             (`bantin articles list SECTION` shows them)"
        )
    })
}
