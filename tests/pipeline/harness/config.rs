//! The `config.toml` of a test, written piece by piece.

use std::fmt::Write;

use super::{Database, FakeSmtp, FakeTelegram, Site};

/// A configuration in the making.
pub struct Config {
    /// The port bantin listens on; fixed, so that addresses survive a restart.
    pub port: u16,
    text: String,
    sections: String,
    policy: &'static str,
}

impl Config {
    /// Everything on loopback, nothing waited for.
    pub fn new(database: &Database) -> Self {
        let port = free_port();
        let text = format!(
            "base_url = \"http://127.0.0.1:{port}\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n\n\
             [server]\nlisten = \"127.0.0.1:{port}\"\n\n[organisation]\nname = \"Cổng thông tin thử nghiệm\"\n\n\
             [database]\nurl = \"{}\"\n\n[feeds]\ndirectory = \"feeds\"\nitems = 20\n\n\
             [fetch]\nallow_private = true\ninterval = \"0s\"\nwithdrawn_after = \"1s\"\n\
             reread = [{}]\n\n",
            database.url(),
            (1..=30).map(|n| format!("\"{}s\"", n * 2)).collect::<Vec<_>>().join(", ")
        );
        Self { port, text, sections: String::new(), policy: "at_least_once" }
    }

    /// What both channels do about a message that may have arrived; said before them.
    #[allow(dead_code, reason = "the tests of faults share this harness")]
    pub fn on_uncertain(mut self, policy: &'static str) -> Self {
        self.policy = policy;
        self
    }

    /// Posts to the fake, without limits of our own.
    pub fn telegram(self, fake: &FakeTelegram) -> Self {
        let keys = format!("per_second = 1000\nper_chat_minute = 1000\non_uncertain = \"{}\"\n", self.policy);
        self.telegram_with(fake, &keys)
    }

    /// Posts to the fake, with further keys.
    pub fn telegram_with(mut self, fake: &FakeTelegram, keys: &str) -> Self {
        let (token, url) = (FakeTelegram::TOKEN, fake.url());
        let _ = write!(self.text, "[telegram]\ntoken = \"{token}\"\napi_url = \"{url}\"\n{keys}\n");
        self
    }

    /// Mails through the fake, over `connections` connections with one mail each on its way.
    pub fn email(self, fake: &FakeSmtp, connections: usize) -> Self {
        self.relay(fake.port(), connections)
    }

    /// Mails through a relay on loopback.
    pub fn relay(mut self, port: u16, connections: usize) -> Self {
        let _ = write!(
            self.text,
            "[email]\nfrom = \"Bản tin <bantin@example.vn>\"\n\
             smtp = {{ url = \"smtp://127.0.0.1:{port}?tls=none\", connections = {connections}, window = 1 }}\n\
             on_uncertain = \"{}\"\n\n",
            self.policy
        );
        self
    }

    /// A section that reads the site's section of the same name every second, with further keys.
    pub fn section(mut self, slug: &str, site: &Site, keys: &str) -> Self {
        let _ = write!(
            self.sections,
            "[section.{slug}]\nname = \"Tin tức {slug}\"\nurl = \"{}\"\nschedule = \"1s\"\n{keys}\n\
             [section.{slug}.html]\nitem = \"div.news-item\"\ntitle = \"h3 a\"\ndate = \"span.date\"\nlead = \"p.summary\"\n\
             body = \"div.content\"\narticle_title = \"h1.title\"\narticle_lead = \"p.lead\"\narticle_date = \"div.meta\"\n\n",
            site.listing(slug)
        );
        self
    }

    /// Any further text, before the sections.
    pub fn raw(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// The whole file.
    pub fn text(&self) -> String {
        format!("{}{}", self.text, self.sections)
    }
}

/// A port nobody listens on, below those the system hands out by itself.
pub fn free_port() -> u16 {
    loop {
        let [a, b] = bantin::clock::random_bytes::<2>();
        let port = 10_000 + u16::from_be_bytes([a, b]) % 20_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
