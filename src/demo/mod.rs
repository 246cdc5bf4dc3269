//! The demo: a sample news site, a local Telegram and a local mailbox, all on loopback, for a bantin that reads
//! and feeds them like any other. [`Demo`] starts them and writes the configuration for the daemon; the daemon
//! itself is started by the command and knows nothing of the demo.

mod config;
mod dates;
mod edition;
mod journal;
mod mailbox;
mod readers;
mod script;
mod server;
mod site;
mod smtp;
mod telegram;
mod view;

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use include_dir::{Dir, include_dir};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use journal::{Event, Journal};
pub use mailbox::{Mail, Mailbox};
pub use readers::{READERS, Reader, subscribe_demo_readers};
pub use script::Script;
pub use site::{Files, Site};
pub use telegram::{Button, Post, Telegram};

use crate::clock::Clock;
use crate::templates::Templates;
use edition::ZONE;
use server::{Tasks, listen, url_of};

/// `sample/`: the site and the script of what it does.
static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample");

/// A section of the sample site that the demo's daemon reads.
#[derive(Debug)]
pub(crate) struct DemoSection {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    /// Its folder on the site.
    pub(crate) path: &'static str,
    /// What the daemon reads: the listing page, or the feed.
    pub(crate) source: &'static str,
    pub(crate) chat: &'static str,
}

/// The sections of the demo, in the order of the configuration.
pub(crate) static SECTIONS: [DemoSection; 4] = [
    DemoSection {
        slug: "tin-tuc",
        name: "Tin tức - Sự kiện",
        language: "vi",
        path: "tin-tuc/",
        source: "tin-tuc/",
        chat: "@bantin_demo",
    },
    DemoSection {
        slug: "kinh-te",
        name: "Kinh tế",
        language: "vi",
        path: "kinh-te/",
        source: "kinh-te/",
        chat: "@bantin_demo",
    },
    DemoSection {
        slug: "van-hoa-xa-hoi",
        name: "Văn hóa - Xã hội",
        language: "vi",
        path: "van-hoa-xa-hoi/",
        source: "van-hoa-xa-hoi/rss.xml",
        chat: "@bantin_demo",
    },
    DemoSection {
        slug: "news",
        name: "News",
        language: "en",
        path: "en/news/",
        source: "en/news/",
        chat: "@bantin_demo_en",
    },
];

/// The name of a section by its folder on the site.
fn section_name(folder: &str) -> &str {
    SECTIONS.iter().find(|s| s.path.trim_end_matches('/') == folder).map_or(folder, |s| s.name)
}

/// The title of a channel by its name.
fn channel_title(name: &str) -> &str {
    match name {
        "@bantin_demo" => "Tỉnh Hà Giang Nam",
        "@bantin_demo_en" => "Ha Giang Nam News",
        other => other,
    }
}

/// What may be chosen about a demo.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the daemon's pages will be found: the demo's pages link to them.
    pub base_url: Url,
    /// Port of the sample site; 0: any.
    pub site_port: u16,
    /// Port of the demo's pages and its Bot API; 0: any.
    pub view_port: u16,
    /// Time between two things the site does.
    pub interval: Duration,
    /// How long the readers look at a form before they send it.
    pub pause: Duration,
}

impl Options {
    /// A demo around the daemon at `base_url`, at a pace that can be followed.
    pub fn new(base_url: Url) -> Self {
        let (interval, pause) = (Duration::from_secs(6), Duration::from_secs(3));
        Self { base_url, site_port: 0, view_port: 0, interval, pause }
    }
}

/// The sample site, the Telegram and the mailbox, running.
#[derive(Debug)]
pub struct Demo {
    /// The sample site.
    pub site_url: Url,
    /// The front page of the demo.
    pub view_url: Url,
    /// The mail server on 127.0.0.1.
    pub smtp_port: u16,
    /// The Bot API.
    pub telegram_api_url: Url,
    options: Options,
    site: Site,
    mailbox: Mailbox,
    journal: Journal,
    events: UnboundedReceiver<journal::Entry>,
    tasks: Tasks,
}

impl Demo {
    /// Starts the three servers; they serve until [`Demo::run`] ends.
    ///
    /// # Errors
    /// A port that is taken; a sample or template that is broken.
    pub async fn start(clock: Clock, options: Options) -> anyhow::Result<Self> {
        let tasks = Tasks::default();
        let (journal, events) = Journal::new(clock.clone());
        let (site_listener, site_address) = listen("sample site", options.site_port).await?;
        let (view_listener, view_address) = listen("pages", options.view_port).await?;
        let (smtp_listener, smtp_address) = listen("mail server", 0).await?;
        let (site_url, view_url) = (url_of(site_address)?, url_of(view_address)?);

        let site = Site::new(sample_files(), sample_script()?, &site_url, clock.clone(), journal.clone());
        let telegram = Telegram::new(clock.clone(), journal.clone());
        let mailbox = Mailbox::new(clock.clone(), journal.clone());
        let pages = view::View {
            templates: Arc::new(Templates::load(None)?),
            clock,
            journal: journal.clone(),
            mailbox: mailbox.clone(),
            telegram: telegram.clone(),
            site_url: site_url.clone(),
            base_url: options.base_url.clone(),
        };
        tasks.serve(site_listener, site.router());
        tasks.serve(view_listener, pages.router().merge(telegram.router()));
        smtp::receive(&tasks, smtp_listener, mailbox.clone());
        Ok(Self {
            site_url,
            telegram_api_url: view_url.clone(),
            view_url,
            smtp_port: smtp_address.port(),
            options,
            site,
            mailbox,
            journal,
            events,
            tasks,
        })
    }

    /// The `config.toml` of the demo's daemon.
    pub fn config_toml(&self, listen: &str, base_url: &str, data_dir: &Path) -> String {
        config::toml(self, listen, base_url, data_dir)
    }

    /// The site, for whoever wants to publish by hand.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The mailbox.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Plays the demo until `cancel`: once the daemon answers and has seen every section, the readers subscribe
    /// and the site begins to publish. Prints one line an event to stdout, and stops the servers at its end.
    pub async fn run(mut self, cancel: CancellationToken) {
        let play = self.play();
        let player = {
            let stop = cancel.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = play => {}
                }
            })
        };
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                event = self.events.recv() => match event {
                    // Nobody reads it any more (`| head`): the show is over.
                    Some((at, event)) if writeln!(io::stdout(), "{}", narrate(at, &event)).is_err() => {
                        cancel.cancel();
                        break;
                    }
                    Some(_) => {}
                    None => break,
                }
            }
        }
        // It ends with the same token; a panic in it has been reported already.
        let _ = player.await;
        self.tasks.stop().await;
    }

    /// What happens during a demo, in order.
    fn play(&self) -> impl Future<Output = ()> + Send + 'static {
        let (site, mailbox, journal) = (self.site.clone(), self.mailbox.clone(), self.journal.clone());
        let (options, cancel) = (self.options.clone(), self.tasks.cancel.clone());
        async move {
            wait_for_first_look(&site).await;
            if let Err(error) = subscribe_demo_readers(&options.base_url, &mailbox, &journal, options.pause).await {
                tracing::warn!("{error:#}");
            }
            site.run(options.interval, cancel).await;
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.tasks.cancel.cancel();
    }
}

/// Waits until the daemon has read every section once: what is published after that is news. Goes on after a
/// minute at the latest, so that a daemon that cannot read the site is still shown something.
async fn wait_for_first_look(site: &Site) {
    let paths: Vec<&str> = SECTIONS.iter().map(|s| s.source).collect();
    for _ in 0..300 {
        if site.visited(&paths) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// One readable line for one event: `14:35:07  site      published  Kinh tế: …`.
pub fn narrate(at: DateTime<Utc>, event: &Event) -> String {
    format!("{}  {event}", at.with_timezone(&ZONE).format("%H:%M:%S"))
}

/// The files of the sample site that it serves: all but the folder of article files.
pub fn sample_files() -> Files {
    let mut files = Files::new();
    let mut pending: Vec<_> = SAMPLE.get_dir("site").into_iter().collect();
    while let Some(dir) = pending.pop() {
        pending.extend(dir.dirs().filter(|d| d.path() != Path::new("site/thong-bao")));
        for file in dir.files() {
            if let Some(path) = file.path().strip_prefix("site").ok().and_then(Path::to_str) {
                files.insert(path.replace('\\', "/"), file.contents());
            }
        }
    }
    files
}

/// The script of the sample site.
///
/// # Errors
/// What toml says is wrong with it.
pub fn sample_script() -> anyhow::Result<Script> {
    let text = SAMPLE.get_file("demo.toml").and_then(include_dir::File::contents_utf8).unwrap_or_default();
    Script::parse(text).context("sample/demo.toml")
}

#[cfg(test)]
mod tests;
