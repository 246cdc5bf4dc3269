//! A server for one hostile thing, written on the bare socket, because no HTTP library would send such answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is answered.
#[derive(Clone)]
pub enum Answer {
    /// These bytes: head and body.
    Bytes(Arc<Vec<u8>>),
    /// These bytes, then the others again and again.
    Endless(Arc<Vec<u8>>, Arc<Vec<u8>>),
    /// These bytes, then one more every so often.
    Drip(Arc<Vec<u8>>, Duration),
    /// A redirect to the path with the next number.
    Hops,
    /// A redirect to the same address.
    Ring,
    /// Nothing.
    Silence,
}

impl Answer {
    /// An ordinary answer of 200.
    pub fn whole(kind: &str, body: Vec<u8>) -> Self {
        Self::with(&format!("content-type: {kind}\r\n"), body)
    }

    /// An answer of 200 with these lines of head.
    pub fn with(head: &str, body: Vec<u8>) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\n{head}connection: close\r\ncontent-length: {length}\r\n\r\n");
        Self::Bytes(Arc::new([head.into_bytes(), body].concat()))
    }
}

/// Serves until the test ends. `/well` lists two articles, and both are the hostile thing, as all else is.
pub async fn serve(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(respond(stream, answer.clone()));
        }
    });
    url
}

async fn respond(mut stream: TcpStream, answer: Answer) {
    let mut head = vec![0; 16 * 1024];
    let mut length = 0;
    while !head[..length].windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut head[length..]).await {
            Ok(0) | Err(_) => return,
            Ok(more) => length += more,
        }
    }
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let answer = match path {
        "/robots.txt" => Answer::Bytes(Arc::new(
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
        )),
        "/well" => Answer::whole("text/html; charset=utf-8", WELL.as_bytes().to_vec()),
        // What a hostile listing lists is not there: it is tried as an article by the two of `/well`.
        _ if !["/listing", "/bai-viet-", "/hop-"].iter().any(|own| path.starts_with(own)) => Answer::Bytes(Arc::new(
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
        )),
        _ => answer,
    };
    // The other side may go whenever it has seen enough.
    let _ = send(&mut stream, answer, path).await;
}

async fn send(stream: &mut TcpStream, answer: Answer, path: &str) -> std::io::Result<()> {
    match answer {
        Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
        Answer::Endless(head, again) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(&again).await?;
            }
        }
        Answer::Drip(head, pause) => {
            stream.write_all(&head).await?;
            loop {
                tokio::time::sleep(pause).await;
                stream.write_all(b"x").await?;
            }
        }
        Answer::Hops => {
            let number: usize = path.rsplit('-').next().and_then(|text| text.parse().ok()).unwrap_or(0);
            let head = format!(
                "HTTP/1.1 302 Found\r\nlocation: /hop-{}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                number + 1
            );
            stream.write_all(head.as_bytes()).await?;
        }
        Answer::Ring => {
            let head =
                format!("HTTP/1.1 301 Moved\r\nlocation: {path}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
        }
        Answer::Silence => tokio::time::sleep(Duration::from_hours(1)).await,
    }
    stream.shutdown().await
}

/// A listener that nobody may connect to: its address, and how many did.
pub async fn canary() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("127.0.0.1:{}", listener.local_addr().expect("an address").port());
    let touched = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&touched);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, touched)
}

/// A listing as it should be.
const WELL: &str = "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin tức</title></head><body>
<main><div class=\"item\"><h3><a href=\"/bai-viet-1.html\">Hội nghị bàn về mùa nước nổi năm nay</a></h3>
<span class=\"date\">22/11/2026 09:00</span><p>Tóm tắt của bài viết thứ nhất, đủ dài để đọc.</p></div>
<div class=\"item\"><h3><a href=\"/bai-viet-2.html\">Khánh thành trường học mới ở xã vùng cao</a></h3>
<span class=\"date\">21/11/2026 09:00</span><p>Tóm tắt của bài viết thứ hai, đủ dài để đọc.</p></div></main></body></html>";
