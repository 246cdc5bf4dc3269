//! A relay that plays a script: what it says, what it must hear, when it hangs up. It shares no code with the
//! channel; the mails it took are handed back when the script is over.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// One thing the relay does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Says this.
    Say(String),
    /// Hears a line that begins like this. What was not said yet was not waited for: that is how pipelining shows.
    Hear(String),
    /// The client has sent nothing more so far as anybody can see: it waits for an answer.
    Quiet,
    /// Takes a mail up to its final dot.
    Take,
    /// TLS from here on.
    Tls,
    /// Hangs up.
    Cut,
}

pub fn say(text: &str) -> Step {
    Step::Say(format!("{text}\r\n"))
}

pub fn hear(text: &str) -> Step {
    Step::Hear(text.to_owned())
}

/// A greeting and EHLO with these offers.
pub fn hello(offers: &[&str]) -> Vec<Step> {
    let mut lines = vec!["250-relay.example.vn greets you".to_owned()];
    lines.extend(offers.iter().map(|offer| format!("250-{offer}")));
    let reply = format!("{}\r\n250 HELP", lines.join("\r\n"));
    vec![say("220-welcome\r\n220 to the relay"), hear("EHLO bantin.example.vn"), say(&reply)]
}

/// The envelope a pipelining client sends in one piece, before anything is answered.
pub fn envelope() -> Vec<Step> {
    vec![hear("MAIL FROM:<bantin@example.vn>"), hear("RCPT TO:<"), hear("DATA")]
}

pub fn script(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
}

pub struct FakeRelay {
    pub port: u16,
    task: JoinHandle<Vec<Vec<u8>>>,
}

impl FakeRelay {
    /// The mails taken, dots unstuffed, once every script was played to its end.
    pub async fn taken(self) -> Vec<Vec<u8>> {
        let done = tokio::time::timeout(Duration::from_secs(20), self.task).await;
        done.expect("the relay's script was not played to its end").expect("the relay heard something else")
    }
}

/// Plays one script per connection, in turn.
pub async fn play(scripts: Vec<Vec<Step>>) -> FakeRelay {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut taken = Vec::new();
        let mut open = Vec::new();
        for script in scripts {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            open.push(converse(Box::new(stream), script, &mut taken).await);
        }
        taken
    });
    FakeRelay { port, task }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn converse(
    stream: Box<dyn Stream>,
    script: Vec<Step>,
    taken: &mut Vec<Vec<u8>>,
) -> Option<BufReader<Box<dyn Stream>>> {
    let mut link = BufReader::new(stream);
    for step in script {
        match step {
            Step::Say(text) => {
                link.write_all(text.as_bytes()).await.unwrap();
                link.flush().await.unwrap();
            }
            Step::Hear(expected) => {
                let heard = line(&mut link).await;
                assert!(
                    heard.starts_with(expected.as_bytes()),
                    "{:?} instead of {expected:?}",
                    String::from_utf8_lossy(&heard)
                );
            }
            Step::Quiet => assert!(link.buffer().is_empty(), "{:?}", String::from_utf8_lossy(link.buffer())),
            Step::Take => {
                let mut mail = Vec::new();
                loop {
                    let heard = line(&mut link).await;
                    assert!(heard.ends_with(b"\r\n"), "a bare line end");
                    if heard == b".\r\n" {
                        break;
                    }
                    mail.extend_from_slice(heard.strip_prefix(b".").unwrap_or(&heard));
                }
                taken.push(mail);
            }
            Step::Tls => {
                let stream = acceptor().accept(link.into_inner()).await;
                // A client that does not like our certificate hangs up; the script ends there.
                let Ok(stream) = stream else { return None };
                link = BufReader::new(Box::new(stream));
            }
            Step::Cut => return None,
        }
    }
    Some(link)
}

async fn line(link: &mut BufReader<Box<dyn Stream>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    link.read_until(b'\n', &mut bytes).await.unwrap();
    bytes
}

/// Made for these tests, signed by itself, for localhost and 127.0.0.1.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo1OwwH67nK+hy6i0MIJBOkHk2W/5o3iyHLHyRPCGYiyhRANCAAR5JbwkXd7yQMVa2TjjQ+KqeqGtfp+ERHJ6NVtMKAyG8fQB/p9YBDfYso3fMi1lyG/Rt+rltHqBNvBwAUWRSYa0";
const CERTIFICATE: &str = "MIIBmjCCAUGgAwIBAgIUEMp8xmgUO2cyMDZvi2AVAHD+3pwwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA1MzYzNVoYDzIxMjYxMDMwMDUzNjM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR5JbwkXd7yQMVa2TjjQ+KqeqGtfp+ERHJ6NVtMKAyG8fQB/p9YBDfYso3fMi1lyG/Rt+rltHqBNvBwAUWRSYa0o28wbTAdBgNVHQ4EFgQUn6U95KwZo9B92jy3dUZTZ5lcHdwwHwYDVR0jBBgwFoAUn6U95KwZo9B92jy3dUZTZ5lcHdwwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIgIMjHFq5YnCLIA0JNuEDougCFn1UVy6IFUPvnpKxhXO4CIHX/NushZ+b8qiXHOYYdTQCpyXvfEY1xMi4sOTdYZBMb";

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from(BASE64.decode(CERTIFICATE.as_bytes()).unwrap());
    let key = PrivatePkcs8KeyDer::from(BASE64.decode(KEY.as_bytes()).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
