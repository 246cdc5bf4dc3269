#!/usr/bin/env python3
"""Writes a news site to disk for scripts/bench: the sizes of a real one, the texts made of word lists.

  news_site.py OUT [--sections 1000] [--articles 300] [--port 0] [--edition 1]

OUT/www/s/N.html    listing pages of 20 articles, about 90 kB: mostly menus, scripts and styles, as real ones are
OUT/www/a/N-….html  article pages, about 95 kB, 8 to 20 paragraphs with pictures, captions, related boxes, comments
OUT/truth.jsonl     what a careful reader would find on each article page: {"id", "url", "path", "title", "text"}
OUT/nginx.conf      serves www/ on 127.0.0.1:PORT (a free one for 0), with ETags, one worker
OUT/port            the port

The same arguments give the same bytes. With a higher --edition every listing page has that many articles less one more
on top and the oldest fallen off, so that each has changed; everything else stays. Two thirds are Vietnamese.
"""
import argparse
import datetime
import json
import os
import random
import socket

WHO = ["Ủy ban nhân dân tỉnh|Hội đồng trường|Đội cứu hộ sông Đá|Hợp tác xã Cẩm Khê|Bệnh viện đa khoa|Ban quản lý chợ|Nhóm sinh viên năm ba|Trạm khí tượng|Câu lạc bộ cờ|Sở Giao thông".split("|"),
       "The harbour board|A panel of teachers|The river rescue team|The growers' union|The general hospital|Market traders|Third-year students|The weather station|The chess club|The road office".split("|")]
DOES = ["vừa thông qua|đang lấy ý kiến về|khánh thành|công bố kết quả của|đề nghị mở rộng|sẽ thử nghiệm|cảnh báo về|hoàn thành đợt một của|hoãn|cùng bàn về".split("|"),
        "has approved|is consulting on|opened|published the results of|wants to extend|will try out|warned about|finished the first part of|put off|met to discuss".split("|")]
WHAT = ["tuyến xe buýt nối chợ với bến sông|học bổng cho học sinh vùng cao|hồ chứa đầu nguồn|kế hoạch trồng rừng|phiên chợ đêm|trạm y tế lưu động|lễ đua thuyền|bờ kè chống sạt lở|thư viện số|khu nhà ở cho công nhân".split("|"),
        "the bus line from the market to the quay|grants for mountain schools|the upper reservoir|a plan to replant the hills|the night market|a mobile clinic|the boat race|the new embankment|a digital library|homes for factory workers".split("|")]
HOW = ["sau {n} tháng chuẩn bị|với sự có mặt của {n} người|ở {n} xã ven sông|trong buổi họp sáng nay|dù mưa lớn kéo dài|với kinh phí {n} tỷ đồng".split("|"),
       "after {n} months of work|before {n} guests|in {n} riverside villages|at a meeting this morning|in spite of heavy rain|at a cost of {n} million".split("|")]
NAMES = "Lê Hà|Trần Minh Phương|Nguyễn An Khê|Đặng Vũ|Phạm Thu Cúc|Ann Whitby|Mark Ode|Joan Pereira".split("|")
ZONE = datetime.timezone(datetime.timedelta(hours=7))
NOW = datetime.datetime(2026, 11, 24, 9, 0, tzinfo=ZONE)


def sentence(r, language):
    who, does, what, how = (table[language] for table in (WHO, DOES, WHAT, HOW))
    text = f"{r.choice(who)} {r.choice(does)} {r.choice(what)} {r.choice(how).format(n=r.randint(2, 97))}"
    if r.random() < 0.5:
        text += (", trong khi " if language == 0 else ", while ") + r.choice(who)[0].lower() + r.choice(who)[1:] + f" {r.choice(does)} {r.choice(what)}"
    return text + "."


def article(n):
    r = random.Random(n)
    language = 1 if n % 3 == 2 else 0
    title = sentence(r, language)[:-1]
    return {
        "n": n, "language": language, "title": f"{title} ({n})", "lead": f"{sentence(r, language)} {sentence(r, language)}",
        "at": NOW - datetime.timedelta(minutes=11 * (n % 5000)), "author": r.choice(NAMES), "path": f"/a/{100000 + n}-bai-viet-cua-bao-mau-so-{n}.html",
        "seed": r.random(),
    }


def filler(size):
    """Scripts and styles by the kilobyte."""
    r, out, length = random.Random(7), [], 0
    while length < size:
        name = "".join(r.choice("bcdfghklmnprstvxz") for _ in range(8))
        line = f"function {name}(a){{for(var i=0;i<a.length;i++)if(a[i]&&a[i].id<{r.randint(9, 99)})window.q.push('<li>'+a[i].t+'</li>')}}\n"
        out.append(line)
        length += len(line)
    return "".join(out)


SCRIPT, STYLE = filler(26000), "".join(f".c{n}{{margin:{n % 9}px;color:#{n * 7919 % 0xFFFFFF:06x};display:flex}}.c{n}>a:hover{{opacity:.{n % 9}}}\n" for n in range(260))


def menu(sections):
    out = ['<nav class="main-menu"><ul>']
    for s in range(min(sections, 25)):
        inner = "".join(f'<li><a href="/s/{s}.html?trang={page}">Chuyên mục {s} · {WHAT[0][page % 10]}</a></li>' for page in range(2, 9))
        out.append(f'<li class="menu-{s}"><a href="/s/{s}.html" title="Chuyên mục {s}">Chuyên mục {s}</a><ul>{inner}</ul></li>')
    return "".join(out) + "</ul></nav>"


def page(title, head, body, sections):
    return (
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>{title} - Báo Mẫu</title>'
        f'<meta property="og:site_name" content="Báo Mẫu">{head}<style>{STYLE}</style><script>{SCRIPT}</script></head>\n'
        f'<body><header class="site-header"><a href="/"><img src="/logo.png" width="180" height="40" alt="Báo Mẫu"></a></header>{menu(sections)}\n{body}\n'
        f'<footer class="site-footer"><p>© Báo Mẫu. Ghi rõ nguồn khi dùng lại tin bài.</p></footer><script>{SCRIPT[:9000]}</script></body></html>\n'
    )


def related(name, r, articles, count):
    items = "".join(
        f'<li><a href="{a["path"]}"><img src="/i/{a["n"]}-s.jpg" width="120" height="80" alt=""><span>{a["title"]}</span></a> <time>{a["at"]:%d/%m/%Y}</time></li>'
        for a in r.sample(articles, min(count, len(articles)))
    )
    return f'<aside class="{name}"><h3>Tin liên quan</h3><ul>{items}</ul></aside>'


def article_page(a, articles, sections):
    r, language = random.Random(a["seed"]), a["language"]
    texts, body = [], []
    for n in range(r.randint(8, 20)):
        text = " ".join(sentence(r, language) for _ in range(r.randint(2, 6)))
        texts.append(text)
        linked = text.replace(".", "</a>.", 1).replace(" ", " <a href=\"/s/1.html\">", 1) if n % 5 == 2 else text
        body.append(f"<p>{linked}</p>")
        if n % 4 == 1:
            body.append(f'<figure><img src="/i/{a["n"]}-{n}.jpg" srcset="/i/{a["n"]}-{n}-6.jpg 600w, /i/{a["n"]}-{n}-12.jpg 1200w" width="680" height="420" alt=""><figcaption>{sentence(r, language)} Ảnh: {a["author"]}</figcaption></figure>')
    iso = a["at"].isoformat()
    linked_data = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": a["title"], "datePublished": iso, "author": {"@type": "Person", "name": a["author"]}}, ensure_ascii=False)
    head = f'<meta property="og:title" content="{a["title"]}"><meta property="article:published_time" content="{iso}"><script type="application/ld+json">{linked_data}</script>'
    comments = "".join(f'<div class="comment"><b>{r.choice(NAMES)}</b> <span>{r.randint(1, 23)} giờ trước</span><p>{sentence(r, language)}</p></div>' for _ in range(r.randint(4, 12)))
    main = (
        f'<main><article class="detail"><h1 class="title">{a["title"]}</h1><div class="meta"><span class="author">{a["author"]}</span> <time datetime="{iso}">{a["at"]:%H:%M %d/%m/%Y}</time></div>'
        f'<p class="sapo">{a["lead"]}</p><div class="content">{"".join(body)}</div><div class="tags"><a href="/t/1">{WHAT[0][0]}</a></div></article>'
        f'{related("related", r, articles, 12)}<div class="sidebar">{related("most-read", r, articles, 20)}{related("latest", r, articles, 20)}</div></main><section class="comments"><h3>Bình luận</h3>{comments}</section>'
    )
    return page(a["title"], head, main, sections), [a["lead"], *texts]


def listing_page(s, edition, articles, sections):
    first = s * 40 + edition  # sections do not share articles; each edition shifts by one
    items = ""
    for n in reversed(range(first, first + 20)):
        a = article(n)
        items += (
            f'<article class="item-news"><div class="thumb"><a href="{a["path"]}"><img loading="lazy" src="/i/{n}-s.jpg" width="240" height="160" alt=""></a></div>'
            f'<h3 class="title-news"><a href="{a["path"]}">{a["title"]}</a></h3><p class="description">{a["lead"]}</p><time class="ago" datetime="{a["at"].isoformat()}">{a["at"]:%H:%M %d/%m/%Y}</time></article>\n'
        )
    r = random.Random(s)
    body = f'<main><h1>Chuyên mục {s}</h1><div class="list-news">{items}</div></main><div class="sidebar">{related("most-read", r, articles, 15)}</div>'
    return page(f"Chuyên mục {s}", "", body, sections)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("out")
    for name, default in (("sections", 1000), ("articles", 300), ("port", 0), ("edition", 1)):
        parse.add_argument(f"--{name}", type=int, default=default)
    given = parse.parse_args()
    out = os.path.abspath(given.out)
    for folder in ("www/s", "www/a"):
        os.makedirs(os.path.join(out, folder), exist_ok=True)

    def write(path, text):
        with open(os.path.join(out, path), "w", encoding="utf-8") as file:
            file.write(text)

    port_file = os.path.join(out, "port")
    port = given.port
    if not port and os.path.exists(port_file):
        port = int(open(port_file).read())
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    articles = [article(n) for n in range(given.articles)]
    for s in range(given.sections):
        write(f"www/s/{s}.html", listing_page(s, given.edition, articles, given.sections))
    if given.edition == 1:
        with open(os.path.join(out, "truth.jsonl"), "w", encoding="utf-8") as truth:
            for a in articles:
                text, paragraphs = article_page(a, articles, given.sections)
                write("www" + a["path"], text)
                line = {"id": str(a["n"]), "url": base + a["path"], "path": out + "/www" + a["path"], "title": a["title"], "text": "\n".join(paragraphs)}
                truth.write(json.dumps(line, ensure_ascii=False) + "\n")
        write("www/robots.txt", "User-agent: *\nDisallow: /tim-kiem\n")
        write("port", str(port))
        write("nginx.conf", f"""worker_processes 1; daemon off; pid {out}/nginx.pid; error_log {out}/nginx.err; worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{ types {{ text/html html; text/plain txt; }} access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000;
  client_body_temp_path {out}/tmp1; proxy_temp_path {out}/tmp2; fastcgi_temp_path {out}/tmp3; uwsgi_temp_path {out}/tmp4; scgi_temp_path {out}/tmp5;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {out}/www; charset utf-8; }} }}
""")


main()
