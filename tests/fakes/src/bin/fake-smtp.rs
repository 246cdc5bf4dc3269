//! The misbehaving relay as a program: `fake-smtp --port 0 --journal FILE`. Prints `listening on ADDRESS` and
//! `control on ADDRESS` (HTTP) when it is ready; ends when it is terminated.

use bantin_fakes::args::{Args, lifeline};
use bantin_fakes::control::{self, Control};
use bantin_fakes::journal::Journal;
use bantin_fakes::smtp::{self, Offer};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse(&["port", "control-port", "journal", "size", "pipelining", "lifeline"]);
    lifeline(&args);
    let offer = Offer { size: args.get("size", 25 * 1024 * 1024), pipelining: args.get("pipelining", true) };
    let control = Control::new(Journal::open(args.text("journal").map(std::path::Path::new))?);
    let relay = TcpListener::bind(("127.0.0.1", args.get("port", 0))).await?;
    let door = TcpListener::bind(("127.0.0.1", args.get("control-port", 0))).await?;
    println!("listening on {}", relay.local_addr()?);
    println!("control on {}", door.local_addr()?);
    tokio::select! {
        ended = smtp::serve(relay, offer, control.clone()) => ended,
        ended = async { axum::serve(door, control::router(control)).await } => ended,
    }
}
