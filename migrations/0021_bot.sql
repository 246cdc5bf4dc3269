-- Who wrote to the bot without being an admin: answered once.
CREATE TABLE strangers (
    chat TEXT PRIMARY KEY,
    answered_at BIGINT NOT NULL
);
CREATE INDEX strangers_answered ON strangers (answered_at);
