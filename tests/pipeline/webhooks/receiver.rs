//! A strict receiver of webhooks in the test's own process, which shares no code with bantin: it checks the method,
//! the signature and its age, refuses what is no JSON, knows repeats by their delivery id, and misbehaves on order:
//! an answer of its choice, a cut after the request was read, an answer that never comes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What to do instead of taking a request.
#[derive(Debug, Clone)]
pub enum Order {
    /// Answer this status, with a header line.
    Answer(u16, &'static str),
    /// Take the request, and cut the link instead of answering.
    TakeAndCut,
    /// Answer nothing for longer than anyone waits.
    Silence,
}

/// A request that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The delivery's id.
    pub delivery: String,
    /// Its body; null where there was none.
    pub body: Value,
    /// Whether a request with the same delivery id and content was taken before.
    pub repeat: bool,
}

#[derive(Default)]
struct State {
    orders: VecDeque<Order>,
    taken: Vec<Taken>,
    /// What was asked, taken or not, with the time.
    asked: Vec<(tokio::time::Instant, String)>,
    faults: Vec<String>,
    bodies: HashMap<String, String>,
}

/// The receiver; it serves until the test ends.
pub struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    /// The key it checks by.
    pub const SECRET: &str = "a-long-key-of-receiver-and-bantin";
    /// What has to stand in no log.
    pub const PATH: &str = "/services/T0C4NARY/B0C4NARY";

    /// A well-behaved receiver.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<Mutex<State>>::default();
        let own = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = own.clone();
                tokio::spawn(async move { serve(stream, &state).await });
            }
        });
        Self { port, state }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, Self::PATH)
    }

    /// Misbehaves so at the next request; orders queue up.
    pub fn order(&self, order: Order) {
        self.state.lock().expect("the receiver").orders.push_back(order);
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().expect("the receiver").taken.clone()
    }

    /// When each request came, with its delivery id.
    pub fn asked(&self) -> Vec<(tokio::time::Instant, String)> {
        self.state.lock().expect("the receiver").asked.clone()
    }

    /// What was wrong with requests; empty in a passing test.
    pub fn faults(&self) -> Vec<String> {
        self.state.lock().expect("the receiver").faults.clone()
    }

    /// Waits until something that was taken fits.
    pub async fn wait(&self, what: &str, fits: impl Fn(&Taken) -> bool) -> Taken {
        crate::harness::until(what, async || self.taken().into_iter().find(|taken| fits(taken))).await
    }
}

async fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut stream = BufReader::new(stream);
    while let Some((head, body)) = read(&mut stream).await {
        let (order, answer) = {
            let mut state = state.lock().expect("the receiver");
            let order = state.orders.pop_front();
            let answer = state.judge(&head, &body, order.as_ref());
            (order, answer)
        };
        match order {
            Some(Order::TakeAndCut) => return,
            Some(Order::Silence) => {
                tokio::time::sleep(Duration::from_mins(10)).await;
                return;
            }
            _ => {}
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// One request: its head, line by line, and its body.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(Vec<String>, String)> {
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push(line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, String::from_utf8(body).ok()?))
}

impl State {
    fn judge(&mut self, head: &[String], body: &str, order: Option<&Order>) -> String {
        let mut words = head.first().map_or("", String::as_str).split(' ');
        let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let header = |name: &str| {
            head.iter().skip(1).find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let delivery = header("x-bantin-delivery").unwrap_or_default();
        self.asked.push((tokio::time::Instant::now(), delivery.clone()));
        let fault = check(&header, body, &path, &delivery).err().or_else(|| {
            let before = self.bodies.insert(delivery.clone(), body.to_owned());
            before.filter(|before| before != body).map(|_| format!("{delivery} came with two contents"))
        });
        if let Some(fault) = fault {
            self.faults.push(fault);
            return answer(400, "", "wrong");
        }
        match order {
            Some(Order::Answer(status, line)) => return answer(*status, line, &format!("refused {path}")),
            Some(Order::Silence) => return String::new(),
            _ => {}
        }
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        let repeat = self.taken.iter().any(|taken| taken.delivery == delivery);
        let id = self.taken.len() + 1000;
        self.taken.push(Taken { method, path, delivery, body, repeat });
        answer(200, "Content-Type: application/json", &format!("{{\"id\":\"{id}\"}}"))
    }
}

fn check(header: &dyn Fn(&str) -> Option<String>, body: &str, path: &str, delivery: &str) -> Result<(), String> {
    if !path.starts_with(Receiver::PATH) || delivery.is_empty() {
        return Err(format!("{path:?} with the delivery {delivery:?}"));
    }
    if !body.is_empty() && header("content-type").as_deref() != Some("application/json") {
        return Err("no application/json".to_owned());
    }
    if !body.is_empty() && serde_json::from_str::<Value>(body).is_err() {
        return Err(format!("no JSON: {body}"));
    }
    let time = header("x-bantin-timestamp").ok_or("no timestamp")?;
    let seconds: i64 = time.parse().map_err(|_| "no number for a timestamp")?;
    if (bantin::clock::Clock::System.now().timestamp() - seconds).abs() > 60 {
        return Err(format!("signed at {time}"));
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(Receiver::SECRET.as_bytes()).expect("a key");
    mac.update(format!("{time}.{body}").as_bytes());
    let right = mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    if header("x-bantin-signature") != Some(right) {
        return Err("the signature does not fit".to_owned());
    }
    Ok(())
}

fn answer(status: u16, line: &str, body: &str) -> String {
    let line = if line.is_empty() { String::new() } else { format!("{line}\r\n") };
    format!("HTTP/1.1 {status} Said\r\n{line}Content-Length: {}\r\n\r\n{body}", body.len())
}
