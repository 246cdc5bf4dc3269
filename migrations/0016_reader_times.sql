-- When readers want their digests. Each row is a timetable of its own and stands for many readers; row 0 is what the
-- configuration says. zone '' is the general one, hour and day -1 those of `daily` and `weekly`.
CREATE TABLE reader_times (
    id BIGINT PRIMARY KEY,
    zone TEXT NOT NULL,
    hour BIGINT NOT NULL,                -- 0 to 23
    day BIGINT NOT NULL,                 -- of weekly digests: 1 is Monday, 7 Sunday
    created_at BIGINT NOT NULL,          -- earlier slots are none of it
    UNIQUE (zone, hour, day)
);
INSERT INTO reader_times (id, zone, hour, day, created_at) VALUES (0, '', -1, -1, 0);
ALTER TABLE subscribers ADD COLUMN time_id BIGINT NOT NULL DEFAULT 0;
