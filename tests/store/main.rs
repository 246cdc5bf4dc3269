//! Every store method, on SQLite and on PostgreSQL. Without `BANTIN_TEST_POSTGRES` the PostgreSQL half says by
//! name that it was skipped (`scripts/test` starts a server and counts a skip as a failure).

mod articles;
mod deliveries;
mod digests;
mod fixture;
mod flow;
mod holds;
mod lists;
mod readers;
mod retention;
mod sets;
mod storm;
mod troubles;
mod upgrade;
mod urgent;
