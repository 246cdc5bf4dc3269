# A PostgreSQL of our own: a free port on loopback, a folder of its own, gone at the end; it waits for no disk unless
# POSTGRES_FSYNC=on. Sourced.

postgres_start() {
  local bin folder port
  bin=$(postgres_bin)
  folder=$(mktemp -d)
  POSTGRES_FOLDER=$folder
  # The server refuses to run as root.
  POSTGRES_AS=()
  if [ "$(id -u)" = 0 ]; then
    POSTGRES_AS=(runuser -u nobody --)
    chown nobody "$folder"
  fi
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (cd "$folder" && "${POSTGRES_AS[@]}" "$bin/initdb" -D "$folder/data" -U bantin -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null)
  (cd "$folder" && exec "${POSTGRES_AS[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" \
    -c listen_addresses=127.0.0.1 -c fsync=${POSTGRES_FSYNC:-off} -c max_connections=400 >"$folder/log" 2>&1) &
  POSTGRES_JOB=$!
  local tries
  for tries in $(seq 100); do
    if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then
      export BANTIN_TEST_POSTGRES=postgres://bantin@127.0.0.1:$port/postgres
      return 0
    fi
    sleep 0.1
  done
  echo "PostgreSQL did not start:" >&2
  cat "$folder/log" >&2
  return 1
}

postgres_stop() {
  local pid
  [ -n "${POSTGRES_FOLDER:-}" ] || return 0
  pid=$(head -1 "$POSTGRES_FOLDER/data/postmaster.pid" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    kill -INT "$pid" 2>/dev/null || true
    wait "$POSTGRES_JOB" 2>/dev/null || true
  fi
  rm -rf "$POSTGRES_FOLDER"
  POSTGRES_FOLDER=
}
