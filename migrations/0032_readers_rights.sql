-- What readers may do with their subscription: pause it, and see a digest in the browser. Confirmations are counted, so
-- that nobody is asked again and again.
ALTER TABLE subscribers ADD COLUMN paused_until BIGINT;             -- state 'paused': until then nothing is sent
ALTER TABLE subscribers ADD COLUMN asked_times BIGINT NOT NULL DEFAULT 0; -- confirmations since asked_from
ALTER TABLE subscribers ADD COLUMN asked_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN rests BOOLEAN NOT NULL DEFAULT FALSE; -- begins again when the pause is over
CREATE INDEX subscribers_waiting ON subscribers (state, paused_until) WHERE state IN ('paused', 'pending');

-- The lists of digests as their page shows them, each list once however many readers got it; nothing of a reader.
CREATE TABLE digest_pages (
    id TEXT PRIMARY KEY,                 -- the hash of what it says
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX digest_pages_age ON digest_pages (created_at);
