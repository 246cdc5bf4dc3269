# What the outbox's statements cost beside the databases by themselves, in one run: rows queued beside plain rusqlite,
# rows claimed and settled on PostgreSQL beside pgbench that only claims. Sourced by scripts/bench.

# rows_of COMMAND…: the last line of the bench is "rows N BATCH RATE"; sets `rows`, `batch`, `rate`.
rows_of() {
  local line
  line=$("$@" | tail -1)
  read -r _ rows batch rate <<<"$line"
}

# The yardstick, compiled once: it shares no line with bantin.
plain_rusqlite() {
  local folder=${CARGO_TARGET_DIR:-$root/target}/plain-rusqlite
  mkdir -p "$folder/src"
  cp scripts/lib/plain_rusqlite.rs "$folder/src/main.rs"
  printf '[package]\nname = "plain-rusqlite"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nrusqlite = { version = "*", features = ["bundled"] }\n[workspace]\n' \
    >"$folder/Cargo.toml"
  CARGO_TARGET_DIR=$folder cargo build --quiet --release --manifest-path "$folder/Cargo.toml"
  rusqlite=$folder/release/plain-rusqlite
}

bench_outbox() {
  local outbox count=${BANTIN_BENCH_ROWS:-100000} at ours claims pg_bin db
  outbox=$(cargo bench --no-run --bench outbox --message-format json 2>/dev/null | jq -r 'select(.executable) | .executable' | tail -1)
  plain_rusqlite

  number disk_fdatasync "$(delivery fdatasync "$work")" "us, the median of 4 KiB writes"
  "$outbox" prepare "sqlite://$work/outbox.db"
  delivery readers "$work/outbox.db" "$count" bench
  cp "$work/outbox.db" "$work/plain.db"
  rows_of "$outbox" expand "sqlite://$work/outbox.db" 3
  at=$((rows / batch)) ours=$rate
  number outbox_queued "$ours" "rows a second, $rows rows in chunks of $at"
  rows_of "$rusqlite" "$work/plain.db" "$rows" "$at"
  number outbox_queued_rusqlite "$rate" "rows a second, batches of $batch; ratio $(ratio "$ours" "$rate")"
  rows_of "$outbox" drain "sqlite://$work/outbox.db" 1000
  number outbox_settled "$rate" "rows a second claimed and settled on SQLite, $rows rows by $batch"

  # As it is run for real: every commit is on the disk.
  POSTGRES_FSYNC=on postgres_start
  db=$BANTIN_TEST_POSTGRES
  pg_bin=$(postgres_bin)
  "$outbox" prepare "$db"
  delivery readers "$db" "$count" bench
  rows_of "$outbox" expand "$db" 1
  number outbox_queued_postgres "$rate" "rows a second, $rows rows"
  "$pg_bin/psql" -q -d "$db" -c 'VACUUM ANALYZE deliveries'
  rows_of "$outbox" drain "$db" 1000
  ours=$rate
  number outbox_settled_postgres "$ours" "rows a second claimed and settled, $rows rows by $batch"
  # The same rows once more, claimed by pgbench and never settled.
  "$pg_bin/psql" -q -d "$db" -c "UPDATE deliveries SET state = 'pending', owner = '', lease_until = 0, settled_at = NULL" \
    -c 'VACUUM ANALYZE deliveries'
  cat >"$work/claim.sql" <<'SQL'
UPDATE deliveries SET state = 'sending', owner = 'pgbench', lease_until = 1795000060000, attempts = attempts + 1
WHERE id IN (SELECT id FROM deliveries WHERE channel = 'email' AND state IN ('pending', 'retry')
  AND due_at <= 4000000000000 ORDER BY due_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING id;
SQL
  claims=$("$pg_bin/pgbench" -n -f "$work/claim.sql" -t "$((count / 1000))" -c 1 "$db" 2>/dev/null |
    awk '/^tps/ {printf "%.0f", $3 * 1000}')
  number outbox_claimed_pgbench "$claims" "rows a second claimed by 1000; ratio $(ratio "$ours" "$claims")"
  postgres_stop
}
