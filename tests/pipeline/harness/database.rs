//! A fresh database for each test: a file in the test's folder, or a database of its own on the server that
//! `BANTIN_TEST_POSTGRES` names.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// Where bantin keeps its state in a test.
pub struct Database {
    url: String,
    server: Option<String>,
}

impl Database {
    /// `data/bantin.db` beside the configuration.
    pub fn sqlite() -> Self {
        Self { url: "sqlite:data/bantin.db".to_owned(), server: None }
    }

    /// A new database, dropped at the end; `None` without a server.
    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("BANTIN_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let name = format!("bantin_test_{}", data_encoding::HEXLOWER.encode(&bantin::clock::random_bytes::<8>()));
        execute(&server, format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(&server).expect("BANTIN_TEST_POSTGRES is an address");
        url.set_path(&name);
        Some(Self { url: url.to_string(), server: Some(server) })
    }

    /// What `BANTIN_TEST_ENGINE` names: `postgres`, a new database on the tests' server; without it SQLite.
    #[allow(dead_code, reason = "not all tests that share this harness run on both")]
    pub async fn chosen() -> Self {
        if !is_postgres() {
            return Self::sqlite();
        }
        Self::postgres().await.expect("BANTIN_TEST_ENGINE=postgres needs a server in BANTIN_TEST_POSTGRES")
    }

    /// Not taken away at the end: it goes with the tests' server.
    #[allow(dead_code, reason = "not all tests that share this harness need it")]
    pub fn left(mut self) -> Self {
        self.server = None;
        self
    }

    /// Any other, which somebody else takes away.
    #[allow(dead_code, reason = "the tests of faults share this harness")]
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), server: None }
    }

    /// As `[database] url` has it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Whether `BANTIN_TEST_ENGINE` asks for PostgreSQL.
#[allow(dead_code, reason = "not all tests that share this harness run on both")]
pub fn is_postgres() -> bool {
    std::env::var("BANTIN_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let name = self.url.rsplit('/').next().unwrap_or_default().to_owned();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        let _ = dropping.join();
    }
}

async fn execute(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.expect("BANTIN_TEST_POSTGRES must be reachable");
    connection.execute(AssertSqlSafe(sql)).await.expect("a server where databases may be made");
    let _ = connection.close().await;
}
