//! The thin binary: parse arguments, start logging, call the command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    bantin::cli::main().await
}
