# What the tests need beside Rust: installs it with apt where it is missing, and asks apt only then.
# Sourced by scripts/test and scripts/prove; hands on FEEDPARSER, a Python that has feedparser, reader, html5lib and dkimpy,
# and exports BANTIN_NODE, the folder of the packages for Node that read feeds, and BANTIN_BROWSER, the folder of
# those that drive and examine Chromium.

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing_packages() {
  local pair program package
  for pair in newsboat:newsboat sfeed:sfeed r2e:rss2email xmllint:libxml2-utils smtp-sink:postfix sqlite3:sqlite3 \
    jq:jq curl:curl openssl:openssl dovecot:dovecot-imapd strace:strace faketime:faketime prlimit:util-linux \
    systemd-analyze:systemd liferea:liferea Xvfb:xvfb dbus-run-session:dbus-daemon node:nodejs npm:npm nginx:nginx-light buildah:buildah bwrap:bubblewrap docker-compose:docker-compose; do
    program=${pair%%:*} package=${pair#*:}
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || echo "$package"
  done
  command -v chromium >/dev/null || echo chromium
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  perl -MXML::Feed -e 1 2>/dev/null || echo libxml-feed-perl
  python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
  python3 -c 'import jsonschema, tomllib' 2>/dev/null || echo python3-jsonschema
  postgres_bin >/dev/null || echo postgresql
}

# The folder of PostgreSQL's server programs, the newest.
postgres_bin() {
  local bin
  for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr) $(dirname "$(command -v initdb || echo /)"); do
    if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then echo "$bin"; return 0; fi
  done
  return 1
}

install_needs() {
  local packages
  packages=$(missing_packages | sort -u)
  if [ -n "$packages" ]; then
    echo "installing: $(echo $packages)"
    # Servers are wanted for their programs only: nothing is set up, nothing starts by itself.
    echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
    if ! [ -e /etc/postgresql-common/createcluster.conf ]; then
      as_root mkdir -p /etc/postgresql-common
      echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    as_root apt-get update -q >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      -o Dpkg::Options::=--force-confold $packages >/dev/null
  fi
  local venv=${CARGO_TARGET_DIR:-target}/test-venv
  if ! "$venv/bin/python" -c 'import feedparser' 2>/dev/null; then
    python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q 'feedparser==6.0.12' 2>/dev/null ||
      echo "feedparser could not be installed from the package index; the system's is used"
  fi
  if ! "$venv/bin/python" -c 'import html5lib' 2>/dev/null; then
    "$venv/bin/python" -m pip install -q 'html5lib==1.1' 2>/dev/null || echo "html5lib could not be installed from the package index"
  fi
  if ! "$venv/bin/python" -c 'import dkim, nacl.signing' 2>/dev/null; then
    "$venv/bin/python" -m pip install -q 'dkimpy==1.1.8' pynacl 2>/dev/null || echo "dkimpy could not be installed from the package index"
  fi
  BANTIN_BROWSER=$(realpath -m "${CARGO_TARGET_DIR:-target}/test-browser")
  export BANTIN_BROWSER
  if ! [ -e "$BANTIN_BROWSER/node_modules/axe-core/axe.min.js" ] || ! [ -d "$BANTIN_BROWSER/node_modules/playwright-core" ]; then
    mkdir -p "$BANTIN_BROWSER"
    echo '{ "private": true }' >"$BANTIN_BROWSER/package.json"
    (cd "$BANTIN_BROWSER" && npm install --silent --no-audit --no-fund playwright-core@1.65.1 axe-core@4.14.1 >/dev/null) ||
      echo "playwright-core and axe-core could not be installed from the package index"
  fi
  if ! "$venv/bin/python" -c 'import reader' 2>/dev/null; then
    "$venv/bin/python" -m pip install -q 'reader==3.26' 2>/dev/null || echo "reader could not be installed from the package index"
  fi
  BANTIN_NODE=$(realpath -m "${CARGO_TARGET_DIR:-target}")/test-node/node_modules
  export BANTIN_NODE
  if ! [ -d "$BANTIN_NODE/pubsubhubbub" ]; then
    npm install --silent --no-audit --no-fund --prefix "${BANTIN_NODE%/*}" rss-parser@3.13.0 feedsmith@3.0.1 pubsubhubbub@1.0.2 \
      >/dev/null 2>&1 || echo "the packages for Node could not be installed from the package registry"
  fi
  FEEDPARSER=$venv/bin/python
  "$FEEDPARSER" -c 'import feedparser' 2>/dev/null || FEEDPARSER=python3
  FEEDPARSER=$(command -v "$FEEDPARSER" | xargs realpath -s)
}
