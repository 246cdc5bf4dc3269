# How fast deliveries go, measured from outside on the release binary: mails into Postfix's smtp-sink beside smtp-source.
# Sourced by scripts/bench.

delivery() { python3 "$root/scripts/lib/delivery.py" "$@"; }
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
  after=($(delivery await "$base" email $((sent + $1)) 300))
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
  delivery proxy "$sink" 10 >"$work/way" &
  way_pid=$!
  pids+=("$way_pid")
  until [ -s "$work/way" ]; do sleep 0.02; done
  smtp_rounds distance 100 1 400 1 "$(cat "$work/way")"
  end_of "$way_pid"
  # Again, ours alone, so that the turns are ours.
  delivery proxy "$sink" 0 >"$work/way" &
  way_pid=$!
  pids+=("$way_pid")
  until [ -s "$work/way" ]; do sleep 0.02; done
  sent=0 number=0
  rm -rf "$work/run"
  mail_settings "{ url = \"smtp://127.0.0.1:$(cat "$work/way")\", connections = 10, window = 100 }"
  with_readers 5000
  mails 5000
  stop_daemon
  end_of "$way_pid"
  end=($(tail -1 "$work/way"))
  number waits "$(awk -v n="${end[0]}" 'BEGIN {printf "%.2f", n / 5000}')" "turns a mail, seen by a proxy between; ${end[1]} connections, at most ${end[2]} at a time of 10 configured"
  end_of "$sink_pid"
  stop_site
}
