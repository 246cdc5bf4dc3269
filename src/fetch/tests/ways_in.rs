//! No address trick reaches a private address by any way in: asked for directly, by a redirect (and by one of
//! robots.txt), by a name, by a link of a feed or a page, or by a name that changes its answer. A canary listens on
//! loopback; nobody may ever connect to it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::tricks::{NAMES, NUMBERS, addresses};
use super::*;
use crate::config::Section;
use crate::source;

/// A public address, which the tests lead to their own server.
const PUBLIC: &str = "93.184.216.34";

/// A DNS of our own: what it answers to each name, one answer after the other and the last for ever.
#[derive(Debug)]
struct Dns {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    server: SocketAddr,
    canary: SocketAddr,
}

impl Dns {
    fn says(&self, name: &str, answers: &[&[IpAddr]]) {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), answers);
    }
}

impl guard::Names for Dns {
    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, std::io::Result<Vec<IpAddr>>> {
        let mut answers = self.answers.lock().unwrap();
        let name = name.trim_end_matches('.').to_lowercase();
        let known = answers.get_mut(&name);
        let answer = known.map(|known| if known.len() > 1 { known.remove(0) } else { known[0].clone() });
        let none = || std::io::Error::other("failed to lookup address information: Name or service not known");
        Box::pin(std::future::ready(answer.ok_or_else(none)))
    }

    fn route(&self, address: IpAddr) -> SocketAddr {
        if address == PUBLIC.parse::<IpAddr>().unwrap() { self.server } else { self.canary }
    }
}

/// Everything a test needs: a server behind a public address, a canary, a DNS, a fetcher.
struct World {
    dns: Arc<Dns>,
    fetcher: Fetcher,
    /// The port of the canary.
    port: u16,
    /// Connections to it.
    touched: Arc<AtomicUsize>,
}

async fn world() -> World {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = canary.local_addr().unwrap();
    let touched = Arc::new(AtomicUsize::new(0));
    let mut canaries = vec![canary];
    // Where the machine speaks IPv6, on the same port there.
    canaries.extend(TcpListener::bind(("::1", at.port())).await);
    for canary in canaries {
        let touched = Arc::clone(&touched);
        tokio::spawn(async move {
            while canary.accept().await.is_ok() {
                touched.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let dns = Arc::new(Dns { answers: Mutex::default(), server: serve().await, canary: at });
    dns.says("public.example", &[&[PUBLIC.parse().unwrap()]]);
    for name in NAMES {
        // As the URL standard spells it.
        if let Some(host) =
            Url::parse(&format!("http://{name}/")).ok().and_then(|url| url.host_str().map(str::to_owned))
        {
            dns.says(host.trim_end_matches('.'), &[&["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()]]);
        }
    }
    let mut config = Config::for_tests("http://127.0.0.1/").fetch;
    config.allow_private = false;
    config.timeout = Duration::from_secs(5);
    let names: Arc<dyn guard::Names> = Arc::clone(&dns) as _;
    let fetcher = Fetcher::with(&config, Clock::System, Arc::new(Forgetful), names);
    World { dns, fetcher, port: at.port(), touched }
}

/// A server that closes every connection: it redirects `/to/STATUS/TARGET` there (percent-encoded), forbids nothing,
/// and answers "well" to all else. A host named `robots-N.example` redirects its robots.txt to the trick of that
/// number, given as a query by the canary's port in the name.
async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = vec![0; 16384];
                let mut length = 0;
                while !head[..length].windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut head[length..]).await {
                        Ok(0) | Err(_) => return,
                        Ok(more) => length += more,
                    }
                }
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default();
                let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
                let robots = host.strip_prefix("robots-").and_then(|rest| rest.strip_suffix(".example"));
                let trick = robots.filter(|_| path == "/robots.txt").and_then(|name| {
                    let (port, number) = name.split_once('-')?;
                    addresses(port.parse().ok()?).into_iter().nth(number.parse().ok()?)
                });
                let redirect = path.strip_prefix("/to/").and_then(|rest| {
                    let (status, target) = rest.split_once('/')?;
                    Some((status, data_encoding::HEXLOWER.decode(target.as_bytes()).ok()?))
                });
                let answer = if let Some((status, target)) = redirect {
                    [format!("HTTP/1.1 {status} Found\r\nlocation: ").into_bytes(), target, b"\r\n".to_vec()].concat()
                } else if let Some(trick) = trick {
                    format!("HTTP/1.1 302 Found\r\nlocation: {}\r\n", trick.replace(['\n', '\t'], "")).into_bytes()
                } else if path == "/robots.txt" {
                    b"HTTP/1.1 404 Not Found\r\n".to_vec()
                } else {
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n".to_vec()
                };
                let answer = [answer, b"connection: close\r\ncontent-length: 4\r\n\r\nwell".to_vec()].concat();
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    at
}

impl World {
    async fn get(&self, address: &str) -> Result<Fetched, FetchError> {
        let url = Url::parse(address)
            .map_err(|error| FetchError::Refused { url: address.to_owned(), reason: error.to_string() })?;
        self.fetcher.get(&request(&url, None)).await
    }

    /// Nobody came to the canary, and `refused` was refused without a try to connect.
    fn untouched(&self, what: &str, refused: &Result<Fetched, FetchError>) {
        assert!(
            matches!(refused, Err(FetchError::Refused { .. } | FetchError::Network { .. })),
            "{what} was not refused: {refused:?}"
        );
        if let Err(FetchError::Network { reason, .. }) = refused {
            assert!(reason.contains("is none") || reason.contains("DNS"), "{what} was tried: {reason}");
        }
        assert_eq!(self.touched.load(Ordering::SeqCst), 0, "{what} reached the canary");
    }
}

#[tokio::test]
async fn asked_for_directly() {
    let world = world().await;
    assert!(addresses(1).len() >= 100);
    for address in addresses(world.port) {
        let refused = world.get(&address).await;
        // What the URL standard reads as the public name, our server answers.
        if address.contains("\\@public.example") && refused.is_ok() {
            continue;
        }
        world.untouched(&address, &refused);
    }
    assert!(world.get("http://public.example/").await.is_ok(), "the server itself can be read");
}

#[tokio::test]
async fn by_a_redirect() {
    let world = world().await;
    for (number, address) in addresses(world.port).into_iter().enumerate() {
        let status = [301, 302, 303, 307, 308][number % 5];
        // A line feed or tab in a header would be another fault than the one that is tried here.
        let target = data_encoding::HEXLOWER.encode(address.replace(['\n', '\t'], "").as_bytes());
        let refused = world.get(&format!("http://public.example/to/{status}/{target}")).await;
        if address.contains("\\@public.example") && refused.is_ok() {
            continue;
        }
        let twice = format!("http://public.example/to/{status}/{target}");
        let twice = data_encoding::HEXLOWER.encode(twice.as_bytes());
        if let Ok(Fetched::Document(document)) = &refused {
            // Read as a path of the public server itself, which answers.
            assert_eq!(document.url.host_str(), Some("public.example"), "{address}");
        } else {
            world.untouched(&address, &refused);
            world.untouched(&address, &world.get(&format!("http://public.example/to/302/{twice}")).await);
        }
    }
    assert_eq!(world.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn by_a_redirect_of_robots_txt() {
    let world = world().await;
    for number in 0..addresses(world.port).len() {
        let host = format!("robots-{}-{number}.example", world.port);
        world.dns.says(&host, &[&[PUBLIC.parse().unwrap()]]);
        let _ = world.get(&format!("http://{host}/")).await;
        assert_eq!(world.touched.load(Ordering::SeqCst), 0, "{}", addresses(world.port)[number]);
    }
}

/// The special addresses behind the tricks.
fn special() -> Vec<IpAddr> {
    let mut all: Vec<IpAddr> = NUMBERS
        .iter()
        .filter_map(|host| match Url::parse(&format!("http://{host}/")).ok()?.host()? {
            url::Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
            url::Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
            url::Host::Domain(_) => None,
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[tokio::test]
async fn by_a_name() {
    let world = world().await;
    let special = special();
    assert!(special.len() >= 60, "{}", special.len());
    for (number, address) in special.into_iter().enumerate() {
        let name = format!("name-{number}.example");
        world.dns.says(&name, &[&[address]]);
        let url = format!("http://{name}:{}/", world.port);
        world.untouched(&format!("{name} = {address}"), &world.get(&url).await);
        // Beside a public one, in either order: only that is connected to.
        for (place, both) in [[PUBLIC.parse().unwrap(), address], [address, PUBLIC.parse().unwrap()]].iter().enumerate()
        {
            let name = format!("both-{number}-{place}.example");
            world.dns.says(&name, &[both]);
            assert!(world.get(&format!("http://{name}/")).await.is_ok(), "{name}");
        }
        assert_eq!(world.touched.load(Ordering::SeqCst), 0, "{address}");
    }
}

#[tokio::test]
async fn by_a_name_that_changes_its_answer() {
    let world = world().await;
    let public: IpAddr = PUBLIC.parse().unwrap();
    for (number, address) in special().into_iter().enumerate() {
        // robots.txt and the page, then inside, at the third lookup or at the second.
        for (place, before) in [(0, 2), (1, 1)] {
            let name = format!("rebinding-{number}-{place}.example");
            let mut answers: Vec<&[IpAddr]> = vec![std::slice::from_ref(&public); before];
            let inside = [address];
            answers.push(&inside);
            world.dns.says(&name, &answers);
            let url = format!("http://{name}/");
            let first = world.get(&url).await;
            assert_eq!(first.is_ok(), before == 2, "{name}: {first:?}");
            world.untouched(&format!("{name} = {address}"), &world.get(&url).await);
        }
    }
}

#[tokio::test]
async fn by_a_link_of_a_feed_or_a_page() {
    let world = world().await;
    let section = Section { allow_private: false, ..Section::for_tests("tin", "http://public.example/tin") };
    let addresses = addresses(world.port);
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let mut feed = String::from(
        "<rss version=\"2.0\"><channel><title>t</title><link>http://public.example/</link><description>d</description>",
    );
    let mut page = String::from("<!doctype html><html><body><main>");
    for (number, address) in addresses.iter().enumerate() {
        let address = escaped(address);
        let _ = write!(feed, "<item><title>Bài viết số {number} của bản tin</title><link>{address}</link></item>");
        let _ = write!(
            page,
            "<div class=\"item\"><h3><a href=\"{address}\">Bài viết số {number} của bản tin hôm nay</a></h3>\
             <img src=\"{address}\"><p>Tóm tắt của bài viết số {number}, đủ dài để đọc.</p></div>"
        );
    }
    feed += "</channel></rss>";
    let mut links = 0;
    for (media_type, text) in [("application/rss+xml", feed), ("text/html", page)] {
        let document = Document {
            url: section.url.clone(),
            media_type: media_type.to_owned(),
            charset: Some("utf-8".to_owned()),
            bytes: text.into_bytes(),
            validators: Validators::default(),
            date: None,
            moved: false,
            room: Room::default(),
        };
        let context = source::Context { section: &section, now: Clock::System.now() };
        let listing = source::list(&document, context).unwrap_or_else(|error| panic!("{media_type}: {error}"));
        for candidate in &listing.candidates {
            links += 1;
            let fetched = world.fetcher.of(&section).get(&request(&candidate.url, None)).await;
            if candidate.url.host_str() == Some("public.example") && fetched.is_ok() {
                continue;
            }
            world.untouched(candidate.url.as_str(), &fetched);
            if let Some(image) = candidate.image.as_ref() {
                let url = image.clone();
                let picture = Request { want: Want::Picture, ..request(&url, None) };
                let fetched = world.fetcher.get(&picture).await;
                assert!(fetched.is_err() && world.touched.load(Ordering::SeqCst) == 0, "{url}");
            }
        }
    }
    assert!(links >= 60, "only {links} links were listed");
}
