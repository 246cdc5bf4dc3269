# What scripts/bench measures with: the daemon and a site, started and ended by their process ids, and their numbers
# as the kernel counts them. Sourced.

pids=()
measure_begin() {
  binary=${BANTIN_BENCH_BINARY:-}
  if [ -z "$binary" ]; then
    cargo build --quiet --release --bin bantin
    binary=${CARGO_TARGET_DIR:-target}/release/bantin
  fi
  binary=$(realpath "$binary")
  work=$(mktemp -d)
  trap measure_end EXIT
  echo "# $(date -Is), $(nproc) cores, $(awk '/model name/ {sub(/.*: /, ""); print; exit}' /proc/cpuinfo), load $(cut -d ' ' -f 1-3 /proc/loadavg), $("$binary" --version)"
}
measure_end() {
  local one
  for one in "${pids[@]:-}"; do [ -z "$one" ] || kill "$one" 2>/dev/null || true; done
  ! declare -F postgres_stop >/dev/null || postgres_stop
  wait 2>/dev/null || true
  rm -rf "$work"
}

number() { printf '%s %s %s\n' "$1" "$2" "$3"; }
rss_kib() { awk '/^VmRSS/ {print $2}' "/proc/$pid/status"; }
# rss_parts: how much of it is the program itself and what it shares, and how much is its own.
rss_parts() { awk '/^RssAnon/ {own = $2} /^RssFile/ {file = $2} END {printf "%d of its own, %d of files", own, file}' "/proc/$pid/status"; }
peak_kib() { awk '/^VmHWM/ {print $2}' "/proc/$pid/status"; }
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz}' "/proc/$pid/stat"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# settings [LINE]: begins a configuration in $work/run; LINE goes to [fetch].
settings() {
  mkdir -p "$work/run"
  printf 'base_url = "http://127.0.0.1:8080"\nlanguage = "vi"\ntimezone = "Asia/Ho_Chi_Minh"\n[fetch]\nallow_private = true\ninterval = "0s"\n%s\n' \
    "${1:-}" >"$work/run/config.toml"
}

# start_daemon: bantin with the configuration in $work/run; sets `pid`, `port`, `base`, `started` (ns). Not waited for.
start_daemon() {
  port=${port:-$(free_port)}
  base=http://127.0.0.1:$port
  cd "$work/run"
  started=$(date +%s%N)
  BANTIN_LISTEN=127.0.0.1:$port "$binary" run >>log 2>&1 &
  pid=$!
  cd "$OLDPWD"
  pids+=("$pid")
}

# watched_daemon SECONDS SLUG…: the same, and waits until the feeds of these sections are complete.
watched_daemon() {
  local watcher limit=$1
  shift
  port=$(free_port)
  python3 scripts/lib/await_feeds.py "$port" "$limit" "$@" >"$work/seen" 2>"$work/unseen" &
  watcher=$!
  until grep -q ready "$work/seen"; do sleep 0.02; done
  start_daemon
  wait "$watcher"
}

# since NAME: milliseconds from the start until the watcher saw it.
since() {
  awk -v name="$1" -v from="$started" '$1 == name {printf "%.0f", ($2 - from) / 1e6; found = 1} END {if (!found) printf "never"}' "$work/seen"
}

stop_daemon() {
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  port=
}

# idle NAME: processor time of the daemon over ten seconds in which nothing is due.
idle() {
  local before
  sleep 3
  before=$(cpu_ms)
  sleep 10
  number "$1_idle_cpu" $(($(cpu_ms) - before)) "ms in 10 s"
}

# site SECTIONS ARTICLES NEW LOOKS: a site that publishes; sets `site`.
site() {
  rm -f "$work/site-port" # of a site before
  python3 scripts/lib/day_site.py "$@" >"$work/site-port" &
  site_pid=$!
  pids+=("$site_pid")
  until [ -s "$work/site-port" ]; do sleep 0.02; done
  site=http://127.0.0.1:$(cat "$work/site-port")
}
stop_site() { kill "$site_pid" && wait "$site_pid" 2>/dev/null || true; }

# load NAME URL [-H HEADER]: 64 connections, one client thread, three seconds; requests and the server's processor time.
load() {
  local name=$1 url=$2 before out count rate
  shift 2
  curl -s -o /dev/null "$@" "$url" # what is made on first request is made
  before=$(cpu_ms)
  if command -v wrk >/dev/null; then
    out=$(wrk -t1 -c64 -d3s "$@" "$url")
    count=$(awk '/ requests in / {print $1}' <<<"$out")
    rate=$(awk '/^Requests\/sec/ {print $2}' <<<"$out")
    grep -E 'Non-2xx|Socket errors' <<<"$out" | sed "s/^ */# $name: /" || true
  elif command -v ab >/dev/null; then
    out=$(ab -q -k -c 64 -t 3 -n 1000000 "$@" "$url" 2>&1)
    count=$(awk '/^Complete requests/ {print $3}' <<<"$out")
    rate=$(awk '/^Requests per second/ {print $4}' <<<"$out")
  else # one connection, one after the other
    local began
    began=$(date +%s%N)
    count=3000
    curl -s "$@" "$url?[1-$count]" -o /dev/null
    rate=$((count * 1000000000 / ($(date +%s%N) - began)))
  fi
  number "${name}_rate" "$rate" requests/s
  number "${name}_cpu" "$(awk -v ms="$(($(cpu_ms) - before))" -v n="$count" 'BEGIN {printf "%.1f", ms * 1000 / n}')" us/request
}
