#!/usr/bin/env python3
"""Reads the article pages of a truth file with bantin and with trafilatura, and prints pages a CPU second of one core
and how good the text is (precision, recall and F1 of its words, the mean over all pages). For scripts/bench.

  read_side_by_side.py TRUTH.jsonl BANTIN
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import trafilatura

truth = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
pages = [open(one["path"], encoding="utf-8").read() for one in truth]
# The pages several times, so that the start of the process counts little.
ROUNDS = 4
SELECTORS = """base_url = "http://127.0.0.1:8080"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[section.a]
name = "a"
url = "http://127.0.0.1/"
[section.a.html]
body = "div.content"
article_title = "h1.title"
article_lead = "p.sapo"
article_date = "div.meta time"
byline = "span.author"
"""


def score(texts):
    rows = []
    for one, text in zip(truth, texts):
        got, want = (collections.Counter(re.findall(r"\w+", t or "")) for t in (text, one["text"]))
        common = sum((got & want).values())
        precision, recall = common / max(1, sum(got.values())), common / max(1, sum(want.values()))
        rows.append((precision, recall, 2 * precision * recall / (precision + recall) if common else 0))
    return [sum(column) / len(rows) for column in zip(*rows)]


def tell(name, rate, texts):
    precision, recall, f1 = score(texts)
    print(f"text_{name} {rate:.0f} pages/CPU-s, P {precision:.3f} R {recall:.3f} F1 {f1:.3f}", flush=True)
    return rate


def with_trafilatura(fast):
    began = time.process_time()
    texts = [trafilatura.extract(page, fast=fast, include_comments=False) for page in pages]
    return len(pages) / (time.process_time() - began), texts


def with_bantin(binary, *more):
    asked = "".join(json.dumps({"id": n, "url": one["url"], "path": one["path"]}) + "\n" for n, one in enumerate(truth))
    with tempfile.NamedTemporaryFile("w+") as answers:
        before = os.times()
        subprocess.run([binary, "inspect", "article", "--jsonl", *more], input=asked * ROUNDS, stdout=answers, text=True, check=True)
        after = os.times()
        answers.seek(0)
        lines = [json.loads(line) for line in answers][: len(truth)]
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    texts = ["\n".join(filter(None, [line.get("lead") if line.get("lead") not in line.get("text", "") else "", line.get("text")])) if line.get("lead") else line.get("text") for line in lines]
    return ROUNDS * len(truth) / spent, texts


standard = tell("trafilatura_standard", *with_trafilatura(False))
fast = tell("trafilatura_fast", *with_trafilatura(True))
ours = tell("bantin", *with_bantin(sys.argv[2]))
with tempfile.TemporaryDirectory() as folder:
    config = os.path.join(folder, "config.toml")
    open(config, "w").write(SELECTORS)
    given = tell("bantin_with_selectors", *with_bantin(sys.argv[2], "--config", config, "--section", "a"))
print(f"text_ratio {ours / standard:.1f} of trafilatura's standard mode, {ours / fast:.1f} of its fast mode; with selectors {given / fast:.1f} of its fast mode")
