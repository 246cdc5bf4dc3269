# Side by side with others, on the same pages in one run: rsspls (Rust) for polling, trafilatura (Python) for reading,
# nginx for serving.
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

# side NAME URL PID [-H HEADER]: wrk on the second core for three seconds; sets `us`, the processor time a request of PID.
side() {
  local name=$1 url=$2 pid=$3 before count
  shift 3
  before=$(cpu_ms)
  out=$(taskset -c 1 wrk -t1 -c64 -d"${BANTIN_BENCH_SIDE:-3}s" "$@" "$url")
  count=$(awk '/ requests in / {print $1}' <<<"$out")
  ! grep -E 'Non-2xx|Socket errors' <<<"$out" | grep -v 304 | sed "s/^ */# $name: /" || true
  us=$(awk -v ms="$(($(cpu_ms) - before))" -v n="$count" 'BEGIN {printf "%.2f", ms * 1000 / n}')
}

# system_calls NAME PID URL [-H HEADER]: how many system calls a request on a connection that stays open takes.
system_calls() {
  local name=$1 of=$2 url=$3 calls
  shift 3
  timeout 20 strace -f -c -o "$work/calls" -p "$of" 2>/dev/null &
  local tracer=$!
  sleep 1
  # One connection, one request after the other.
  curl -s -o /dev/null "$@" "$url" $(for n in $(seq 999); do printf -- '-o /dev/null %s ' "$url"; done)
  kill -INT "$tracer" 2>/dev/null || true
  wait "$tracer" 2>/dev/null || true
  calls=$(awk '$NF == "total" {print $4}' "$work/calls")
  number "${name}_system_calls" "$(awk -v n="$calls" 'BEGIN {printf "%.2f", n / 1000}')" "a request on one connection, of 1000"
}

# Serving one feed of 60 kB, one thread each on the first core, 64 connections from the second: nginx from files with
# gzip_static, bantin as it is. Five rounds by turns; the median of the ratios.
bench_serve() {
  local n round feed=tin.rss theirs=() ours=() kind tag ratio
  command -v nginx >/dev/null || as_root apt-get install -qq -y --no-install-recommends nginx-light >/dev/null
  command -v wrk >/dev/null || as_root apt-get install -qq -y --no-install-recommends wrk >/dev/null
  command -v strace >/dev/null || as_root apt-get install -qq -y --no-install-recommends strace >/dev/null
  settings
  mkdir -p "$work/run/articles" "$work/www/feeds"
  python3 - "$work/run/articles" <<'PY'
import random, sys
r = random.Random(7)
words = "tỉnh thông qua kế hoạch trồng rừng ven sông mưa lớn người dân sơ tán trạm khí tượng cảnh báo hồ chứa khánh thành tuyến xe buýt học bổng thư viện lễ đua thuyền".split()
for n in range(20):
    text = "\n\n".join(" ".join(r.choice(words) for _ in range(60)).capitalize() + "." for _ in range(6))
    open(f"{sys.argv[1]}/bai-{n}.md", "w").write(f"---\ntitle: Bài số {n} {' '.join(r.choice(words) for _ in range(9))}\ndate: 2026-11-{n + 1:02}T08:30:00+07:00\n---\n\n{text}\n")
PY
  printf '[section.tin]\nname = "Tin"\nurl = "file:articles/"\nschedule = "1d"\n' >>"$work/run/config.toml"
  export TOKIO_WORKER_THREADS=1
  watched_daemon 60 tin
  unset TOKIO_WORKER_THREADS
  taskset -a -c -p 0 "$pid" >/dev/null
  cp "$work/run/feeds/$feed" "$work/www/feeds/"
  gzip -k -6 "$work/www/feeds/$feed"
  chmod -R a+rX "$work"
  local their_port
  their_port=$(free_port)
  cat >"$work/www/nginx.conf" <<CONF
worker_processes 1; worker_cpu_affinity 01; daemon off; pid $work/www/pid; error_log $work/www/err; worker_rlimit_nofile 20000;
events { worker_connections 8192; }
http { types { application/rss+xml rss; } access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  open_file_cache max=100; open_file_cache_valid 60s; gzip_static on; gzip_vary on;
  client_body_temp_path $work/www/t1; proxy_temp_path $work/www/t2; fastcgi_temp_path $work/www/t3; uwsgi_temp_path $work/www/t4; scgi_temp_path $work/www/t5;
  server { listen 127.0.0.1:$their_port backlog=4096; root $work/www; charset utf-8; charset_types application/rss+xml; } }
CONF
  PATH=$PATH:/usr/sbin nginx -c "$work/www/nginx.conf" -p "$work/www" 2>/dev/null &
  local master=$! worker theirs_url=http://127.0.0.1:$their_port/feeds/$feed ours_url=$base/feeds/$feed
  pids+=("$master")
  until curl -sf -o /dev/null "$theirs_url"; do sleep 0.05; done
  worker=$(pgrep -P "$master")
  number serve_size "$(curl -s "$ours_url" | wc -c)" "bytes, $(curl -s -H 'Accept-Encoding: gzip' "$ours_url" | wc -c) by gzip; nginx $(curl -s "$theirs_url" | wc -c) and $(curl -s -H 'Accept-Encoding: gzip' "$theirs_url" | wc -c)"
  local etag_ours etag_theirs
  etag_ours=$(curl -sI "$ours_url" | sed -n 's/^etag: //Ip' | tr -d '\r')
  etag_theirs=$(curl -sI "$theirs_url" | sed -n 's/^etag: //Ip' | tr -d '\r')
  for kind in 304 gzip identity; do
    theirs=() ours=() ratio=()
    for round in 1 2 3 4 5; do
      case $kind in
        304) side serve_nginx "$theirs_url" "$worker" -H "If-None-Match: $etag_theirs" ;;
        gzip) side serve_nginx "$theirs_url" "$worker" -H 'Accept-Encoding: gzip' ;;
        identity) side serve_nginx "$theirs_url" "$worker" ;;
      esac
      theirs+=("$us")
      case $kind in
        304) side serve_bantin "$ours_url" "$pid" -H "If-None-Match: $etag_ours" ;;
        gzip) side serve_bantin "$ours_url" "$pid" -H 'Accept-Encoding: gzip' ;;
        identity) side serve_bantin "$ours_url" "$pid" ;;
      esac
      ours+=("$us")
      ratio+=("$(awk -v a="$us" -v b="${theirs[-1]}" 'BEGIN {printf "%.3f", a / b}')")
    done
    number "serve_${kind}_nginx" "$(tr ' ' '\n' <<<"${theirs[*]}" | sort -n | sed -n 3p)" "us of CPU a request (${theirs[*]})"
    number "serve_${kind}_bantin" "$(tr ' ' '\n' <<<"${ours[*]}" | sort -n | sed -n 3p)" "us of CPU a request (${ours[*]})"
    number "serve_${kind}_ratio" "$(tr ' ' '\n' <<<"${ratio[*]}" | sort -n | sed -n 3p)" "times nginx (${ratio[*]})"
  done
  system_calls serve_304 "$pid" "$ours_url" -H "If-None-Match: $etag_ours"
  system_calls serve_gzip "$pid" "$ours_url" -H 'Accept-Encoding: gzip'
  system_calls serve_identity "$pid" "$ours_url"
  system_calls serve_nginx_identity "$worker" "$theirs_url"
  number serve_rss "$(rss_kib)" "KiB; nginx's worker $(awk '/^VmRSS/ {print $2}' "/proc/$worker/status")"
  # A page is rendered for each request.
  side serve_page "$base/s/tin" "$pid"
  number serve_section_page "$us" "us of CPU a request, $(curl -s "$base/s/tin" | wc -c) bytes"
  kill "$master"
  wait "$master" 2>/dev/null || true
  stop_daemon
  rm -rf "$work/run" "$work/www"
}
