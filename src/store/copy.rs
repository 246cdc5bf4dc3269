//! A whole store copied into another, table by table over the store's own schema: between SQLite and PostgreSQL in
//! either direction. What is read is one moment's state; rows stream, so that memory does not grow with the store.

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};

use super::sql::{Arg, Pool, groups};
use super::{Result, Store, StoreError};

/// Bytes of the rows that are written by one statement, and how many values at most: SQLite looks numbered ones up by
/// going through all of them, so more would cost their square.
const BYTES: usize = 1 << 20;
const VALUES: usize = 400;
/// Rows after which a copy into a SQLite file commits: it is a file nobody uses yet.
const COMMIT: u64 = 50_000;

/// A table with its columns; the types are the schema's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Text,
    Bool,
}

impl Store {
    /// Copies everything into `to`, which has the same schema; what is there is replaced. On PostgreSQL that is one
    /// transaction. Returns the rows of each table.
    pub async fn copy_to(&self, to: &Store, mut tell: impl FnMut(&str, u64)) -> Result<Vec<(String, u64)>> {
        // The order in which SQLite's tables were made: a table refers to earlier ones only.
        let tables = match (&self.pool, &to.pool) {
            (Pool::Sqlite { read, .. }, _) | (_, Pool::Sqlite { read, .. }) => tables(read).await?,
            (Pool::Postgres(_), Pool::Postgres(_)) => {
                return Err(StoreError::Value("between two PostgreSQL servers use pg_dump".to_owned()));
            }
        };
        let mut sink = Sink { store: to, tx: Some(to.begin().await?), since: 0 };
        sink.begin().await?;
        for table in tables.iter().rev() {
            sink.run(format!("DELETE FROM {}", table.name), vec![]).await?;
        }
        let mut counts = Vec::new();
        match &self.pool {
            Pool::Sqlite { read, .. } => {
                let mut from = read.begin().await?;
                for table in &tables {
                    let select = table.select();
                    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *from);
                    let mut batch = Batch::new(table);
                    while let Some(row) = rows.try_next().await? {
                        batch
                            .add(&mut sink, |index, kind| match kind {
                                Kind::Int => row.try_get(index).map(Arg::Int),
                                Kind::Text => row.try_get(index).map(Arg::Text),
                                Kind::Bool => row.try_get(index).map(Arg::Bool),
                            })
                            .await?;
                    }
                    counts.push(batch.end(&mut sink, &mut tell).await?);
                }
            }
            Pool::Postgres(pool) => {
                let mut from = pool.begin().await?;
                for sql in
                    ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL statement_timeout = 0"]
                {
                    sqlx::raw_sql(sql).execute(&mut *from).await?;
                }
                for table in &tables {
                    let select = table.select();
                    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *from);
                    let mut batch = Batch::new(table);
                    while let Some(row) = rows.try_next().await? {
                        batch
                            .add(&mut sink, |index, kind| match kind {
                                Kind::Int => row.try_get(index).map(Arg::Int),
                                Kind::Text => row.try_get(index).map(Arg::Text),
                                Kind::Bool => row.try_get(index).map(Arg::Bool),
                            })
                            .await?;
                    }
                    counts.push(batch.end(&mut sink, &mut tell).await?);
                }
            }
        }
        sink.end().await?;
        Ok(counts)
    }

    /// Whether nothing of bantin's is in it: no section, article, target or fact.
    pub async fn is_empty(&self) -> Result<bool> {
        let sql = "SELECT (SELECT COUNT(*) FROM sections) + (SELECT COUNT(*) FROM articles)
                     + (SELECT COUNT(*) FROM targets) + (SELECT COUNT(*) FROM meta)";
        Ok(self.row(sql, vec![]).await?.map_or(Ok(0), |row| row.int(0))? == 0)
    }

    /// The rows of each table.
    pub async fn row_counts(&self) -> Result<Vec<(String, u64)>> {
        let names: Vec<String> = match &self.pool {
            Pool::Sqlite { read, .. } => tables(read).await?.into_iter().map(|table| table.name).collect(),
            Pool::Postgres(pool) => {
                let sql = "SELECT tablename::TEXT FROM pg_tables
                           WHERE schemaname = current_schema() AND tablename <> '_sqlx_migrations' ORDER BY tablename";
                sqlx::query_scalar(sql).fetch_all(pool).await?
            }
        };
        self.row_counts_of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// The rows of these tables.
    pub async fn row_counts_of(&self, names: &[&str]) -> Result<Vec<(String, u64)>> {
        let mut counts = Vec::new();
        for name in names {
            let sql = format!("SELECT COUNT(*) FROM {name}");
            let count = self.row(AssertSqlSafe(sql), vec![]).await?.map_or(Ok(0), |row| row.int(0))?;
            counts.push(((*name).to_owned(), count as u64));
        }
        Ok(counts)
    }

    /// Daemons and commands that are connected to the same PostgreSQL database, but for this one.
    pub async fn others_connected(&self) -> Result<i64> {
        let Pool::Postgres(pool) = &self.pool else { return Ok(0) };
        let sql = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'bantin'";
        let all: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
        Ok((all - i64::from(pool.size())).max(0))
    }
}

impl Table {
    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    fn select(&self) -> String {
        format!("SELECT {} FROM {}", self.names(), self.name)
    }
}

/// The tables of the schema with their columns, as SQLite knows them.
async fn tables(pool: &sqlx::SqlitePool) -> Result<Vec<Table>> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                 AND name <> '_sqlx_migrations' ORDER BY rowid";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await?;
    let mut tables = Vec::new();
    for name in names {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(pool)
                .await?;
        let columns = columns
            .into_iter()
            .map(|(column, kind)| match kind.as_str() {
                "BIGINT" => Ok((column, Kind::Int)),
                "TEXT" => Ok((column, Kind::Text)),
                "BOOLEAN" => Ok((column, Kind::Bool)),
                other => Err(StoreError::Value(format!("{name}.{column} is of type {other}"))),
            })
            .collect::<Result<_>>()?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

/// Where rows are written.
struct Sink<'a> {
    store: &'a Store,
    tx: Option<super::sql::Tx>,
    since: u64,
}

impl Sink<'_> {
    async fn begin(&mut self) -> Result<()> {
        if self.store.is_shared() {
            self.run("SET LOCAL statement_timeout = 0".to_owned(), vec![]).await?;
        }
        Ok(())
    }

    async fn run(&mut self, sql: String, args: Vec<Arg>) -> Result<()> {
        if self.tx.is_none() {
            self.tx = Some(self.store.begin().await?);
        }
        if let Some(tx) = &mut self.tx {
            tx.run(AssertSqlSafe(sql), args).await?;
        }
        Ok(())
    }

    async fn wrote(&mut self, rows: u64) -> Result<()> {
        self.since += rows;
        if self.since >= COMMIT && !self.store.is_shared() {
            self.since = 0;
            self.end().await?;
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<()> {
        match self.tx.take() {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }
}

/// Rows of a table on their way.
struct Batch<'a> {
    table: &'a Table,
    values: Vec<Arg>,
    bytes: usize,
    rows: u64,
}

impl<'a> Batch<'a> {
    fn new(table: &'a Table) -> Self {
        Self { table, values: Vec::new(), bytes: 0, rows: 0 }
    }

    async fn add(
        &mut self,
        sink: &mut Sink<'_>,
        read: impl Fn(usize, Kind) -> std::result::Result<Arg, sqlx::Error>,
    ) -> Result<()> {
        for (index, (_, kind)) in self.table.columns.iter().enumerate() {
            let value = read(index, *kind)?;
            self.bytes += if let Arg::Text(Some(text)) = &value { text.len() } else { 8 };
            self.values.push(value);
        }
        self.rows += 1;
        if self.bytes >= BYTES || self.values.len() + self.table.columns.len() > VALUES {
            self.flush(sink).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, sink: &mut Sink<'_>) -> Result<()> {
        let columns = self.table.columns.len();
        let rows = self.values.len() / columns;
        if rows == 0 {
            return Ok(());
        }
        let sql =
            format!("INSERT INTO {} ({}) VALUES {}", self.table.name, self.table.names(), groups(1, rows, columns));
        sink.run(sql, std::mem::take(&mut self.values)).await?;
        self.bytes = 0;
        sink.wrote(rows as u64).await
    }

    async fn end(mut self, sink: &mut Sink<'_>, tell: &mut impl FnMut(&str, u64)) -> Result<(String, u64)> {
        self.flush(sink).await?;
        tell(&self.table.name, self.rows);
        Ok((self.table.name.clone(), self.rows))
    }
}
