-- What is kept of a host that is read: what its robots.txt says to us, and until when it is to be left alone.
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,               -- name and port
    robots TEXT,                         -- the lines that concern us, as JSON
    robots_at BIGINT,                    -- when they were asked for
    rest_until BIGINT,
    rest_why TEXT NOT NULL DEFAULT '',
    changed_at BIGINT NOT NULL
);
