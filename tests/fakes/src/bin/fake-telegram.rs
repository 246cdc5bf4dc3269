//! The fake Bot API as a program: `fake-telegram --port 0 --journal FILE`. Prints `listening on ADDRESS` when
//! it is ready; ends when it is terminated.

use bantin_fakes::args::{Args, lifeline};
use bantin_fakes::control::Control;
use bantin_fakes::journal::Journal;
use bantin_fakes::telegram::{self, limits::Limits};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse(&[
        "port",
        "journal",
        "token",
        "per-chat-second",
        "per-group-minute",
        "global-second",
        "speed",
        "lifeline",
    ]);
    lifeline(&args);
    let limits = Limits {
        per_chat_second: args.get("per-chat-second", 100_000),
        per_group_minute: args.get("per-group-minute", 100_000),
        global_second: args.get("global-second", 100_000),
        speed: args.get("speed", 1).max(1),
    };
    let journal = Journal::open(args.text("journal").map(std::path::Path::new))?;
    let router = telegram::router(args.text("token").map(str::to_owned), limits, Control::new(journal));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", args.get("port", 0))).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).await
}
