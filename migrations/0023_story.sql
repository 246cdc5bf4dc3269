-- Who made an attempt: the instance's name of that start, or the command.
ALTER TABLE attempts ADD COLUMN instance TEXT NOT NULL DEFAULT '';
-- What waits for an admin has no settled_at; until now every uncertain one did.
UPDATE deliveries SET settled_at = NULL WHERE state = 'uncertain';
CREATE INDEX deliveries_asking ON deliveries (id) WHERE state = 'uncertain' AND settled_at IS NULL;
