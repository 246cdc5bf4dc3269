-- When the text of an article was removed by `[retention] articles`; what it is known by stays for ever.
ALTER TABLE articles ADD COLUMN pruned_at BIGINT;
CREATE INDEX articles_whole ON articles (first_seen, id) WHERE pruned_at IS NULL;
-- Readers who left, by when.
CREATE INDEX subscribers_left ON subscribers (left_at) WHERE state = 'left';
