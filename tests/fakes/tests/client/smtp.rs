//! SMTP by hand.

use bantin_fakes::control::{self, Control};
use bantin_fakes::journal::Journal;
use bantin_fakes::smtp::{Offer, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{get, http, order};

/// The relay's address and that of its controls.
async fn start() -> (String, String) {
    let relay = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let door = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addresses = [&relay, &door].map(|l| l.local_addr().expect("an address").to_string());
    let control = Control::new(Journal::open(None).expect("a journal"));
    let router = control::router(control.clone());
    tokio::spawn(serve(relay, Offer { size: 2000, pipelining: true }, control));
    tokio::spawn(async move { axum::serve(door, router).await });
    let [relay, door] = addresses;
    (relay, door)
}

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(address: &str) -> Self {
        let mut client = Self(BufReader::new(TcpStream::connect(address).await.expect("connecting")));
        assert_eq!(client.code().await, 220);
        assert_eq!(client.say("EHLO test").await, 250);
        client
    }

    /// The code of the next reply; 0 when the connection is over.
    async fn code(&mut self) -> u16 {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap_or(0) == 0 {
                return 0;
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return line[..3].parse().expect("a code");
            }
        }
    }

    async fn write(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.expect("writing");
    }

    async fn say(&mut self, line: &str) -> u16 {
        self.write(&format!("{line}\r\n")).await;
        self.code().await
    }

    /// A whole mail to one address; the last code.
    async fn mail(&mut self, to: &str, body: &str) -> u16 {
        for (line, wanted) in [
            ("MAIL FROM:<b@x.vn> BODY=8BITMIME".to_owned(), 250),
            (format!("RCPT TO:<{to}>"), 250),
            ("DATA".to_owned(), 354),
        ] {
            let code = self.say(&line).await;
            if code != wanted {
                return code;
            }
        }
        self.say(&format!("{body}\r\n.")).await
    }
}

async fn journal(door: &str) -> Vec<Value> {
    get(door, "/control/journal").await.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn a_mail_is_journalled_with_envelope_and_raw_text() {
    let (relay, door) = start().await;
    let mut client = Client::connect(&relay).await;
    assert_eq!(client.mail("a@x.vn", "Subject: Tin\r\n\r\n..chấm").await, 250);
    assert_eq!(client.say("QUIT").await, 221);
    let lines = journal(&door).await;
    assert_eq!((&lines[0]["from"], &lines[0]["to"]), (&json!("b@x.vn"), &json!(["a@x.vn"])));
    assert_eq!(lines[0]["raw"], "Subject: Tin\r\n\r\n.chấm\r\n");
}

#[tokio::test]
async fn commands_may_be_pipelined() {
    let (relay, door) = start().await;
    let mut client = Client::connect(&relay).await;
    client.write("MAIL FROM:<b@x.vn>\r\nRCPT TO:<a@x.vn>\r\nRCPT TO:<c@x.vn>\r\nDATA\r\n").await;
    assert_eq!(
        [client.code().await, client.code().await, client.code().await, client.code().await],
        [250, 250, 250, 354]
    );
    client.write("x\r\n.\r\nMAIL FROM:<b@x.vn>\r\nQUIT\r\n").await;
    assert_eq!([client.code().await, client.code().await, client.code().await], [250, 250, 221]);
    assert_eq!(journal(&door).await[0]["to"], json!(["a@x.vn", "c@x.vn"]));
}

#[tokio::test]
async fn breaches_of_the_protocol_are_refused() {
    let (relay, door) = start().await;
    let mut client = Client::connect(&relay).await;
    assert_eq!(client.say("RCPT TO:<a@x.vn>").await, 503);
    assert_eq!(client.say("MAIL FROM: <b@x.vn>").await, 501);
    assert_eq!(client.say("MAIL FROM:<b@x.vn> SIZE=2001").await, 552);
    assert_eq!(client.say("MAIL FROM:<b@x.vn> SMTPUTF8").await, 555);
    assert_eq!(client.say("MAIL FROM:<bé@x.vn>").await, 500);
    assert_eq!(client.mail("a@x.vn", &"x".repeat(999)).await, 554);
    assert_eq!(client.mail("a@x.vn", "a\nb").await, 554);
    assert_eq!(client.mail("a@x.vn", &"xxxxxxx\r\n".repeat(300)).await, 554);
    client.write("MAIL FROM:<b@x.vn>\r\nRCPT TO:<a@x.vn>\r\nDATA\r\nễ\r\n.\r\n").await;
    assert_eq!(
        [client.code().await, client.code().await, client.code().await, client.code().await],
        [250, 250, 354, 554]
    );
    assert_eq!(journal(&door).await, Vec::<Value>::new());
    assert_eq!(get(&door, "/control/refused").await.lines().count(), 9);
}

#[tokio::test]
async fn it_misbehaves_as_ordered() {
    let (relay, door) = start().await;
    order(
        &door,
        r#"[{"match":{"verb":"RCPT","rcpt":"no@x.vn"},"do":{"kind":"reply","code":550,"text":"5.1.1 nobody"}},
        {"match":{"verb":"dot","rcpt":"cut@x.vn"},"do":{"kind":"cut"}},
        {"match":{"verb":"dot","rcpt":"ambiguous@x.vn"},"do":{"kind":"accept_then_cut"}},
        {"match":{"verb":"dot","rcpt":"last@x.vn"},"do":{"kind":"reply_then_cut"}},
        {"match":{"verb":"dot","rcpt":"later@x.vn","times":1},"do":{"kind":"reply","code":451,"text":"4.3.0 later"}},
        {"match":{"verb":"MAIL","nth":7},"do":{"kind":"reply","code":421,"text":"4.3.2 closing"}}]"#,
    )
    .await;
    let mut client = Client::connect(&relay).await;
    assert_eq!(client.mail("no@x.vn", "x").await, 550);
    assert_eq!(client.say("RSET").await, 250);
    assert_eq!(client.mail("cut@x.vn", "x").await, 0);
    assert_eq!(Client::connect(&relay).await.mail("ambiguous@x.vn", "x").await, 0);
    let mut client = Client::connect(&relay).await;
    assert_eq!([client.mail("last@x.vn", "x").await, client.code().await], [250, 0]);
    let mut client = Client::connect(&relay).await;
    assert_eq!([client.mail("later@x.vn", "x").await, client.mail("later@x.vn", "x").await], [451, 250]);
    assert_eq!([client.mail("a@x.vn", "x").await, client.code().await], [421, 0]);
    let to: Vec<_> = journal(&door).await.iter().map(|line| line["to"][0].clone()).collect();
    assert_eq!(to, ["ambiguous@x.vn", "last@x.vn", "later@x.vn"]);
}

#[tokio::test]
async fn the_last_reply_can_be_withheld() {
    let (relay, door) = start().await;
    order(&door, r#"{"match":{"verb":"dot"},"do":{"kind":"withhold"}}"#).await;
    let sending = tokio::spawn(async move {
        let mut client = Client::connect(&relay).await;
        client.write("MAIL FROM:<b@x.vn>\r\nRCPT TO:<a@x.vn>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n").await;
        for wanted in [250, 250, 354] {
            assert_eq!(client.code().await, wanted);
        }
        [client.code().await, client.code().await]
    });
    assert_eq!(get(&door, "/control/pending?wait=1").await, "1");
    assert_eq!(journal(&door).await.len(), 1);
    http(&door, "POST", "/control/release", "", b"").await.expect("an answer");
    assert_eq!(sending.await.expect("no panic"), [250, 250], "what was sent ahead is not lost");
}
