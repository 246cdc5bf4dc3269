//! The thin binary: parse arguments, start logging, call the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    bantin::cli::main()
}
