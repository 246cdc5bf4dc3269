//! Starting and stopping: signals, the order of an orderly stop, named points where a test may kill bantin,
//! and what `/readyz` says meanwhile.

/// A named point at which a test may stop bantin for ever, to kill it there. `BANTIN_FAULT=point[:n]` makes a
/// debug build say so on standard error at the n-th passage, and wait. A release build has no such points.
pub async fn fault(point: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::LazyLock;
        use std::sync::atomic::{AtomicU64, Ordering};
        static WANTED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
            let text = std::env::var("BANTIN_FAULT").ok()?;
            let (point, n) = text.split_once(':').unwrap_or((&text, "1"));
            Some((point.to_owned(), n.parse().unwrap_or(1)))
        });
        static PASSED: AtomicU64 = AtomicU64::new(0);
        if let Some((wanted, n)) = WANTED.as_ref()
            && wanted == point
            && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *n
        {
            eprintln!("fault point reached: {point}");
            std::future::pending::<()>().await;
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = point;
}
