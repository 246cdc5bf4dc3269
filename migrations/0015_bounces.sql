-- Mails that came back, each once (the id is the notification's own, or its hash), and how often an address failed for
-- the time being: thousandths of a point, which are forgotten with time.
CREATE TABLE bounces (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    target_id BIGINT,                    -- NULL: nobody we know
    delivery_id BIGINT,
    relay TEXT NOT NULL DEFAULT '',      -- through which the mail had gone
    class TEXT NOT NULL,                 -- 'hard', 'soft', 'sender', 'complaint', 'notice'
    status TEXT NOT NULL,
    words TEXT NOT NULL,                 -- without any address
    source TEXT NOT NULL                 -- 'imap', 'api', 'smtp'
);
CREATE INDEX bounces_at ON bounces (at);
ALTER TABLE targets ADD COLUMN soft BIGINT NOT NULL DEFAULT 0;
ALTER TABLE targets ADD COLUMN soft_at BIGINT NOT NULL DEFAULT 0;
-- Why a limit is blocked: a relay's pause.
ALTER TABLE rates ADD COLUMN reason TEXT NOT NULL DEFAULT '';
