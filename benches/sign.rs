//! What a DKIM signature costs: one mail of 8.7 kB, signed again and again on one thread. Prints one line of JSON, with
//! microseconds of processor time a mail for each kind of key, so that other work on the machine disturbs it little.
//!
//!     cargo bench --bench sign -- RSA.pem ED25519.pem

use bantin::dkim::{Signer, signed};

const ROUNDS: u32 = 2_000;

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let head = "From: a@example.vn\r\nTo: b@example.org\r\nSubject: Tin\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n\
                Message-ID: <p.1.2@example.vn>\r\nList-Id: Tin <tin.example.vn>\r\nList-Unsubscribe: <https://b.vn/u/x>\r\n\
                List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";
    let mail =
        format!("{head}{}", "A line of seventy letters and a few spaces, as a mail has them in it ..\r\n".repeat(118));
    for file in files {
        let Ok(pem) = std::fs::read_to_string(&file) else {
            eprintln!("{file} cannot be read");
            continue;
        };
        let signer = match Signer::new("example.vn", "b", &pem) {
            Ok(signer) => [signer],
            Err(fault) => {
                eprintln!("{file}: {fault}");
                continue;
            }
        };
        let began = on_the_processor();
        let mut bytes = 0;
        for round in 0..ROUNDS {
            bytes += signed(mail.as_bytes(), &signer, i64::from(round)).map(|mail| mail.len()).unwrap_or_default();
        }
        let each = (on_the_processor() - began) / u64::from(ROUNDS) / 1_000;
        println!("{{\"key\": \"{file}\", \"mails\": {ROUNDS}, \"bytes\": {bytes}, \"us_a_mail\": {each}}}");
    }
}

/// Nanoseconds this thread has had a processor.
fn on_the_processor() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or_default()
}
