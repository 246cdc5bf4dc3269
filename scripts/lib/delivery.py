#!/usr/bin/env python3
"""What scripts/bench needs to measure deliveries from outside. Each command prints words for the shell to read.

  readers DATABASE COUNT SECTION     subscribers of a section, written into a database that nobody has open
  push BASE SECTION NUMBER [BYTES]   an article by POST /api/articles, signed with the key "bench"; prints when (ns)
  await LOG COUNT SECONDS            until the log says that so many mails are sent; prints when the first (after
                                     BANTIN_BENCH_FROM) and the last were, in ns, how many, and how many by the first
  latency BASE DATABASE SECTIONS     an article a section, and the times until it is sent
  pushes BASE SECTIONS ARTICLES      so many articles to each of muc-0 and on
  journal FILE SECOND MINUTE         what the strict fake of Telegram took, and in which time
  feeds COUNT ITEMS                  RSS files in this folder
  proxy PORT MILLISECONDS            a way to 127.0.0.1:PORT that takes so long in each direction; prints its own port;
                                     at its end turns (a side that answers after the other spoke) and connections
  fdatasync FOLDER                   median microseconds of a 4 KiB write that is on the disk
"""
import asyncio
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

START, MIDDLE, END = "b c ch d đ g h kh l m n nh ph qu s t th tr v x".split(), "a ă â e ê i o ô ơ u ư á à ả ấ ế ộ ứ".split(), " c m n ng nh p t".split(" ")


def words(count, seed):
    """A text like a Vietnamese one, another for each seed, so that no article is taken for another."""
    draw = random.Random(seed)
    return " ".join(draw.choice(START) + draw.choice(MIDDLE) + draw.choice(END) for _ in range(count)).capitalize()


def readers(database, count, section, offset="0"):
    count, now = int(count), int(time.time() * 1000)
    first = ((now - 3_600_000) << 20) + int(offset)
    if database.startswith("postgres"):
        sql = f"""
          BEGIN;
          INSERT INTO targets (id, channel, address, created_at)
            SELECT {first} + n, 'email', 'reader' || n || '@example.org', {now} FROM generate_series(1, {count}) n;
          INSERT INTO subscribers (id, email_key, language, state, consent, consent_at, confirmed_at)
            SELECT {first} + n, 'reader' || n || '@example.org', 'vi', 'active', 'bench', {now}, {now}
            FROM generate_series(1, {count}) n;
          INSERT INTO subscriptions (id, target_id, section_id, cadence, start, cursor, active, created_at)
            SELECT {first} + n, {first} + n, s.id, 'now', c.value, c.value, TRUE, {now}
            FROM generate_series(1, {count}) n, sections s, counters c WHERE s.slug = '{section}' AND c.name = 'release';
          COMMIT; ANALYZE;"""
        subprocess.run(["psql", "-q", "-d", database, "-c", sql], check=True)
        return
    db = sqlite3.connect(database)
    (of,) = db.execute("SELECT id FROM sections WHERE slug = ?", (section,)).fetchone()
    (head,) = db.execute("SELECT value FROM counters WHERE name = 'release'").fetchone()
    keys = range(1, count + 1)
    db.executemany("INSERT INTO targets (id, channel, address, created_at) VALUES (?, 'email', ?, ?)",
                   ((first + n, f"reader{n + int(offset)}@example.org", now) for n in keys))
    db.executemany("INSERT INTO subscribers (id, email_key, language, state, consent, consent_at, confirmed_at)"
                   " VALUES (?, ?, 'vi', 'active', 'bench', ?, ?)",
                   ((first + n, f"reader{n + int(offset)}@example.org", now, now) for n in keys))
    db.executemany("INSERT INTO subscriptions (id, target_id, section_id, cadence, start, cursor, active, created_at)"
                   " VALUES (?, ?, ?, 'now', ?, ?, 1, ?)", ((first + n, first + n, of, head, head, now) for n in keys))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def push(base, section, number, size="2600"):
    site = os.environ["BANTIN_BENCH_SITE"]
    text, at = "", 0
    while len(text.encode()) < int(size):
        at += 1
        text += f"<p>{words(40, f'{number} {at}')}.</p>\n"
    body = json.dumps({"section": section, "url": f"{site}/{section}/{hashlib.md5(str(number).encode()).hexdigest()}-post{9000 + int(number)}.html",
                       "title": words(9, f"title {number}"), "lead": words(30, f"lead {number}"), "html": text}).encode()
    stamp = str(int(time.time()))
    sign = hmac.new(b"bench", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    asked = urllib.request.Request(f"{base}/api/articles", body, {
        "X-Bantin-Timestamp": stamp, "X-Bantin-Signature": f"sha256={sign}", "Content-Type": "application/json"})
    began = time.time_ns()
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 202, answer.status
    print(began)


def wait(log, count, seconds):
    """By the log, a line for every commit: reading it costs the daemon nothing, which asking it would."""
    count, end, first, seen, number, rest = int(count), time.time() + float(seconds), None, 0, 0, ""
    with open(log, encoding="utf-8") as file:
        while number < count and time.time() < end:
            new = file.read()
            if not new:
                time.sleep(0.002)
                continue
            *lines, rest = (rest + new).split("\n")
            for line in lines:
                if found := re.search(r'sent channel="email" mails=(\d+)', line):
                    at = datetime.datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")).timestamp()
                    number += int(found[1])
                    last = round(at * 1e9)
                    if first is None and number > WAIT_FROM:
                        first, seen = last, number
    print(first or 0, last if first else 0, number, seen)


WAIT_FROM = int(os.environ.get("BANTIN_BENCH_FROM", "0"))


def latency(base, database, sections):
    """One article a section, five a second; then the times from each push to what the database says was sent."""
    pushed = {}
    for n in range(int(sections)):
        with contextlib.redirect_stdout(None):
            pushed[f"muc-{n}"] = time.time() * 1000
            push(base, f"muc-{n}", str(n + 1))
        time.sleep(0.2)
    db, end = sqlite3.connect(f"file:{database}?mode=ro", uri=True), time.time() + 60
    while time.time() < end:
        (left,) = db.execute("SELECT COUNT(*) FROM deliveries WHERE state IN ('pending', 'retry', 'sending')").fetchone()
        (done,) = db.execute("SELECT COUNT(*) FROM deliveries WHERE state = 'sent'").fetchone()
        if left == 0 and done >= 11 * int(sections):
            break
        time.sleep(0.2)
    for channel, word in (("telegram", "MIN"), ("email", "MIN"), ("email", "MAX")):
        rows = db.execute(f"""SELECT s.slug, {word}(d.settled_at) FROM deliveries d JOIN sections s ON s.id = d.section_id
                              WHERE d.channel = ? AND d.state = 'sent' GROUP BY s.slug""", (channel,)).fetchall()
        times = sorted(at - pushed[slug] for slug, at in rows)
        name = channel if channel == "telegram" else {"MIN": "first_mail", "MAX": "last_mail"}[word]
        if times:
            print(f"{name}_p50", round(times[len(times) // 2]), f"ms, {len(times)} sections")
            print(f"{name}_p99", round(times[min(len(times) - 1, round(len(times) * 0.99))]), "ms")


def pushes(base, sections, articles):
    """So many articles to each section, as fast as they are taken."""
    with contextlib.redirect_stdout(None):
        for n in range(int(articles)):
            for of in range(int(sections)):
                push(base, f"muc-{of}", str(n * 100 + of), "600")


def journal(path, per_second, per_minute):
    """What the strict fake accepted, beside the time that the limits allow."""
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    times = sorted(line["time"] for line in lines)
    chats = {}
    for line in lines:
        chats[line["chat"]] = chats.get(line["chat"], 0) + 1
    ideal = max((len(times) - 1) / float(per_second), (max(chats.values()) - 1) * 60 / float(per_minute))
    took = (times[-1] - times[0]) / 1000
    print(f"posts {len(times)} in {len(chats)} chats")
    print(f"time {took:.1f} s; the limits allow {ideal:.1f}; ratio {took / ideal:.3f}")


def feeds(count, items):
    """RSS files 0.xml and on, for a peer that mails feeds."""
    for n in range(int(count)):
        entries = "".join(f"<item><title>{words(9, f'{n} {m} t')}</title><link>http://example.test/{n}/{m}</link>"
                          f"<guid>http://example.test/{n}/{m}</guid><pubDate>Mon, 30 Nov 2026 07:{m % 60:02}:00 +0000</pubDate>"
                          f"<description>{''.join('&lt;p&gt;' + words(40, f'{n} {m} {k}') + '&lt;/p&gt;' for k in range(9))}"
                          "</description></item>" for m in range(int(items)))
        with open(f"{n}.xml", "w", encoding="utf-8") as file:
            file.write(f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>F{n}</title>'
                       f"<link>http://example.test/{n}</link><description>x</description>{entries}</channel></rss>")


class Way:
    turns = connections = most = now = 0


async def proxy(port, milliseconds):
    delay = float(milliseconds) / 1000

    async def carry(reader, writer, side, state):
        queue = asyncio.Queue()

        async def deliver():
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0, due - time.monotonic()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            writer.close()
        late = asyncio.create_task(deliver())
        try:
            while data := await reader.read(65536):
                if state["spoke"] != side:
                    state["spoke"] = side
                    Way.turns += side == "relay"
                queue.put_nowait((time.monotonic() + delay, data))
        except ConnectionError:
            pass
        queue.put_nowait((time.monotonic(), b""))
        await asyncio.gather(late, return_exceptions=True)

    async def accept(reader, writer):
        Way.connections += 1
        Way.now += 1
        Way.most = max(Way.most, Way.now)
        there = await asyncio.open_connection("127.0.0.1", int(port))
        state = {"spoke": ""}
        await asyncio.gather(carry(reader, there[1], "client", state), carry(there[0], writer, "relay", state),
                             return_exceptions=True)
        Way.now -= 1

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    done = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, done.set)
    await done.wait()
    print(Way.turns, Way.connections, Way.most, flush=True)
    os._exit(0)


def fdatasync(folder):
    path, times = os.path.join(folder, "disk"), []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(200):
        os.write(file, b"x" * 4096)
        began = time.perf_counter_ns()
        os.fdatasync(file)
        times.append(time.perf_counter_ns() - began)
    os.close(file)
    os.unlink(path)
    print(sorted(times)[len(times) // 2] // 1000)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "proxy":
        asyncio.run(proxy(*rest))
    else:
        {"readers": readers, "push": push, "await": wait, "fdatasync": fdatasync, "latency": latency, "feeds": feeds, "journal": journal, "pushes": pushes}[command](*rest)
