-- Addresses that are never to be asked again, as keyed hashes: who reads the table learns no address.
CREATE TABLE blocked (
    print TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
