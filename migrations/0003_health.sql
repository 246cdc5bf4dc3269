-- How the sections' sources fare: what is usual for each, and what is not well with it. Written with news and when
-- a verdict changes; a cycle without news writes nothing.

CREATE TABLE health (
    section_id BIGINT PRIMARY KEY REFERENCES sections (id),
    memory TEXT NOT NULL                 -- what is usual, as JSON
);

CREATE TABLE findings (
    id BIGINT PRIMARY KEY,
    section_id BIGINT NOT NULL REFERENCES sections (id),
    code TEXT NOT NULL,                  -- 'H513': bantin explain H513
    words TEXT NOT NULL,
    proposal TEXT NOT NULL DEFAULT '',   -- what the admin may put into config.toml
    since BIGINT NOT NULL,               -- when it was first seen
    seen BIGINT NOT NULL,                -- looks in a row that saw it, until it is told
    told_at BIGINT,                      -- NULL: seen once, not told yet
    clean BIGINT NOT NULL DEFAULT 0,     -- looks in a row that were well again
    closed_at BIGINT,
    hold_id BIGINT                       -- the decision an admin is asked for
);
CREATE INDEX findings_open ON findings (section_id) WHERE closed_at IS NULL;
CREATE INDEX findings_closed ON findings (closed_at) WHERE closed_at IS NOT NULL;
