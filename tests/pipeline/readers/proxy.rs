//! A proxy between a reader and bantin that notes the status of every answer for a feed, untouched otherwise.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;

/// The proxy; it serves until the test ends.
pub struct Proxy {
    /// Its address, without a slash at the end.
    pub url: String,
    seen: Arc<Mutex<Vec<u16>>>,
}

#[derive(Clone)]
struct Way {
    to: String,
    client: reqwest::Client,
    seen: Arc<Mutex<Vec<u16>>>,
}

impl Proxy {
    /// A proxy to `to`.
    pub async fn start(to: &str) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let client = reqwest::Client::builder().no_proxy().no_gzip().no_brotli().no_deflate();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().expect("an HTTP client");
        let way = Way { to: to.to_owned(), client, seen: seen.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass).with_state(way);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    /// The statuses of all answers for feeds so far.
    pub fn seen(&self) -> Vec<u16> {
        self.seen.lock().expect("the list").clone()
    }
}

async fn pass(State(way): State<Way>, method: Method, uri: Uri, mut headers: HeaderMap, body: Bytes) -> Response {
    headers.remove("host");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = way.client.request(method, format!("{}{path}", way.to)).headers(headers).body(body);
    let answer = request.send().await.expect("bantin answers");
    if path.starts_with("/feeds/") {
        way.seen.lock().expect("the list").push(answer.status().as_u16());
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    response.headers_mut().remove("transfer-encoding");
    *response.body_mut() = Body::from(answer.bytes().await.expect("a body"));
    response
}
