-- Until when a section is paused; NULL: until somebody resumes it.
ALTER TABLE sections ADD COLUMN paused_until BIGINT;
