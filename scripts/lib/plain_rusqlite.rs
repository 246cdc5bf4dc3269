//! The yardstick of `scripts/bench outbox`: rows put into the table of deliveries by rusqlite, one prepared statement a
//! row and a transaction a batch, nothing else. Shares no code with bantin. Arguments: database, rows, batch.
use rusqlite::{Connection, params};

fn main() -> rusqlite::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let (rows, batch): (i64, i64) = (words[2].parse().unwrap(), words[3].parse().unwrap());
    let mut db = Connection::open(&words[1])?;
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    let target: Vec<i64> = db
        .prepare("SELECT id FROM targets ORDER BY id LIMIT ?")?
        .query_map([batch], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let now = 1_795_000_000_000_i64;
    let began = std::time::Instant::now();
    let mut n = 0;
    while n < rows {
        let tx = db.transaction()?;
        {
            let mut insert = tx.prepare_cached(
                "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, state, due_at,
                   created_at) VALUES (?, ?, 'email', ?, 1, ?, 'post', 'pending', ?, ?)",
            )?;
            for at in 0..batch {
                let to = target[at as usize % target.len()];
                insert.execute(params![(now << 20) + n, format!("p:{to}:{n}"), to, n / batch, now, now])?;
                n += 1;
            }
        }
        tx.commit()?;
    }
    println!("rows {n} {batch} {:.0}", n as f64 / began.elapsed().as_secs_f64());
    Ok(())
}
