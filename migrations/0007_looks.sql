-- 'sections' counts what changed in sections and validators from outside a daemon's own looks: a daemon remembers
-- what its looks ask again and again, and reads it anew when this moves.
INSERT INTO counters (name, value) VALUES ('sections', 0);
