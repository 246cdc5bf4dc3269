//! The fakes by themselves: each answers as the documents say, and misbehaves exactly as ordered.

mod smtp;
mod telegram;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One HTTP request over a connection of its own; the answer's status and body, or `None` when it was cut.
async fn http(address: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.expect("connecting");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: fake\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("writing");
    stream.write_all(body).await.expect("writing");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// Orders misbehaviour.
async fn order(control: &str, rule: &str) {
    let (status, why) =
        http(control, "POST", "/control", "application/json", rule.as_bytes()).await.expect("an answer");
    assert_eq!(status, 200, "{why}");
}

async fn get(control: &str, path: &str) -> String {
    http(control, "GET", path, "", b"").await.expect("an answer").1
}
