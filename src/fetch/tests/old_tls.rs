//! Servers that speak only old TLS, and one whose certificate nobody vouches for: explained, never read.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use super::*;

/// openssl's own server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server that speaks this version alone; `None` where there is no openssl that can.
async fn server(folder: &std::path::Path, version: &str) -> Option<(Server, Url)> {
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let made = openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
         -addext subjectAltName=DNS:localhost",
    );
    { made }.status().ok().filter(std::process::ExitStatus::success)?;
    let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let arguments =
        format!("s_server -accept 127.0.0.1:{port} -key key.pem -cert cert.pem {version} -cipher ALL:@SECLEVEL=0 -www");
    let mut server = Server(openssl(&arguments).spawn().ok()?);
    for _ in 0..100 {
        if server.0.try_wait().ok()?.is_some() {
            return None;
        }
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((server, Url::parse(&format!("https://localhost:{port}/robots.txt")).ok()?));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

#[tokio::test]
async fn old_tls_is_explained_and_never_read_unverified() {
    let way_out = ["only old TLS", "TLS 1.2", "`proxy_tls = true`", "docs/sites.md"];
    let unknown = ["its certificate is not"];
    for (version, words) in [("-tls1", &way_out[..]), ("-tls1_1", &way_out), ("-tls1_2", &unknown)] {
        let folder = tempfile::tempdir().unwrap();
        let Some((_server, url)) = server(folder.path(), version).await else {
            let _ = writeln!(std::io::stdout(), "SKIPPED: no openssl here serves {version}");
            continue;
        };
        let told = fetcher(true).get(&request(&url, None)).await.expect_err("nothing is read").to_string();
        for word in words {
            assert!(told.contains(word), "{version}: {told}");
        }
    }
}
