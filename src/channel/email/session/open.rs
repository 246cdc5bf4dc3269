//! How a connection to a relay begins: connecting, greeting, TLS, login, and what the relay offers.

use std::net::IpAddr;
use std::time::Duration;

use data_encoding::BASE64;
use secrecy::ExposeSecret as _;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

use super::Session;
use crate::channel::email::outcome::{Failure, Phase};
use crate::channel::email::tls;
use crate::config::{Relay, Tls};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(30);

impl Session {
    /// Connects, greets, secures and logs in.
    ///
    /// # Errors
    /// The phase in which it failed; nothing was sent.
    pub async fn open(relay: &Relay, helo: &str) -> Result<Self, Failure> {
        let address = (relay.host.trim_matches(['[', ']']), relay.port);
        let longest = CONNECT.min(relay.timeout);
        let tcp = timeout(longest, TcpStream::connect(address))
            .await
            .map_err(|_| Failure::link(Phase::Connect, format!("no connection within {} s", longest.as_secs())))?
            .map_err(|error| Failure::link(Phase::Connect, error))?;
        tcp.set_nodelay(true).map_err(|error| Failure::link(Phase::Connect, error))?;
        let local = tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        let mut session = Self {
            link: BufReader::new(Box::new(tcp)),
            pipelining: false,
            size: None,
            dsn: false,
            unclean: false,
            patience: relay.timeout,
            used: 0,
        };
        let mut secure = false;
        if relay.tls == Tls::Implicit {
            session = session.secured(relay, true).await?;
            secure = true;
        }
        session.expect(Phase::Greeting, 2).await?;
        let mut offers = session.greet(helo).await?;
        if matches!(relay.tls, Tls::Required | Tls::Opportunistic) {
            if offers.iter().any(|offer| offer == "STARTTLS") {
                session.command(Phase::Tls, "STARTTLS\r\n", 2).await?;
                if !session.link.buffer().is_empty() {
                    // What arrived before the handshake was not encrypted and may be anybody's.
                    return Err(Failure::link(Phase::Tls, "the relay spoke between STARTTLS and TLS"));
                }
                session = session.secured(relay, relay.tls == Tls::Required || relay.login.is_some()).await?;
                secure = true;
                offers = session.greet(helo).await?;
            } else if relay.tls == Tls::Required {
                let todo = "the relay offers no STARTTLS; `?tls=none` in `[email] smtp` does without encryption";
                return Err(Failure::link(Phase::Tls, todo));
            }
        }
        session.learn(&offers);
        if relay.login.is_some() {
            if !secure && !local && relay.tls != Tls::None {
                let todo = "no password is sent without encryption; `?tls=none` in `[email] smtp` would send it";
                return Err(Failure::link(Phase::Auth, todo));
            }
            session.log_in(relay, &offers).await?;
        }
        Ok(session)
    }

    async fn secured(self, relay: &Relay, verified: bool) -> Result<Self, Failure> {
        let failed = |why: String| Failure::link(Phase::Tls, why);
        let host = relay.host.trim_matches(['[', ']']);
        let name = match host.parse::<IpAddr>() {
            Ok(ip) => ServerName::IpAddress(ip.into()),
            Err(_) => ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?,
        };
        let connector = tls::connector(verified).map_err(|error| failed(error.to_string()))?;
        let stream = timeout(CONNECT, connector.connect(name, self.link.into_inner()))
            .await
            .map_err(|_| failed(format!("no TLS within {} s", CONNECT.as_secs())))?
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { link: BufReader::new(Box::new(stream)), ..self })
    }

    /// EHLO, or HELO for a relay of the old kind; the offers in capitals.
    async fn greet(&mut self, helo: &str) -> Result<Vec<String>, Failure> {
        self.write(Phase::Greeting, format!("EHLO {helo}\r\n").as_bytes()).await?;
        let reply = self.reply(Phase::Greeting, self.patience).await?;
        if reply.is_positive() {
            return Ok(reply.lines.iter().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect());
        }
        if matches!(reply.code, 500..=504) {
            self.command(Phase::Greeting, &format!("HELO {helo}\r\n"), 2).await?;
            return Ok(Vec::new());
        }
        Err(Failure::reply(Phase::Greeting, reply))
    }

    fn learn(&mut self, offers: &[String]) {
        self.pipelining = offers.iter().any(|offer| offer == "PIPELINING");
        self.dsn = offers.iter().any(|offer| offer == "DSN");
        self.size = offers.iter().find_map(|offer| {
            let mut words = offer.split_whitespace();
            (words.next() == Some("SIZE")).then(|| words.next().and_then(|n| n.parse().ok()).unwrap_or(0))
        });
    }

    async fn log_in(&mut self, relay: &Relay, offers: &[String]) -> Result<(), Failure> {
        let Some((user, password)) = &relay.login else { return Ok(()) };
        let kinds = offers.iter().find_map(|offer| offer.strip_prefix("AUTH ")).unwrap_or_default();
        let offered = |kind: &str| kinds.split_whitespace().any(|k| k == kind);
        let password = password.expose_secret();
        if offered("LOGIN") && !offered("PLAIN") {
            self.command(Phase::Auth, "AUTH LOGIN\r\n", 3).await?;
            self.command(Phase::Auth, &format!("{}\r\n", BASE64.encode(user.as_bytes())), 3).await?;
            self.command(Phase::Auth, &format!("{}\r\n", BASE64.encode(password.as_bytes())), 2).await?;
        } else if offered("PLAIN") {
            let secret = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
            self.command(Phase::Auth, &format!("AUTH PLAIN {secret}\r\n"), 2).await?;
        } else {
            let todo = "the relay offers neither AUTH PLAIN nor LOGIN; without a user in `[email] smtp` none is tried";
            return Err(Failure::link(Phase::Auth, todo));
        }
        Ok(())
    }
}
