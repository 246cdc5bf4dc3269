#!/usr/bin/env python3
"""Watches a daemon come up, for scripts/bench: await_feeds.py PORT SECONDS SLUG...
                                                            await_feeds.py PORT SECONDS --served SLUG

Asks for the RSS feeds over and over, from before the daemon is started. Prints "ready", then lines of
"NAME NANOSECONDS-SINCE-THE-EPOCH": served (the first 200), items (the first feed with an article in it), and complete
(the last change after which nothing changed for two seconds). Gives up after SECONDS. With --served only the first.
"""
import http.client
import sys
import time

port, limit, slugs = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
only_served = slugs[0] == "--served" and bool(slugs.pop(0))
deadline, seen, counts, changed = time.monotonic() + limit, set(), {}, None
print("ready", flush=True)


def say(name, at):
    if name not in seen:
        seen.add(name)
        print(name, at, flush=True)


connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
while time.monotonic() < deadline:
    for slug in slugs:
        try:
            connection.request("GET", f"/feeds/{slug}.rss")
            answer = connection.getresponse()
            body, at = answer.read(), time.time_ns()
        except (OSError, http.client.HTTPException):
            connection.close()
            break
        if answer.status != 200:
            continue
        say("served", at)
        if only_served:
            sys.exit()
        count = body.count(b"<item>")
        if count:
            say("items", at)
        if counts.get(slug) != count:
            counts[slug], changed = count, at
    full = len(counts) == len(slugs) and all(counts.values())
    if full and time.time_ns() - changed > 2_000_000_000:
        say("complete", changed)
        sys.exit()
    time.sleep(0.002)
sys.exit(f"after {limit:.0f} s the feeds hold {counts}")
