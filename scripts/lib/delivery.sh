# How fast deliveries go, measured from outside on the release binary: mails into Postfix's smtp-sink beside smtp-source.
# Sourced by scripts/bench.

delivery() { python3 "$root/scripts/lib/delivery.py" "$@"; }
# In the background, as the process that is ended by its id.
delivery_alone() { exec python3 "$root/scripts/lib/delivery.py" "$@"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", b ? a / b : 0}'; }
SIZE= # bytes of a mail, once it is known

need_postfix() {
  PATH=$PATH:/usr/sbin
  command -v smtp-sink >/dev/null && return
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postfix >/dev/null
}

# sink: Postfix's smtp-sink on a free port; sets `sink`, `sink_pid`.
sink() {
  sink=$(free_port)
  smtp-sink $([ "$(id -u)" != 0 ] || echo -u nobody) "127.0.0.1:$sink" 2000 2>/dev/null &
  sink_pid=$!
  pids+=("$sink_pid")
  until (: <"/dev/tcp/127.0.0.1/$sink") 2>/dev/null; do sleep 0.02; done
}
end_of() { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null || true; }

# mail_settings RELAY [LINE…]: one section with a relay (a TOML value); lines go to [email].
mail_settings() {
  local relay=$1
  shift
  settings
  {
    [ -z "${DATABASE:-}" ] || printf '[database]\nurl = "%s"\n' "$DATABASE"
    printf '[server]\npush_key = "bench"\n[defaults]\nguard = "off"\nread = "listing"\nschedule = "1d"\n'
    printf '[organisation]\nname = "Bench"\n'
    printf '[email]\nfrom = "Bản tin <news@example.test>"\nsmtp = [%s]\n' "$relay"
    [ $# = 0 ] || printf '%s\n' "$@"
    printf '[section.muc-0]\nname = "Mục 0"\nurl = "%s/muc-0/"\n' "$site"
  } >>"$work/run/config.toml"
}

# with_readers COUNT: the daemon has looked at its site once, then gets so many readers.
with_readers() {
  start_daemon
  until [ "$(curl -s "$base/feeds/muc-0.rss" | grep -c '<item>')" -gt 0 ]; do sleep 0.1; done
  stop_daemon
  delivery readers "${DATABASE:-$work/run/data/bantin.db}" "$1" muc-0
  start_daemon
  until curl -sf -o /dev/null "$base/readyz"; do sleep 0.02; done
}

# mails COUNT: an article for COUNT readers; sets `rate` (mails a second, first to last), `whole` (ms from the push to
# the last recorded), `cpu_us` (a mail).
mails() {
  local before began after
  number=$((${number:-0} + 1))
  before=$(cpu_ms) sent=${sent:-0}
  began=$(BANTIN_BENCH_SITE=$site delivery push "$base" muc-0 "$number")
  after=($(BANTIN_BENCH_FROM=$sent delivery await "$work/run/log" $((sent + $1)) 300))
  [ "${after[2]}" = $((sent + $1)) ] || echo "# only $((after[2] - sent)) of $1 mails were sent"
  rate=$(awk -v n="$((after[2] - after[3]))" -v ns="$((after[1] - after[0]))" 'BEGIN {printf "%.0f", ns ? n * 1e9 / ns : 0}')
  whole=$(((after[1] - began) / 1000000))
  cpu_us=$(((${1} ? ($(cpu_ms) - before) * 1000 / $1 : 0)))
  sent=${after[2]}
}

# source_rate SESSIONS COUNT PORT: smtp-source with the same size; sets `their_rate` and `their_cpu`.
source_rate() {
  local cost
  cost=($(python3 scripts/lib/cost.py smtp-source -d -s "$1" -m "$2" -l "$SIZE" -f news@example.test -t reader@example.org "127.0.0.1:$3"))
  their_rate=$(($2 * 1000 / cost[1])) their_cpu=$((cost[0] * 1000 / $2))
}

mail_size() {
  local article
  article=$(cd "$work/run" && "$binary" articles list --json 2>/dev/null | jq -r '[.. | objects | select(.id?) | .id][0]' || true)
  SIZE=$(cd "$work/run" && "$binary" preview muc-0 --as email 2>/dev/null | wc -c)
}

# smtp_rounds NAME WINDOW SESSIONS COUNT ROUNDS [PORT]: both in turn, so often; prints the medians and their ratio.
smtp_rounds() {
  local name=$1 window=$2 sessions=$3 count=$4 rounds=$5 to=${6:-$sink} round ours=() theirs=() cpus=() their_cpus=()
  sent=0 number=0
  rm -rf "$work/run"
  mail_settings "{ url = \"smtp://127.0.0.1:$to\", connections = $sessions, window = $window }" ${7:+"$7"}
  with_readers "$count"
  for round in $(seq "$rounds"); do
    mails "$count"
    [ -n "$SIZE" ] || mail_size
    ours+=("$rate") cpus+=("$cpu_us")
    source_rate "$sessions" "$count" "$to"
    theirs+=("$their_rate") their_cpus+=("$their_cpu")
  done
  peak=$(peak_kib)
  stop_daemon
  rate=$(median "${ours[@]}") their_rate=$(median "${theirs[@]}") cpu_us=$(median "${cpus[@]}") their_cpu=$(median "${their_cpus[@]}")
  number "${name}_rate" "$rate" "mails/s (${ours[*]}); smtp-source $their_rate (${theirs[*]}); ratio $(ratio "$rate" "$their_rate")"
  number "${name}_cpu" "$cpu_us" "us a mail; smtp-source $their_cpu; ratio $(ratio "$cpu_us" "$their_cpu"); peak $peak KiB"
}
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

bench_smtp() {
  need_postfix
  site 1 20 0 1
  sink
  number disk_fdatasync "$(delivery fdatasync "$work")" "us, the median of 4 KiB writes"
  smtp_rounds smtp_window_1 1 10 "${BANTIN_BENCH_MAILS:-10000}" "${BANTIN_BENCH_ROUNDS:-3}"
  number mail_size "$SIZE" bytes
  smtp_rounds smtp_window_100 100 10 "${BANTIN_BENCH_MAILS:-10000}" "${BANTIN_BENCH_ROUNDS:-3}"
  number disk_fdatasync "$(delivery fdatasync "$work")" "us, again"
  end_of "$sink_pid"
  stop_site
}

# Over a distance: 20 ms a round trip, one connection.
bench_distance() {
  local way way_pid end
  need_postfix
  site 1 20 0 1
  sink
  SIZE=${SIZE:-8700}
  delivery_alone proxy "$sink" 10 >"$work/way" &
  way_pid=$!
  pids+=("$way_pid")
  until [ -s "$work/way" ]; do sleep 0.02; done
  smtp_rounds distance 100 1 400 1 "$(cat "$work/way")"
  end_of "$way_pid"
  # Again, ours alone, so that the turns are ours.
  delivery_alone proxy "$sink" 0 >"$work/way-2" &
  way_pid=$!
  pids+=("$way_pid")
  until [ -s "$work/way-2" ]; do sleep 0.02; done
  sent=0 number=0
  rm -rf "$work/run"
  mail_settings "{ url = \"smtp://127.0.0.1:$(cat "$work/way-2")\", connections = 10, window = 100 }"
  with_readers 5000
  mails 5000
  stop_daemon
  end_of "$way_pid"
  end=($(tail -1 "$work/way-2"))
  number waits "$(awk -v n="${end[0]}" 'BEGIN {printf "%.2f", n / 5000}')" "turns a mail, seen by a proxy between; ${end[1]} connections, at most ${end[2]} at a time of 10 configured"
  end_of "$sink_pid"
  stop_site
}

# How long an article takes to a great number of readers, what the database and the memory become. Mails are made and
# sent in parts of BANTIN_BENCH_READERS_SENT, the expansion is whole.
bench_readers() {
  local count began made
  need_postfix
  site 1 20 0 1
  for count in ${BANTIN_BENCH_READERS:-100000 1000000}; do
    sink
    sent=0 number=0
    rm -rf "$work/run"
    mail_settings "{ url = \"smtp://127.0.0.1:$sink\", connections = 10, window = 100 }"
    with_readers "$count"
    number "readers_${count}_database_before" "$(cat "$work"/run/data/bantin.db* | wc -c)" bytes
    number "readers_${count}_rss_before" "$(rss_kib)" KiB
    sleep 10
    began=$(cpu_ms)
    sleep 10
    number "readers_${count}_idle_cpu" $(($(cpu_ms) - began)) "ms in 10 s, nothing due"
    number=$((number + 1))
    began=$(BANTIN_BENCH_SITE=$site delivery push "$base" muc-0 "$number")
    before=$(cpu_ms)
    made=($(delivery await "$work/run/log" "$count" 1200))
    number "readers_${count}_time" "$(((made[1] - began) / 1000000))" "ms from the push to the last mail recorded; ${made[2]} mails"
    number "readers_${count}_first" "$(((made[0] - began) / 1000000))" "ms from the push to the first mail recorded"
    number "readers_${count}_cpu" "$((($(cpu_ms) - before) * 1000 / count))" "us a mail, all of it"
    number "readers_${count}_peak" "$(peak_kib)" KiB
    number "readers_${count}_database" "$(cat "$work"/run/data/bantin.db* | wc -c)" bytes
    stop_daemon
    end_of "$sink_pid"
  done
  stop_site
}

# telegram_settings SECTIONS [EMAIL]: so many sections with a chat each, against the strict fake with Telegram's limits.
telegram_settings() {
  local fake=${BANTIN_BENCH_FAKE:-} s
  if [ -z "$fake" ]; then
    cargo build --quiet --workspace --bin fake-telegram
    fake=${CARGO_TARGET_DIR:-target}/debug/fake-telegram
  fi
  rm -f "$work/telegram"
  "$fake" --journal "$work/telegram" --per-chat-second 1 --per-group-minute 20 --global-second 30 >"$work/fake" &
  fake_pid=$!
  pids+=("$fake_pid")
  until grep -q listening "$work/fake"; do sleep 0.02; done
  fake_at=$(sed -n 's/listening on //p' "$work/fake")
  rm -rf "$work/run"
  settings
  {
    printf '[server]\npush_key = "bench"\n[defaults]\nguard = "off"\nread = "listing"\nschedule = "1d"\n'
    printf '[organisation]\nname = "Bench"\n[telegram]\ntoken = "123456:bench"\napi_url = "http://%s"\n' "$fake_at"
    [ -z "${2:-}" ] || printf '[email]\nfrom = "Bản tin <news@example.test>"\nsmtp = [%s]\n' "$2"
    for s in $(seq 0 $(($1 - 1))); do
      printf '[section.muc-%s]\nname = "Mục %s"\nurl = "%s/muc-%s/"\ntelegram = -10010000%02d\n' "$s" "$s" "$site" "$s" "$s"
    done
  } >>"$work/run/config.toml"
  start_daemon
  for s in $(seq 0 $(($1 - 1))); do
    until [ "$(curl -s "$base/feeds/muc-$s.rss" | grep -c '<item>')" -gt 0 ]; do sleep 0.1; done
  done
}

# From the push of an article to Telegram's answer and to the first mail, with 100 sections: one article a section, five a
# second.
bench_latency() {
  local s
  need_postfix
  site 100 20 0 1
  sink
  telegram_settings 100 "{ url = \"smtp://127.0.0.1:$sink\", connections = 10, window = 1 }"
  stop_daemon
  for s in $(seq 0 99); do delivery readers "$work/run/data/bantin.db" 10 "muc-$s" $((s * 10)); done
  start_daemon
  until curl -sf -o /dev/null "$base/readyz"; do sleep 0.02; done
  sleep 2
  BANTIN_BENCH_SITE=$site delivery latency "$base" "$work/run/data/bantin.db" 100 | while read -r name value rest; do
    number "latency_$name" "$value" "$rest"
  done
  stop_daemon
  end_of "$fake_pid"
  end_of "$sink_pid"
  stop_site
}

# Telegram's limits: 50 chats, 12 articles each, pushed at once; how long it takes beside what the limits allow (25 a
# second in all, as configured; 20 a minute to a chat).
bench_telegram() {
  local began
  site 50 20 0 1
  telegram_settings 50
  BANTIN_BENCH_SITE=$site delivery pushes "$base" 50 12
  began=$SECONDS
  until [ "$(wc -l <"$work/telegram")" -ge 600 ] || [ $((SECONDS - began)) -gt 240 ]; do sleep 0.2; done
  delivery journal "$work/telegram" 25 20 | while read -r name value rest; do number "telegram_$name" "$value" "$rest"; done
  number telegram_429 "$(curl -s "http://$fake_at/control/refused" | grep -c 429 || true)" "refusals by the strict fake"
  stop_daemon
  end_of "$fake_pid"
  stop_site
}

# What a signature of our own costs a mail, in the daemon as a whole: the same mails without and with an RSA key.
bench_signing() {
  need_postfix
  site 1 20 0 1
  sink
  SIZE=${SIZE:-8700}
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/signing.pem" 2>/dev/null
  smtp_rounds unsigned 100 10 4000 3
  local plain=$cpu_us
  smtp_rounds signed_rsa 100 10 4000 3 "" "dkim = [{ domain = \"example.test\", selector = \"b\", key_file = \"$work/signing.pem\" }]"
  number signing_rsa $((cpu_us - plain)) "us a mail more, of processor time"
  end_of "$sink_pid"
  stop_site
}

# rss2email, as Debian has it: a feed of 70 items by mail through the same sink.
bench_rss2email() {
  local cost mails=700 n
  need_postfix
  command -v r2e >/dev/null || as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends rss2email >/dev/null
  sink
  mkdir -p "$work/r2e"
  (cd "$work/r2e" && python3 "$root/scripts/lib/delivery.py" feeds 10 70 && python3 -m http.server 0 --bind 127.0.0.1 >port 2>&1) &
  local web_pid=$!
  pids+=("$web_pid")
  until grep -q 'port [0-9]' "$work/r2e/port" 2>/dev/null; do sleep 0.05; done
  local at
  at=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$work/r2e/port")
  printf '[DEFAULT]\nto = reader@example.org\nfrom = news@example.test\nemail-protocol = smtp\nsmtp-server = 127.0.0.1\nsmtp-port = %s\nsmtp-auth = False\nsmtp-ssl = False\nverbose = error\n' "$sink" >"$work/r2e.cfg"
  for n in $(seq 0 9); do r2e -c "$work/r2e.cfg" -d "$work/r2e.json" add "f$n" "http://127.0.0.1:$at/$n.xml" >/dev/null; done
  cost=($(python3 scripts/lib/cost.py r2e -c "$work/r2e.cfg" -d "$work/r2e.json" run))
  number rss2email_cpu $((cost[0] * 1000 / mails)) "us a mail, feed and mail of it, $mails mails in ${cost[1]} ms"
  kill "$web_pid" 2>/dev/null || true
  end_of "$sink_pid"
}
