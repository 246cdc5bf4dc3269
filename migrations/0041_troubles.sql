-- What is not well with bantin itself, until it is well again: a broken configuration, a full disk, a relay that refuses.
-- Written when it begins, when admins are told, and when it is over.
CREATE TABLE troubles (
    key TEXT PRIMARY KEY,
    owner TEXT NOT NULL,                 -- the instance whose trouble it is; '' is everybody's
    body TEXT NOT NULL,                  -- what is told, as JSON
    since BIGINT NOT NULL,
    well_since BIGINT,                   -- NULL: it is not
    told_at BIGINT                       -- NULL: not told yet
);
-- What was given up, by when.
CREATE INDEX deliveries_dead ON deliveries (settled_at) WHERE state = 'dead';
