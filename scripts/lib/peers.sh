# Side by side with others, on the same pages in one run: rsspls (Rust) for polling, trafilatura (Python) for reading.
# Sourced by scripts/bench. Both are installed into a folder of their own, $PEERS, kept between runs.

PEERS=${BANTIN_BENCH_PEERS:-${CARGO_TARGET_DIR:-target}/peers}

need_rsspls() {
  [ -x "$PEERS/bin/rsspls" ] || CARGO_TARGET_DIR= cargo install --quiet --root "$PEERS" rsspls
  command -v nginx >/dev/null || as_root apt-get install -qq -y --no-install-recommends nginx-light >/dev/null
}
need_trafilatura() {
  "$PEERS/venv/bin/python" -c 'import trafilatura' 2>/dev/null ||
    { python3 -m venv "$PEERS/venv" && "$PEERS/venv/bin/pip" install -q trafilatura lxml_html_clean; }
}

# news_site SECTIONS ARTICLES: the site on disk behind nginx; sets `news`, its address, and `nginx_pid`.
news_site() {
  python3 scripts/lib/news_site.py "$work/news" --sections "$1" --articles "$2"
  chmod 755 "$work" # nginx's worker is somebody else where bench is run as root
  news=http://127.0.0.1:$(cat "$work/news/port")
  PATH=$PATH:/usr/sbin nginx -c "$work/news/nginx.conf" -p "$work/news" 2>/dev/null &
  nginx_pid=$!
  pids+=("$nginx_pid")
  until curl -sf -o /dev/null "$news/s/0.html"; do sleep 0.05; done
}

# peer_settings COUNT: both configurations for COUNT sections; beyond the site's own, its pages under other addresses.
peer_settings() {
  local n url
  settings
  printf '[defaults]\nread = "listing"\nschedule = "1d"\n' >>"$work/run/config.toml"
  printf '[rsspls]\noutput = "%s/rsspls"\n' "$work" >"$work/rsspls.toml"
  mkdir -p "$work/rsspls"
  for ((n = 0; n < $1; n++)); do
    url=$news/s/$((n % 1000)).html
    [ $n -lt 1000 ] || url=$url?n=$n
    printf '[section.s%s]\nname = "Mục %s"\nurl = "%s"\n[section.s%s.html]\nitem = "article.item-news"\ntitle = "h3.title-news a"\nlead = "p.description"\ndate = "time.ago"\nimage = "div.thumb img"\n' \
      $n $n "$url" $n >>"$work/run/config.toml"
    printf '[[feed]]\ntitle = "Mục %s"\nfilename = "s%s.rss"\n[feed.config]\nurl = "%s"\nitem = "article.item-news"\nheading = "h3.title-news a"\nlink = "h3.title-news a"\nsummary = "p.description"\ndate = "time.ago"\nmedia = "div.thumb img"\n' \
      $n $n "$url" >>"$work/rsspls.toml"
  done
}

bantin_once() { (cd "$work/run" && python3 "$root/scripts/lib/cost.py" "$binary" once 2>>"$work/run/log"); }
rsspls_once() { XDG_CACHE_HOME=$work/cache python3 scripts/lib/cost.py "$PEERS/bin/rsspls" -c "$work/rsspls.toml" 2>>"$work/rsspls.log"; }

# both NAME: one pass of each over everything; figures and ratios.
both() {
  local ours theirs
  theirs=($(rsspls_once)) ours=($(bantin_once))
  number "$1_rsspls" "${theirs[0]}" "ms of CPU, ${theirs[1]} ms wall, ${theirs[2]} KiB peak, exit ${theirs[3]}"
  number "$1_bantin" "${ours[0]}" "ms of CPU, ${ours[1]} ms wall, ${ours[2]} KiB peak, exit ${ours[3]}"
  awk -v name="$1" -v a="${ours[0]}" -v b="${theirs[0]}" -v c="${ours[2]}" -v d="${theirs[2]}" -v e="${ours[1]}" -v f="${theirs[1]}" \
    'BEGIN {printf "%s_ratio %.2f of the CPU, %.2f of the wall time, %.2f of the memory\n", name, a / b, e / f, c / d}'
}

# Polling: everything new, everything changed by one article, nothing changed; then ten thousand sections unchanged.
bench_poll() {
  need_rsspls
  news_site 1000 60
  peer_settings 1000
  both poll_1000_new
  python3 scripts/lib/news_site.py "$work/news" --sections 1000 --articles 60 --edition 2
  both poll_1000_changed
  both poll_1000_unchanged
  # One more pass of a running daemon, without its start.
  start_daemon
  until [ "$(curl -s "$base/metrics" | grep -c 'bantin_looks_total')" -ge 1000 ]; do sleep 0.1; done
  number poll_1000_daemon_rss "$(rss_kib)" KiB
  stop_daemon
  peer_settings 10000
  bantin_once >/dev/null && rsspls_once >/dev/null
  both poll_10000_unchanged
  number poll_10000_rsspls_failed "$(grep -ci 'error' "$work/rsspls.log")" "lines of error in all its passes"
  number poll_10000_bantin_failed "$(grep -c 'could not be' "$work/run/log")" "lines of failure in all its passes"
  kill "$nginx_pid"
  rm -rf "$work/run" "$work/news"
}

# What was written in a strace of NAME; SQLite's index of its log (-shm) is memory that happens to have a name.
quiet_numbers() {
  local calls=$work/strace
  number "$1_written" "$(grep 'pwrite64(' "$calls" | grep -vc -- '-shm>')" "calls of pwrite64"
  number "$1_synced" "$(grep -E 'f(data)?sync\(' "$calls" | grep -vc -- '-shm>')" calls
  number "$1_renamed" "$(grep -cE 'rename(at2)?\(' "$calls")" calls
  number "$1_opened_for_writing" "$(grep -E 'O_WRONLY|O_RDWR' "$calls" | grep -cvE '/dev/|\.db|ENOENT')" "files but the database"
}

# A pass without news, as the kernel saw it, and five seconds of a daemon that looks at each section every second.
bench_quiet() {
  local trace=(strace -f -y -o "$work/strace" -e trace=openat,pwrite64,fsync,fdatasync,rename,renameat2) looks
  need_rsspls
  command -v strace >/dev/null || as_root apt-get install -qq -y --no-install-recommends strace >/dev/null
  news_site 50 20
  peer_settings 50
  bantin_once >/dev/null
  (cd "$work/run" && "${trace[@]}" "$binary" once >/dev/null 2>&1)
  quiet_numbers quiet_once
  sed -i 's/schedule = "1d"/schedule = "1s"/' "$work/run/config.toml"
  start_daemon
  unchanged() { curl -s "$base/metrics" | awk '/^bantin_looks_total.*unchanged/ {n += $NF} END {print n + 0}'; }
  until [ "$(unchanged)" -ge 100 ]; do sleep 0.2; done
  looks=$(unchanged)
  timeout 5 "${trace[@]}" -p "$pid" 2>/dev/null || true
  number quiet_daemon_looks "$(($(unchanged) - looks))" "looks meanwhile, all answered 304"
  quiet_numbers quiet_daemon
  stop_daemon
  kill "$nginx_pid"
  rm -rf "$work/run" "$work/news"
}

# Reading article pages: bantin without and with selectors, trafilatura in its standard and fast modes.
bench_text() {
  need_trafilatura
  python3 scripts/lib/news_site.py "$work/news" --sections 1 --articles 150
  "$PEERS/venv/bin/python" scripts/lib/read_side_by_side.py "$work/news/truth.jsonl" "$binary"
  rm -rf "$work/news"
}
