-- Urgent articles wait for no delay, no fixed time and no quiet hours. urgent: NULL, it is not; 0, it is, and is not out
-- yet; else the number by which chats with fixed times follow it, from the same counter as seq.
ALTER TABLE releases ADD COLUMN urgent BIGINT;
CREATE INDEX releases_urgent ON releases (section_id, urgent) WHERE urgent IS NOT NULL;
-- How far a chat with fixed times has got its urgent articles, between its slots.
ALTER TABLE subscriptions ADD COLUMN urgent_cursor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX deliveries_urgent ON deliveries (target_id, id)
    WHERE urgent AND state IN ('pending', 'retry', 'sending');
