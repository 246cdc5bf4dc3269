-- Readers who were erased: a salted hash of the address and nothing else, so that a later import does not bring them
-- back. It goes when they subscribe again themselves.
CREATE TABLE erased (
    hash TEXT PRIMARY KEY,
    erased_at BIGINT NOT NULL
);
