//! WebSub (W3C Recommendation): readers are told of news instead of asking for it. [`Ask`] is what a subscriber sends
//! to `/websub`, checked; [`Hub`] confirms it with its callback and carries every change of a feed there.
//!
//! Anybody may ask, and names an address: so the callback is held to the guard of everything that goes out, has to
//! confirm before anything is kept, and is asked a bounded number of times ([`Hub::ask`]).

use url::Url;

use super::plan;
use crate::config::Config;
use crate::fetch::guard;

mod hub;
mod outside;

pub use hub::{Hub, Refused};

/// How long somebody follows who does not say.
const LEASE: i64 = 10 * 24 * 3600;
/// The shortest and the longest time to follow, in seconds.
const LEASES: std::ops::RangeInclusive<i64> = 60..=30 * 24 * 3600;
/// The longest secret, by the standard less than 200 bytes.
const MAX_SECRET: usize = 199;
/// The longest callback.
const MAX_CALLBACK: usize = 2_000;

/// What a subscriber asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whether to follow, or to follow no more.
    pub subscribe: bool,
    /// The feed's file: "tin-tuc.atom".
    pub topic: String,
    /// Where news are to go.
    pub callback: Url,
    /// What signs them; empty: nothing.
    pub secret: String,
    /// For how many seconds.
    pub lease: i64,
    /// Whether the callback may have a private address.
    pub private: bool,
}

impl Ask {
    /// Reads the fields of a form. `private`: who asks may name a private address. The error says what is wrong.
    pub fn read<'a>(fields: impl Fn(&str) -> &'a str, config: &Config, private: bool) -> Result<Self, String> {
        let subscribe = match fields("hub.mode") {
            "subscribe" => true,
            "unsubscribe" => false,
            other => return Err(format!("hub.mode is \"{other}\", neither subscribe nor unsubscribe")),
        };
        let topic = fields("hub.topic");
        let known = topic.strip_prefix(config.base_url.as_str()).and_then(|rest| rest.strip_prefix("feeds/"));
        let Some(topic) = known.filter(|name| plan::is_topic(config, name)) else {
            return Err("hub.topic is none of the feeds here: it is the feed's link with rel=\"self\"".to_owned());
        };
        let callback = fields("hub.callback");
        if callback.len() > MAX_CALLBACK {
            return Err(format!("hub.callback is longer than {MAX_CALLBACK} bytes"));
        }
        let callback = Url::parse(callback).map_err(|fault| format!("hub.callback is no address: {fault}"))?;
        guard::check(&callback, private).map_err(|_| "hub.callback is refused: it is no public address".to_owned())?;
        if !callback.username().is_empty() || callback.password().is_some() || callback.fragment().is_some() {
            return Err("hub.callback has a login or a fragment".to_owned());
        }
        let secret = fields("hub.secret");
        if secret.len() > MAX_SECRET {
            return Err(format!("hub.secret is longer than {MAX_SECRET} bytes"));
        }
        let lease = match fields("hub.lease_seconds") {
            "" => LEASE,
            text => {
                let seconds: i64 = text.parse().map_err(|_| "hub.lease_seconds is no number".to_owned())?;
                seconds.clamp(*LEASES.start(), *LEASES.end())
            }
        };
        Ok(Self { subscribe, topic: topic.to_owned(), callback, secret: secret.to_owned(), lease, private })
    }
}

/// The address of our own hub.
pub fn own_hub(config: &Config) -> String {
    format!("{}websub", config.base_url)
}

/// The hubs that feeds name: our own first.
pub fn hubs(config: &Config) -> Vec<String> {
    let own = config.feeds.websub.then(|| own_hub(config));
    own.into_iter().chain(config.feeds.hubs.iter().map(ToString::to_string)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::tests::config;

    fn ask(fields: &[(&str, &str)]) -> Result<Ask, String> {
        let usual = [
            ("hub.mode", "subscribe"),
            ("hub.topic", "https://bantin.example.vn/tin/feeds/tin-tuc.atom"),
            ("hub.callback", "https://reader.example.org/hook?id=1&hub.topic=own"),
        ];
        let find = |name: &str| {
            let given = fields.iter().chain(&usual).find(|(field, _)| *field == name);
            given.map_or("", |(_, value)| *value)
        };
        Ask::read(find, &config(), false)
    }

    #[test]
    fn an_ask_is_taken_as_it_is_meant() {
        let good = ask(&[]).unwrap();
        assert_eq!((good.subscribe, good.topic.as_str(), good.lease), (true, "tin-tuc.atom", LEASE));
        assert_eq!(ask(&[("hub.lease_seconds", "1")]).unwrap().lease, 60);
        assert_eq!(ask(&[("hub.lease_seconds", "99999999999")]).unwrap().lease, 30 * 24 * 3600);
        assert!(
            ask(&[("hub.topic", "https://bantin.example.vn/tin/feeds/all-en.json"), ("hub.verify", "sync")]).is_ok()
        );
        assert!(!ask(&[("hub.mode", "unsubscribe")]).unwrap().subscribe);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let long = format!("https://reader.example.org/{}", "x".repeat(2_000));
        let secret = "s".repeat(200);
        for (field, value, says) in [
            ("hub.mode", "publish", "hub.mode"),
            ("hub.topic", "https://bantin.example.vn/tin/feeds/none.rss", "hub.topic"),
            ("hub.topic", "https://bantin.example.vn/tin/feeds/tin-tuc.rss?tag=a", "hub.topic"),
            ("hub.topic", "https://bantin.example.vn/tin/feeds.opml", "hub.topic"),
            ("hub.topic", "https://elsewhere.example/feeds/tin-tuc.rss", "hub.topic"),
            ("hub.callback", "", "hub.callback"),
            ("hub.callback", "ftp://reader.example.org/", "hub.callback"),
            ("hub.callback", "http://127.0.0.1/", "hub.callback"),
            ("hub.callback", "http://[::ffff:10.0.0.1]/", "hub.callback"),
            ("hub.callback", "http://2130706433:25/", "hub.callback"),
            ("hub.callback", "https://user:word@reader.example.org/", "login"),
            ("hub.callback", &long, "longer"),
            ("hub.secret", &secret, "hub.secret"),
            ("hub.lease_seconds", "soon", "hub.lease_seconds"),
        ] {
            let fault = ask(&[(field, value)]).unwrap_err();
            assert!(fault.contains(says), "{field}={value}: {fault}");
        }
    }
}
