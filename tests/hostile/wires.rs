//! Answers that hurt before anybody looks at what they say.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::server::Answer;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// Nothing but spaces, this many mebibytes of them, written by `write`.
fn spaces(mebibytes: usize, mut write: impl FnMut(&[u8])) {
    let part = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        write(&part);
    }
}

fn gzip_bomb(mebibytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    spaces(mebibytes, |part| encoder.write_all(part).expect("memory"));
    encoder.finish().expect("memory")
}

fn deflate_bomb(mebibytes: usize, zlib: bool) -> Vec<u8> {
    if zlib {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        spaces(mebibytes, |part| encoder.write_all(part).expect("memory"));
        return encoder.finish().expect("memory");
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    spaces(mebibytes, |part| encoder.write_all(part).expect("memory"));
    encoder.finish().expect("memory")
}

fn brotli_bomb(mebibytes: usize) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 20, 5, 24);
    spaces(mebibytes, |part| encoder.write_all(part).expect("memory"));
    drop(encoder);
    packed
}

fn coded(coding: &str, body: Vec<u8>) -> Answer {
    Answer::with(&format!("content-type: text/html\r\ncontent-encoding: {coding}\r\n"), body)
}

fn raw(bytes: impl Into<Vec<u8>>) -> Arc<Vec<u8>> {
    Arc::new(bytes.into())
}

/// All of them.
pub fn all(n: usize, canary: &str) -> Vec<(&'static str, Answer)> {
    const HTML: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n";
    let chunked = format!("{HTML}transfer-encoding: chunked\r\n\r\n");
    // Far beyond what is read; a larger one would only cost the test its time.
    let big = 256 / n;
    let mut flood = String::from("HTTP/1.1 200 OK\r\n");
    for number in 0..100_000 / n {
        let _ = write!(flood, "x-{number}: y\r\n");
    }
    let long = "x".repeat(4_000_000 / n);
    let redirect = |to: &str| {
        Answer::Bytes(raw(format!(
            "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )))
    };
    vec![
        ("gzip bomb", coded("gzip", gzip_bomb(big))),
        ("deflate bomb", coded("deflate", deflate_bomb(big, true))),
        ("raw deflate bomb", coded("deflate", deflate_bomb(big, false))),
        ("brotli bomb", coded("br", brotli_bomb(big / 4))),
        ("gzip within gzip", coded("gzip, gzip", gzip(&gzip(b"<p>x")))),
        ("gzip within gzip, said once", coded("gzip", gzip(&gzip(b"<p>x")))),
        ("brotli said, gzip sent", coded("br", gzip(b"<p>x"))),
        ("zstd that nobody asked for", coded("zstd", vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0, 1, 0, 0])),
        ("twenty codings", coded(&["gzip"; 20].join(", "), gzip(b"x"))),
        ("a coding nobody knows", coded("x-secret", b"<p>x".to_vec())),
        ("gzip cut off", coded("gzip", gzip(&vec![b'x'; 100_000])[..40].to_vec())),
        ("gzip that is none", coded("gzip", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255, 255, 255])),
        ("many gzip members", coded("gzip", gzip(&vec![b' '; 1 << 20]).repeat(big))),
        ("one byte every five seconds", Answer::Drip(raw(format!("{HTML}\r\n<p>")), Duration::from_secs(5))),
        (
            "one byte of the head every five seconds",
            Answer::Drip(raw("HTTP/1.1 200 OK\r\nx-slow: "), Duration::from_secs(5)),
        ),
        ("silence", Answer::Silence),
        ("an endless page", Answer::Endless(raw(format!("{HTML}\r\n")), raw("<p>tin tức mới</p>".repeat(1000)))),
        ("an endless head", Answer::Endless(raw("HTTP/1.1 200 OK\r\n"), raw("x-more: and more\r\n".repeat(100)))),
        ("endless chunks of one byte", Answer::Endless(raw(chunked.as_str()), raw("1\r\nx\r\n".repeat(1000)))),
        (
            "endless early hints",
            Answer::Endless(raw(""), raw("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(100))),
        ),
        ("a hundred megabytes announced", Answer::Bytes(raw(format!("{HTML}content-length: 104857600\r\n\r\n<p>x")))),
        ("more announced than sent", Answer::Bytes(raw(format!("{HTML}content-length: 9999\r\n\r\n<p>x")))),
        (
            "a length beyond all numbers",
            Answer::Bytes(raw(format!("{HTML}content-length: 99999999999999999999999\r\n\r\nx"))),
        ),
        ("two lengths", Answer::Bytes(raw(format!("{HTML}content-length: 4\r\ncontent-length: 5\r\n\r\n<p>xy")))),
        ("a chunk beyond all numbers", Answer::Bytes(raw(format!("{chunked}FFFFFFFFFFFFFFFFF\r\nx")))),
        ("a chunk with a long extension", Answer::Bytes(raw(format!("{chunked}1;{long}\r\nx\r\n0\r\n\r\n")))),
        ("a hundred thousand lines of head", Answer::Bytes(raw(flood))),
        ("a line of head of megabytes", Answer::Bytes(raw(format!("{HTML}x-long: {long}\r\n\r\n<p>x")))),
        (
            "a validator of kilobytes",
            Answer::with(&format!("content-type: text/html\r\netag: \"{}\"\r\n", "e".repeat(60_000)), b"<p>x".to_vec()),
        ),
        ("no HTTP at all", Answer::Bytes(raw("SSH-2.0-OpenSSH_9.2\r\n"))),
        ("zeros", Answer::Bytes(raw(vec![0; 100_000]))),
        ("a ring of redirects", Answer::Ring),
        ("redirects without end", Answer::Hops),
        ("a redirect to megabytes", redirect(&format!("/{}", "x".repeat(300_000 / n)))),
        ("a redirect to a file", redirect("file:///etc/passwd")),
        ("a redirect to another service", redirect("http://127.0.0.1:25/")),
        ("a redirect to gopher", redirect(&format!("gopher://{canary}/1"))),
        (
            "a refresh to inside",
            Answer::with(
                &format!(
                    "content-type: text/html\r\nrefresh: 0;url=http://{canary}/\r\nlink: <http://{canary}/>; rel=preload\r\n"
                ),
                b"<p>x".to_vec(),
            ),
        ),
        ("a page that says it is a picture", Answer::whole("image/png", b"<p>x".to_vec())),
        ("no type, binary", Answer::with("", vec![0xff; 100_000])),
    ]
}
