//! `bantin completions` and `bantin man`: both made of the same definition as the command line itself.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::output::{note, say};
use super::{Cli, DONE};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin completions bash > /etc/bash_completion.d/bantin\n  \
    bantin completions fish > ~/.config/fish/completions/bantin.fish")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin man | man -l -\n  bantin man --dir /usr/local/share/man/man1")]
pub(super) struct Pages {
    /// A folder for one page a command; without it the page of bantin itself is printed.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn completions(args: &Completions) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bantin", &mut script);
    say!("{}", String::from_utf8_lossy(&script).trim_end());
    DONE
}

pub(super) fn man(args: &Pages) -> anyhow::Result<u8> {
    let mut all = Cli::command();
    all.build();
    let Some(folder) = &args.dir else {
        let mut page = Vec::new();
        Man::new(all).render(&mut page)?;
        say!("{}", String::from_utf8_lossy(&page).trim_end());
        return Ok(DONE);
    };
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let count = pages(&all, "bantin", folder)?;
    note!("{count} pages in {}", folder.display());
    Ok(DONE)
}

/// Writes the page of a command and those of all below it; how many.
fn pages(command: &clap::Command, name: &str, folder: &Path) -> anyhow::Result<usize> {
    let mut page = Vec::new();
    Man::new(command.clone()).title(name).render(&mut page)?;
    let file = folder.join(format!("{name}.1"));
    std::fs::write(&file, page).with_context(|| format!("{} cannot be written", file.display()))?;
    let mut count = 1;
    for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
        count += pages(below, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(count)
}
