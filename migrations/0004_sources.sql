-- What a section's filter dropped after its page was read: the page is not opened at every look. Holds as long as
-- the rules are the same.
CREATE TABLE drops (
    section_id BIGINT NOT NULL REFERENCES sections (id),
    key TEXT NOT NULL,                   -- the article's first key
    rules TEXT NOT NULL,                 -- the hash of the rules that dropped it
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,                -- by which rule, in words
    dropped_at BIGINT NOT NULL,
    PRIMARY KEY (section_id, key)
);
CREATE INDEX drops_at ON drops (dropped_at);

-- The source's own id of an article, for sections whose feeds keep it. An id belongs to one article of a section.
CREATE TABLE guids (
    section_id BIGINT NOT NULL REFERENCES sections (id),
    guid TEXT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES articles (id),
    PRIMARY KEY (section_id, guid),
    UNIQUE (section_id, article_id)
);

-- What a CMS pushed: each message once. body is the article as JSON, '' for "look now".
CREATE TABLE pushes (
    id TEXT PRIMARY KEY,
    section_id BIGINT NOT NULL REFERENCES sections (id),
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    done_at BIGINT,
    outcome TEXT NOT NULL DEFAULT ''     -- '' is well, anything else the error in words
);
CREATE INDEX pushes_open ON pushes (received_at) WHERE done_at IS NULL;
