"""The rules of feed validators, for what bantin writes: RSS 2.0 with its Best Practices Profile, Atom, OPML 2.0.

    feed_rules.py [--hostile] FILE|URL…

Prints what breaks a rule, one a line, and at the end how many documents were looked at; exits 1 when something was
found. Of an address the answer's type and the feed's own address are looked at too. `--hostile`: words may look like
markup. Shares no code with bantin: expat reads the XML, html5lib in its strict mode the HTML.
"""

import calendar
import datetime
import email.utils
import re
import sys
import time
import urllib.request
import xml.sax
import xml.sax.handler

import html5lib

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
XML = "http://www.w3.org/XML/1998/namespace"
PREFIXES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA, "at": TOMBSTONES, "xml": XML}

# Elements that readers let through, and that run nothing.
HTML = set("""a abbr acronym address area article aside audio b bdi big blockquote br caption center cite code col
colgroup data dd del details dfn dir div dl dt em figcaption figure footer font header h1 h2 h3 h4 h5 h6 hr i img ins kbd
li main map mark nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table
tbody td tfoot th thead time tr track tt u ul var video wbr""".split())
ATTRIBUTES = set("abbr alt cite class colspan datetime dir headers height href hreflang id lang rel rowspan scope src "
                 "start title type value width".split())
ENTITIES = {"amp", "lt", "gt", "quot", "apos", "nbsp", "copy", "laquo", "raquo", "ndash", "mdash", "hellip"}
LANGUAGE = re.compile(r"^(?!vn\b|xx\b)[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*$")
FULL = re.compile(r"^[a-zA-Z][0-9a-zA-Z+.\-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+$")
TAG = re.compile(r"^tag:([a-z0-9\-._]+?@)?[a-z0-9.\-]+?,\d{4}(-\d{2}(-\d{2})?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*(#.*)?$")
TYPE = re.compile(r"^[^\s()<>,;:\\\"/\[\]?=]+/[^\s()<>,;:\\\"/\[\]?=]+$")
RFC3339 = re.compile(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$")
RFC2822 = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d\d[03]0$")


class Node:
    def __init__(self, space, name, attributes, line, parent):
        self.space, self.name, self.attributes, self.line, self.parent = space, name, attributes, line, parent
        self.children, self.text = [], ""

    def all(self, name, space=None):
        return [child for child in self.children if (child.space, child.name) == (space, name)]

    def one(self, name, space=None):
        found = self.all(name, space)
        return found[0].text if found else None


class Tree(xml.sax.handler.ContentHandler):
    def __init__(self, found, locator):
        self.root = self.here = None
        self.found, self.locator = found, locator

    def startPrefixMapping(self, prefix, uri):
        if prefix and PREFIXES.get(prefix) != uri:
            self.found(f"xmlns:{prefix} is {uri}")

    def startElementNS(self, name, _, attributes):
        attributes = {(space, local): attributes[space, local] for space, local in attributes.getNames()}
        node = Node(name[0], name[1], attributes, self.locator.getLineNumber(), self.here)
        if self.here is None:
            self.root = node
        else:
            self.here.children.append(node)
        self.here = node

    def characters(self, text):
        self.here.text += text

    def endElementNS(self, name, _):
        self.here = self.here.parent


class Rules:
    def __init__(self, name, raw, hostile, address=None):
        self.name, self.hostile, self.address, self.count, self.checked = name, hostile, address, 0, set()
        self.lines = raw.decode("utf-8").split("\n")
        parser = xml.sax.make_parser()
        tree = Tree(self.found, parser)
        parser.setFeature(xml.sax.handler.feature_namespaces, True)
        parser.setContentHandler(tree)
        try:
            parser.feed(raw)
            parser.close()
        except xml.sax.SAXException as error:
            self.found(f"no XML: {error}")
            return
        if raw.lstrip()[:5] != b"<?xml" or b"<?xml-stylesheet" in raw or b"<!DOCTYPE" in raw:
            self.found("begins with something else than its XML declaration, or with more")
        self.everywhere(tree.root)
        {"rss": self.rss, "feed": self.atom, "opml": self.opml}[tree.root.name](tree.root)

    def found(self, words):
        self.count += 1
        print(f"{self.name}: {words}")

    def expect(self, holds, words):
        if not holds:
            self.found(words)

    # What holds of every element.
    def everywhere(self, node):
        for (space, name), value in [((None, "text"), node.text), *node.attributes.items()]:
            bad = [f"U+{ord(c):04X}" for c in value if 0x7F <= ord(c) <= 0x9F or c == "\ufffd"]
            self.expect(not bad, f"{node.name}: {name} has {bad}")
            if (space, name) == (XML, "lang") or name == "hreflang":
                self.expect(LANGUAGE.match(value), f"{node.name}: {name} {value!r} is no language")
            self.expect(space in (None, XML), f"{node.name}: an attribute of {space}")
        for child in node.children:
            self.everywhere(child)

    def attributes(self, node, *names):
        strange = [name for (space, name) in node.attributes if space is None and name not in names]
        self.expect(not strange, f"{node.name} has {strange}")

    def leaf(self, node, *attributes):
        self.attributes(node, *attributes)
        self.expect(not node.children, f"{node.name} has elements in it")
        return node.text

    def cardinality(self, node, space, allowed):
        """allowed: name → (at least, at most)."""
        counts = {}
        for child in node.children:
            counts[child.space, child.name] = counts.get((child.space, child.name), 0) + 1
        for (inner, name), count in counts.items():
            if inner == space or inner in PREFIXES.values():
                self.expect((inner, name) in allowed, f"{node.name} has an element {name} of {inner}")
        for (inner, name), (least, most) in allowed.items():
            count = counts.get((inner, name), 0)
            self.expect(least <= count <= most, f"{node.name} has {count} of {name}")

    def words(self, node, *attributes):
        """Plain text that nobody can take for HTML."""
        text = self.leaf(node, *attributes)
        self.expect(text.strip() and text == text.strip() and "\n" not in text, f"{node.name} is {text!r}")
        if re.search(r"</(\w+)>", text) and not self.hostile:
            self.found(f"{node.name} has markup in it: {text!r}")
        looks = re.search(r"&#[x0-9]|<[/a-zA-Z]", text) or any(e in ENTITIES for e in re.findall(r"&(\w+)", text))
        if looks:
            self.expect("&#x" in self.lines[node.line - 1], f"{node.name} may be taken for HTML: {text!r}")

    def url(self, text, what):
        self.expect(text and FULL.match(text) and re.match(r"https?://[^/]", text), f"{what} is no full address: {text!r}")

    def html(self, node):
        text = node.text
        if text in self.checked:
            return
        self.checked.add(text)
        try:
            tree = html5lib.HTMLParser(strict=True).parseFragment(text)
        except html5lib.html5parser.ParseError as error:
            self.found(f"{node.name} is no strict HTML: {error}: {text[:200]!r}")
            return
        for element in tree.iter():
            if not isinstance(element.tag, str) or element.tag == "DOCUMENT_FRAGMENT":
                continue
            tag = element.tag.split("}")[-1]
            self.expect(tag in HTML, f"{node.name} has <{tag}>")
            for name, value in element.attrib.items():
                self.expect(name in ATTRIBUTES, f"{node.name}: <{tag} {name}>")
                if name in ("href", "src"):
                    self.expect(re.match(r"(https?://|mailto:|tel:)", value), f"{node.name}: {name}={value!r} is not absolute")

    def soon(self, at, text):
        self.expect(631152000 <= at <= time.time() + 600, f"the date {text} cannot be")

    def rfc2822(self, node):
        text = self.leaf(node)
        self.expect(RFC2822.match(text), f"{node.name} {text!r}")
        parsed = email.utils.parsedate_tz(text)
        day = datetime.date(*parsed[:3]).strftime("%a")
        self.expect(text.startswith(day), f"{node.name}: the day of {text} is a {day}")
        self.soon(email.utils.mktime_tz(parsed), text)

    def rfc3339(self, node):
        text = self.leaf(node)
        match = RFC3339.match(text)
        self.expect(match, f"{node.name} {text!r}")
        if match:
            zone = match[8]
            offset = 0 if zone == "Z" else (-1 if zone[0] == "-" else 1) * (int(zone[1:3]) * 3600 + int(zone[4:]) * 60)
            self.soon(calendar.timegm(tuple(int(match[part]) for part in range(1, 7))) - offset, text)

    def own(self, links, kind):
        own = [link for link in links if link.attributes.get((None, "rel")) == "self"]
        self.expect(len(own) == 1, f"{len(own)} links to itself")
        for link in own:
            self.expect(link.attributes.get((None, "type")) == kind, "the link to itself has another type")
            if self.address:
                self.expect(link.attributes[None, "href"] == self.address, f"its own address is {link.attributes[None, 'href']}")

    def link(self, node):
        self.attributes(node, "href", "rel", "type", "title", "hreflang", "length")
        self.expect(not node.text and not node.children, "a link with something in it")
        of = {name: value for (_, name), value in node.attributes.items()}
        self.expect(of.get("rel") in ("self", "alternate", "hub", "enclosure", "related"), f"a link that is {of.get('rel')!r}")
        self.url(of.get("href"), f"link {of.get('rel')}")
        if "type" in of:
            self.expect(TYPE.match(of["type"]), f"the type of a link is {of['type']!r}")
        if "length" in of:
            self.expect(of["length"].isdigit(), f"the length of a link is {of['length']!r}")
        if "title" in of:
            self.expect(of["title"].strip(), "the title of a link is empty")

    def alternates(self, links):
        kinds = [tuple(link.attributes.get((None, name)) for name in ("type", "hreflang"))
                 for link in links if link.attributes.get((None, "rel")) == "alternate"]
        self.expect(len(kinds) == len(set(kinds)), f"two alternates of one kind: {kinds}")

    def media(self, node):
        self.attributes(node, "url", "medium", "type", "width", "height")
        of = {name: value for (_, name), value in node.attributes.items()}
        self.url(of.get("url"), "media:content")
        self.expect(of.get("medium") in ("image", "audio", "video", "document"), "no medium")
        self.expect("type" not in of or TYPE.match(of["type"]), "media:content with another type")
        for name in ("width", "height"):
            self.expect(name not in of or (of[name].isdigit() and int(of[name]) > 0), f"{name} is {of.get(name)!r}")
        for child in node.children:
            self.expect((child.space, child.name) == (MEDIA, "description"), f"media:content has {child.name}")
            self.words(child, "type")

    def rss(self, root):
        self.attributes(root, "version")
        self.expect(root.attributes.get((None, "version")) == "2.0", "another version")
        self.expect([child.name for child in root.children] == ["channel"], "one channel is wanted")
        channel = root.children[0]
        names = {(None, name): (1, 1) for name in ("title", "link", "description", "language", "generator", "docs")}
        self.cardinality(channel, None, {**names, (None, "lastBuildDate"): (0, 1), (None, "item"): (0, 1000), (ATOM, "link"): (1, 20)})
        order = [child.name for child in channel.children]
        self.expect("item" not in order or set(order[order.index("item"):]) == {"item"}, "items come last")
        for name in ("title", "description", "generator"):
            self.words(channel.all(name)[0])
        self.url(channel.one("link"), "link")
        self.expect(LANGUAGE.match(channel.one("language")), "language")
        self.expect(channel.one("docs") == "https://www.rssboard.org/rss-specification", "docs")
        for node in channel.all("lastBuildDate"):
            self.rfc2822(node)
        links = channel.all("link", ATOM)
        for node in links:
            self.link(node)
        self.own(links, "application/rss+xml")
        self.alternates(links)
        items = channel.all("item")
        guids = [item.one("guid") for item in items]
        self.expect(len(guids) == len(set(guids)), "one guid twice")
        for item in items:
            self.item(item)

    def item(self, item):
        self.attributes(item)
        once = {(None, name): (1, 1) for name in ("title", "link", "guid", "pubDate")}
        self.cardinality(item, None, {
            **once, (None, "description"): (0, 1), (None, "category"): (0, 100), (None, "enclosure"): (0, 1),
            (CONTENT, "encoded"): (0, 1), (MEDIA, "content"): (0, 1), (DC, "creator"): (0, 5)})
        self.words(item.all("title")[0])
        self.url(item.one("link"), "link")
        for node in item.all("category") + item.all("creator", DC):
            self.words(node)
        guid = item.all("guid")[0]
        text = self.leaf(guid, "isPermaLink")
        permanent = guid.attributes.get((None, "isPermaLink"), "true")
        self.expect(permanent in ("true", "false") and text and not re.search(r"\s", text), f"guid {text!r} {permanent}")
        if permanent == "true":
            self.url(text, "guid")
        else:
            self.expect(not (len(text) < 9 and text.isdigit()), f"guid {text} is not unique enough")
        self.rfc2822(item.all("pubDate")[0])
        for node in item.all("enclosure"):
            self.attributes(node, "url", "length", "type")
            of = {name: value for (_, name), value in node.attributes.items()}
            self.url(of.get("url"), "enclosure")
            self.expect(of.get("length", "").isdigit() and TYPE.match(of.get("type", "")), f"enclosure {of}")
        names = [child.name for child in item.children]
        if "encoded" in names:
            self.expect("description" in names[:names.index("encoded")], "content:encoded without description before it")
        for node in item.all("description") + item.all("encoded", CONTENT):
            self.leaf(node)
            self.expect(node.text.strip(), f"{node.name} is empty")
            self.html(node)
        for node in item.all("content", MEDIA):
            self.media(node)

    def identity(self, node):
        text = self.leaf(node)
        good = TAG.match(text) if text.startswith("tag:") else FULL.match(text) or text.startswith("urn:")
        self.expect(good, f"id {text!r}")

    def person(self, node):
        self.expect([child.name for child in node.children] == ["name"], "an author is a name")
        self.words(node.children[0])

    def atom(self, feed):
        self.expect(feed.space == ATOM, "another namespace")
        self.attributes(feed)
        once = {(ATOM, name): (1, 1) for name in ("title", "id", "updated", "subtitle", "generator")}
        self.cardinality(feed, ATOM, {
            **once, (ATOM, "author"): (0, 1), (ATOM, "link"): (2, 20), (ATOM, "entry"): (0, 1000), (TOMBSTONES, "deleted-entry"): (0, 1000)})
        self.expect((XML, "lang") in feed.attributes, "xml:lang is missing")
        order = [child.name for child in feed.children]
        self.expect("entry" not in order or set(order[order.index("entry"):]) <= {"entry", "deleted-entry"}, "entries come last")
        for name in ("title", "subtitle", "generator"):
            self.words(feed.all(name, ATOM)[0])
        self.identity(feed.all("id", ATOM)[0])
        self.rfc3339(feed.all("updated", ATOM)[0])
        for node in feed.all("author", ATOM):
            self.person(node)
        links = feed.all("link", ATOM)
        for node in links:
            self.link(node)
        self.own(links, "application/atom+xml")
        self.alternates(links)
        entries = feed.all("entry", ATOM)
        for name in ("id", "updated"):
            said = [entry.one(name, ATOM) for entry in entries]
            self.expect(len(said) == len(set(said)), f"two entries of one {name}")
        for entry in entries:
            self.entry(entry, bool(feed.all("author", ATOM)))
        gone = [tuple(node.attributes.get((None, name)) for name in ("ref", "when")) for node in feed.all("deleted-entry", TOMBSTONES)]
        self.expect(len(gone) == len(set(gone)) and all(ref and RFC3339.match(when) for ref, when in gone), f"tombstones {gone}")

    def entry(self, entry, has_author):
        once = {(ATOM, name): (1, 1) for name in ("title", "id", "updated", "published")}
        self.attributes(entry)
        self.cardinality(entry, ATOM, {
            **once, (ATOM, "author"): (0 if has_author else 1, 5), (ATOM, "category"): (0, 100), (ATOM, "link"): (1, 100),
            (ATOM, "summary"): (0, 1), (ATOM, "content"): (0, 1), (MEDIA, "content"): (0, 1)})
        self.words(entry.all("title", ATOM)[0])
        self.identity(entry.all("id", ATOM)[0])
        for name in ("updated", "published"):
            self.rfc3339(entry.all(name, ATOM)[0])
        for node in entry.all("author", ATOM):
            self.person(node)
        for node in entry.all("category", ATOM):
            self.attributes(node, "term")
            self.expect(node.attributes.get((None, "term"), "").strip(), "a category without a term")
        links = entry.all("link", ATOM)
        for node in links:
            self.link(node)
        self.alternates(links)
        self.expect(any(link.attributes.get((None, "rel")) == "alternate" for link in links), "no page of the entry")
        summary, content = entry.all("summary", ATOM), entry.all("content", ATOM)
        self.expect(summary or content, "neither summary nor content")
        for node in summary:
            self.words(node, "type")
        for node in content:
            self.leaf(node, "type")
            self.expect(node.attributes.get((None, "type")) == "html" and node.text.strip(), "the content is empty or no HTML")
            self.html(node)
        for node in entry.all("content", MEDIA):
            self.media(node)

    def opml(self, root):
        self.expect(root.attributes.get((None, "version")) == "2.0", "another version")
        self.expect([child.name for child in root.children] == ["head", "body"], "head and body are wanted")
        head, body = root.children
        self.expect(self.leaf(head.all("title")[0]).strip(), "no title")
        self.expect(body.all("outline"), "nothing to follow")
        for node in body.all("outline"):
            self.attributes(node, "type", "text", "title", "xmlUrl", "htmlUrl", "language", "category", "description")
            of = {name: value for (_, name), value in node.attributes.items()}
            self.expect(of.get("type") == "rss" and of.get("text", "").strip() and of.get("title"), f"outline {of}")
            self.url(of.get("xmlUrl"), "xmlUrl")
            self.url(of.get("htmlUrl"), "htmlUrl")
            self.expect(LANGUAGE.match(of.get("language", "vi")), f"language {of.get('language')}")


TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "opml": "text/x-opml"}


def main(arguments):
    hostile = "--hostile" in arguments
    count = looked = 0
    for name in (argument for argument in arguments if argument != "--hostile"):
        looked += 1
        if not name.startswith("http"):
            with open(name, "rb") as file:
                count += Rules(name, file.read(), hostile).count
            continue
        with urllib.request.urlopen(name) as answer:
            said, raw = answer.headers["content-type"], answer.read()
        rules = Rules(name, raw, hostile, name)
        kind = name.split("?")[0].rsplit(".", 1)[-1]
        rules.expect(said == f"{TYPES[kind]}; charset=utf-8", f"its type is {said}")
        count += rules.count
    print(f"{looked} documents, {count} findings")
    return 1 if count else 0


sys.exit(main(sys.argv[1:]))
