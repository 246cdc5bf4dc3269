-- Guards against floods: what a hold is about, digests beside posts, changes that wait, and what an admin is told.

-- 'new' (too many, or too strange), 'late' (too old after an outage), 'restored' (newer than a restored store),
-- 'list' (another list than the section's), 'edits', 'withdrawals'. One of a kind is open in a section.
ALTER TABLE holds ADD COLUMN kind TEXT NOT NULL DEFAULT 'new';
-- How far the digest an admin decided on has come: the last subscription that has it, and when all had.
ALTER TABLE holds ADD COLUMN cursor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE holds ADD COLUMN expanded_at BIGINT;
CREATE INDEX holds_open ON holds (section_id) WHERE settled_at IS NULL;

-- seq is what posts and mails at once follow; digest_seq is what digests follow: the same number, but for what goes
-- into digests only. releases.state: 'digest' too.
ALTER TABLE releases ADD COLUMN digest_seq BIGINT;
UPDATE releases SET digest_seq = seq WHERE seq IS NOT NULL;
CREATE INDEX releases_digest ON releases (section_id, digest_seq) WHERE digest_seq IS NOT NULL;
CREATE INDEX releases_digests ON releases (digest_seq) WHERE digest_seq IS NOT NULL;
CREATE INDEX releases_hold ON releases (hold_id) WHERE hold_id IS NOT NULL;

-- Edits and withdrawals that wait for an admin.
CREATE TABLE held_changes (
    hold_id BIGINT NOT NULL REFERENCES holds (id),
    article_id BIGINT NOT NULL REFERENCES articles (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (hold_id, article_id)
);

-- Seed mode: what is newer than this moment is held instead of kept quiet.
ALTER TABLE sections ADD COLUMN seed_since BIGINT;

-- 64 bits that tell a text again that was copied with small changes; NULL: too short to tell.
ALTER TABLE articles ADD COLUMN fingerprint BIGINT;
CREATE INDEX articles_content ON articles (content_hash);
CREATE INDEX articles_updated ON articles (updated_at);

-- What admins are told of, each once. body is JSON; queued_at: handed to the outbox.
CREATE TABLE alerts (
    id BIGINT PRIMARY KEY,
    section_id BIGINT NOT NULL REFERENCES sections (id),
    hold_id BIGINT REFERENCES holds (id),
    body TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    queued_at BIGINT
);
CREATE INDEX alerts_due ON alerts (due_at) WHERE queued_at IS NULL;
CREATE INDEX alerts_section ON alerts (section_id, queued_at);
CREATE INDEX alerts_hold ON alerts (hold_id) WHERE hold_id IS NOT NULL;

-- What went to a chat within the last hour.
CREATE INDEX deliveries_chat ON deliveries (target_id, due_at) WHERE channel <> 'email';
