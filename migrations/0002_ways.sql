-- How a section's articles are found: the way recognised from its address, remembered so that the next start looks
-- there at once, and how far a walk through its older pages has come.

CREATE TABLE ways (
    section_id BIGINT PRIMARY KEY REFERENCES sections (id),
    source TEXT NOT NULL,                -- the address (and pinned kind) it was recognised from
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    why TEXT NOT NULL,
    confidence BIGINT NOT NULL,          -- 0 to 100
    shared BOOLEAN NOT NULL,             -- may bring articles of other sections: compared with the page on news
    chosen_at BIGINT NOT NULL,
    settled BOOLEAN NOT NULL             -- a look through it is done: what it brings from now on is news
);

CREATE TABLE backfills (
    section_id BIGINT PRIMARY KEY REFERENCES sections (id),
    source TEXT NOT NULL,                -- the address the walk began at
    next TEXT,                           -- the page to go on with; NULL: the end is reached
    pages BIGINT NOT NULL,
    found BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
