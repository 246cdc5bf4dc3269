#!/usr/bin/env python3
"""A news site on loopback that lives through a day in minutes, for scripts/bench.

  day_site.py SECTIONS ARTICLES NEW LOOKS [KIB]

SECTIONS listing pages, /muc-0/ and on, of the newest ARTICLES articles each. While a section is looked at LOOKS times
it publishes NEW more, evenly spread. Pages weigh about KIB (60) kilobytes, as real ones do: mostly scripts, styles and
menus around some 6 kB of text. Everything carries an ETag, and what has not changed is answered 304. Nothing is on
disk; the same arguments give the same texts, dates apart.

/looks answers how often the least looked-at section was looked at, then all requests and those answered 304.
Prints its port and serves until it is ended.
"""
import asyncio
import datetime
import hashlib
import sys

SECTIONS, ARTICLES, NEW, LOOKS = (int(word) for word in sys.argv[1:5])
KIB = int(sys.argv[5]) if len(sys.argv) > 5 else 60
ZONE = datetime.timezone(datetime.timedelta(hours=7))
START = datetime.datetime.now(ZONE)
WHO = "Ủy ban nhân dân tỉnh|Sở Giao thông|Người dân địa phương|Trường Trung học Bình Lãng|Bệnh viện đa khoa|Hợp tác xã Cẩm Khê|Đội tuyển bơi|Thư viện tỉnh".split("|")
DOES = "vừa thông qua|đang lấy ý kiến về|khánh thành|báo cáo kết quả của|đề xuất mở rộng|sẽ triển khai|cảnh báo về|hoàn thành giai đoạn một của".split("|")
WHAT = "tuyến xe buýt nối chợ với bến sông|chương trình học bổng vùng cao|hồ chứa nước đầu nguồn|kế hoạch trồng rừng|phiên chợ nông sản đêm|trạm y tế lưu động|lễ hội đua thuyền|công trình chống sạt lở".split("|")
FILLER = "".join(f".muc-{n} .tin{{padding:{n % 9}px;color:#{n * 7919 % 0xFFFFFF:06x}}}\n" for n in range(200))
MENU = "".join(f'<li><a href="/muc-{n}/">Chuyên mục {n}</a></li>' for n in range(40))

published = [[START - datetime.timedelta(minutes=50 * n + s % 50 + 1) for n in reversed(range(ARTICLES))] for s in range(SECTIONS)]
looks, requests, unchanged = [0] * SECTIONS, 0, 0


def sentence(n):
    a, b, c = n % len(WHO), n // 3 % len(DOES), n // 7 % len(WHAT)
    return f"{WHO[a]} {DOES[b]} {WHAT[c]}, với {n % 89 + 3} hộ tham gia trong tháng {n % 12 + 1}"


def page(title, body):
    head = f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title><style>'
    rest = f'</style></head><body><header><nav><ul>{MENU}</ul></nav></header>{body}<footer><p>Cổng thông tin tỉnh</p></footer></body></html>'
    room = KIB * 1024 - len(rest.encode())
    return f"{head}{FILLER * max(0, room // len(FILLER))}{rest}".encode()


def title_of(s, a):
    return f"{sentence(s * 1009 + a * 13)} (số {s}-{a})"


def address(s, a):
    return f"/muc-{s}/bai-viet-ve-doi-song-trong-tinh-so-{a}-post{s * 1000 + a}.html"


def listing(s):
    items = ""
    for a in reversed(range(max(0, len(published[s]) - ARTICLES), len(published[s]))):
        at = published[s][a]
        items += (
            f'<div class="news-item"><a href="{address(s, a)}"><img src="/anh/{a % 20}.jpg" alt=""></a>'
            f'<h3><a href="{address(s, a)}">{title_of(s, a)}</a></h3><span class="date">{at:%d/%m/%Y %H:%M}</span>'
            f'<p class="summary">{sentence(s + a * 31)}.</p></div>'
        )
    return page(f"Mục {s}", f'<main><div class="news-list">{items}</div></main>')


def article(s, a):
    title, at = title_of(s, a), published[s][a]
    text = "".join(
        f"<p>{'. '.join(sentence(s * 53 + a * 17 + n * 5 + m) for m in range(4))}.</p>"
        + (f'<figure><img src="/anh/{n}.jpg" alt=""><figcaption>{sentence(a + n)}. Ảnh: Lê Hà</figcaption></figure>' if n % 4 == 2 else "")
        for n in range(10)
    )
    return page(
        title,
        f'<main><article><h1 class="title">{title}</h1><div class="meta"><span class="date">{at:%d/%m/%Y %H:%M}</span></div>'
        f'<p class="lead">{sentence(s + a * 31)}.</p><div class="content">{text}<p class="author">Tin, ảnh: Lê Hà</p></div>'
        f'</article></main>',
    )


def answer(path):
    """The body and its ETag, or None."""
    parts = path.strip("/").split("/")
    if not parts[0].startswith("muc-") or not parts[0][4:].isdigit() or int(parts[0][4:]) >= SECTIONS:
        return None
    s = int(parts[0][4:])
    if len(parts) == 1:
        looks[s] += 1
        while len(published[s]) < ARTICLES + NEW * min(looks[s], LOOKS) // LOOKS:
            published[s].append(datetime.datetime.now(ZONE))
        return (lambda: listing(s)), f'"{s}-{len(published[s])}"'
    number = parts[1].rsplit("post", 1)[-1].removesuffix(".html")
    a = int(number) - s * 1000 if number.isdigit() else -1
    if not 0 <= a < len(published[s]):
        return None
    return (lambda: article(s, a)), f'"a{hashlib.md5(path.encode()).hexdigest()}"'


async def serve(reader, writer):
    global requests, unchanged
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            known = next((line[15:].strip() for line in head if line.lower().startswith("if-none-match:")), "")
            if path == "/looks":
                found = (lambda: f"{min(looks)} {requests} {unchanged}\n".encode()), '""'
            else:
                requests += 1
                found = answer(path)
            if found is None:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            elif found[1] == known:
                unchanged += 1
                writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {known}\r\n\r\n".encode())
            else:
                body = found[0]()
                writer.write(
                    f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: {found[1]}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode() + body
                )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
