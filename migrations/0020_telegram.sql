-- Telegram: what the calls of a message have come to so far, places under the limits, moved groups, resting chats.

-- JSON of the channel's own: accepted pieces, the form that is tried next. Each call is a claim of its own.
ALTER TABLE deliveries ADD COLUMN progress TEXT NOT NULL DEFAULT '';
-- How many places it takes under the limits: an album as many as it has pictures.
ALTER TABLE deliveries ADD COLUMN weight BIGINT NOT NULL DEFAULT 1;

-- A group that became a supergroup has a new id; the configuration may name the old one for ever.
CREATE TABLE moved_chats (
    chat TEXT PRIMARY KEY,
    moved_to TEXT NOT NULL,
    moved_at BIGINT NOT NULL
);

-- Pictures a bot has uploaded, by a hash of their address.
CREATE TABLE uploads (
    bot TEXT NOT NULL,
    picture TEXT NOT NULL,
    file_id TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    PRIMARY KEY (bot, picture)
);
CREATE INDEX uploads_at ON uploads (uploaded_at);

-- Since when a target rests, when it was last tried, and whether an admin was told.
ALTER TABLE targets ADD COLUMN paused_at BIGINT;
ALTER TABLE targets ADD COLUMN probed_at BIGINT;
ALTER TABLE targets ADD COLUMN told_at BIGINT;
