-- One text for SQLite and PostgreSQL: TEXT, BIGINT and BOOLEAN only. Times are Unix milliseconds, keys are
-- made by the application, JSON is TEXT. Nothing here sorts or matches natural text.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- 'release' numbers releases, 'revision' counts content commits (compared with feeds/manifest.json).
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('release', 0), ('revision', 0);

CREATE TABLE sections (
    id BIGINT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seeded_at BIGINT,                    -- the first good look; until then nothing found is pushed
    paused BOOLEAN NOT NULL DEFAULT FALSE,
    removed_at BIGINT,                   -- gone from the configuration
    outcome TEXT NOT NULL DEFAULT '',    -- '' is well, anything else the error in words
    outcome_at BIGINT,                   -- since when
    touched BIGINT NOT NULL DEFAULT 0    -- the revision that last changed what its feeds show
);

-- What makes the next request for a page cheap.
CREATE TABLE validators (
    url TEXT PRIMARY KEY,
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT
);

CREATE TABLE articles (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    url TEXT,                            -- canonical address on the web, if it has one
    source_url TEXT NOT NULL,            -- where it is read
    title TEXT NOT NULL,
    search TEXT NOT NULL,                -- folded title and lead
    reading TEXT NOT NULL,               -- the whole reading as JSON
    content_hash TEXT NOT NULL,
    extraction TEXT NOT NULL,            -- extraction version of the reading
    revision BIGINT NOT NULL,
    feed_date BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    next_read BIGINT,                    -- when to read again; NULL: not by itself any more
    reads BIGINT NOT NULL DEFAULT 0,     -- how many planned readings are done
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    gone_at BIGINT,                      -- the first 404 or 410 of a row
    withdrawn_at BIGINT
);
CREATE INDEX articles_next_read ON articles (next_read) WHERE next_read IS NOT NULL;
CREATE INDEX articles_withdrawn ON articles (withdrawn_at) WHERE withdrawn_at IS NOT NULL;

-- Every key an article is known by: the source's own ids, canonical addresses, aliases.
CREATE TABLE article_keys (
    key TEXT PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES articles (id)
);
CREATE INDEX article_keys_article ON article_keys (article_id);

-- The compressed source page (deflate, base64), for some days: what reread and explain stand on.
CREATE TABLE pages (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id),
    stored_at BIGINT NOT NULL,
    body TEXT NOT NULL
);

-- A suspicious run kept back until an admin decides.
CREATE TABLE holds (
    id BIGINT PRIMARY KEY,
    section_id BIGINT NOT NULL REFERENCES sections (id),
    created_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    settled_at BIGINT,
    decision TEXT
);

-- An article let out in a section. Feeds follow every row; channels follow those with a number.
-- state: 'waiting' (its delay runs), 'held', 'out' (numbered), 'quiet' (never pushed).
CREATE TABLE releases (
    id BIGINT PRIMARY KEY,
    section_id BIGINT NOT NULL REFERENCES sections (id),
    article_id BIGINT NOT NULL REFERENCES articles (id),
    created_at BIGINT NOT NULL,
    feed_date BIGINT NOT NULL,           -- the article's, copied for the index
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    seq BIGINT UNIQUE,
    hold_id BIGINT REFERENCES holds (id),
    listing_hash TEXT NOT NULL DEFAULT '', -- of the listing's entry: a change is read at once
    UNIQUE (section_id, article_id)
);
CREATE INDEX releases_feed ON releases (section_id, feed_date, article_id);
CREATE INDEX releases_article ON releases (article_id);
CREATE INDEX releases_waiting ON releases (due_at) WHERE state = 'waiting';
CREATE INDEX releases_seq ON releases (section_id, seq) WHERE seq IS NOT NULL;

CREATE TABLE targets (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,               -- chat, or chat/topic; an e-mail address
    state TEXT NOT NULL DEFAULT 'active', -- 'active', 'paused', 'gone'
    reason TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    UNIQUE (channel, address)
);

-- A reader by e-mail; id is the target's.
CREATE TABLE subscribers (
    id BIGINT PRIMARY KEY REFERENCES targets (id),
    email_key TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    state TEXT NOT NULL,                 -- 'pending', 'active', 'left'
    consent TEXT NOT NULL,               -- the wording agreed to
    consent_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    asked_at BIGINT,                     -- when the last confirmation was queued
    left_at BIGINT
);

-- A target following a section; what lies above the cursor is still to be expanded.
CREATE TABLE subscriptions (
    id BIGINT PRIMARY KEY,
    target_id BIGINT NOT NULL REFERENCES targets (id),
    section_id BIGINT NOT NULL REFERENCES sections (id),
    cadence TEXT NOT NULL,               -- 'now', 'daily', 'weekly'; a chat's fixed times: 'at'
    start BIGINT NOT NULL,               -- the cursor at the beginning
    cursor BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (target_id, section_id)
);
CREATE INDEX subscriptions_section ON subscriptions (section_id, cadence, id) WHERE active;

-- One message to one target. dedup makes it unique for ever while it is kept:
-- p:<target>:<article>, e:<target>:<article>:<revision>, d:<target>:<article>, g:<target>:<cadence>:<slot>,
-- c:<target>:<time>.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    dedup TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    target_id BIGINT NOT NULL REFERENCES targets (id),
    section_id BIGINT,
    article_id BIGINT,
    kind TEXT NOT NULL,                  -- 'post', 'edit', 'delete', 'digest', 'confirm'
    payload TEXT NOT NULL DEFAULT '',    -- a digest's frozen list, a confirmation's sections
    state TEXT NOT NULL,                 -- 'pending', 'sending', 'retry', 'uncertain', 'sent', 'dead', 'dropped'
    reason TEXT NOT NULL DEFAULT '',
    attempts BIGINT NOT NULL DEFAULT 0,
    crashes BIGINT NOT NULL DEFAULT 0,   -- times found in 'sending' after a stop
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    owner TEXT NOT NULL DEFAULT '',      -- the instance that sends it: the fencing token of its lease
    lease_until BIGINT NOT NULL DEFAULT 0,
    receipt TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_due ON deliveries (channel, due_at, id) WHERE state IN ('pending', 'retry');
CREATE INDEX deliveries_open ON deliveries (target_id, id) WHERE state IN ('pending', 'retry', 'sending');
CREATE INDEX deliveries_sending ON deliveries (lease_until) WHERE state = 'sending';
CREATE INDEX deliveries_article ON deliveries (article_id);

-- The append-only story of every attempt.
CREATE TABLE attempts (
    delivery_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX attempts_delivery ON attempts (delivery_id, at);

-- What stands in a chat now, so that it can be edited or deleted.
CREATE TABLE posts (
    target_id BIGINT NOT NULL REFERENCES targets (id),
    article_id BIGINT NOT NULL REFERENCES articles (id),
    section_id BIGINT NOT NULL,
    posted TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (target_id, article_id)
);
CREATE INDEX posts_article ON posts (article_id);

-- The governor: the theoretical arrival time of each limit.
CREATE TABLE rates (
    key TEXT PRIMARY KEY,
    tat BIGINT NOT NULL
);

-- A slot that fired: one row each, so that it fires once; done when all of it is expanded.
CREATE TABLE slots (
    schedule TEXT NOT NULL,
    slot BIGINT NOT NULL,
    fired_at BIGINT NOT NULL,
    done BOOLEAN NOT NULL,
    PRIMARY KEY (schedule, slot)
);
