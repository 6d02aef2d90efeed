//! The macro that expands a suite: one test a case, named after it.

/// Expands to one `#[tokio::test]` for each case of a suite; the suites' own macros call it.
#[doc(hidden)]
#[macro_export]
macro_rules! expand_cases {
    ($suite:ident, $make:ident, [$($case:ident),+ $(,)?]) => {
        mod $suite {
            $(
                #[$crate::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "jwksd_testkit::tokio")]
                async fn $case() {
                    let subject = super::$make().await;
                    $crate::suites::$suite::$case(&subject).await;
                }
            )+
        }
    };
}
