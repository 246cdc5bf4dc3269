-- Who follows a feed by bantin's own hub (WebSub). A row is there only once its callback has confirmed it.
CREATE TABLE websub (
    id BIGINT PRIMARY KEY,
    topic TEXT NOT NULL,                 -- the feed's file: "tin-tuc.atom"
    callback TEXT NOT NULL,
    host TEXT NOT NULL,                  -- of the callback
    secret TEXT NOT NULL DEFAULT '',
    private BOOLEAN NOT NULL,            -- asked for from a private network: may lead into one
    lease_until BIGINT NOT NULL,
    seen TEXT NOT NULL,                  -- the hash of what it has
    shown BIGINT NOT NULL,               -- the store's revision that this showed
    attempts BIGINT NOT NULL DEFAULT 0,  -- tries of what it has not yet
    due_at BIGINT NOT NULL DEFAULT 0,    -- not before; 0: at rest
    UNIQUE (topic, callback)
);
CREATE INDEX websub_host ON websub (host);
CREATE INDEX websub_due ON websub (due_at) WHERE due_at > 0;
CREATE INDEX websub_lease ON websub (lease_until);
