-- What is open is counted at each scrape of /metrics: from indexes alone, and not past all that was ever sent.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (channel, due_at, id, state) WHERE state IN ('pending', 'retry');
CREATE INDEX deliveries_trouble ON deliveries (channel, state) WHERE state IN ('uncertain', 'dead');
