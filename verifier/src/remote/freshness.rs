//! For how long an answer is good, by what it says of itself (RFC 9111 section 5.2, RFC 5861 section 3).

use std::time::Duration;

use crate::fetch::Answer;

/// What an answer says of its age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// For how long it is good from now on; nothing where it does not say.
    pub(crate) max_age: Option<Duration>,
    /// For how long after that it may be used while another one is fetched.
    pub(crate) stale_while_revalidate: Duration,
}

impl Freshness {
    pub(crate) fn of(answer: &Answer) -> Self {
        let mut freshness = Self::default();
        for directive in answer.cache_control.as_deref().unwrap_or_default().split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                // What must not be kept at all is kept for as long as nothing may be asked anyway.
                "no-store" | "no-cache" => return Self { max_age: Some(Duration::ZERO), ..Self::default() },
                "max-age" => freshness.max_age = Some(seconds(value).unwrap_or_default()),
                "stale-while-revalidate" => freshness.stale_while_revalidate = seconds(value).unwrap_or_default(),
                _ => {}
            }
        }
        let age = answer.age.as_deref().and_then(seconds).unwrap_or_default();
        freshness.max_age = freshness.max_age.map(|max_age| max_age.saturating_sub(age));
        freshness
    }
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().trim_matches('"').parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cache_control: &str, age: Option<&str>) -> (Option<u64>, u64) {
        let (cache_control, age) = (Some(cache_control.to_owned()), age.map(str::to_owned));
        let freshness = Freshness::of(&Answer { cache_control, age, ..Answer::default() });
        (freshness.max_age.map(|age| age.as_secs()), freshness.stale_while_revalidate.as_secs())
    }

    #[test]
    fn an_answer_says_for_how_long_it_is_good() {
        assert_eq!(Freshness::of(&Answer::default()), Freshness::default());
        assert_eq!(of("public, max-age=300", None), (Some(300), 0));
        assert_eq!(of("Max-Age=\"300\", stale-while-revalidate=60", Some("100")), (Some(200), 60));
        assert_eq!(of("max-age=300", Some("900")), (Some(0), 0));
        assert_eq!(of("max-age=300, no-store", None), (Some(0), 0));
        assert_eq!(of("no-cache", None), (Some(0), 0));
        assert_eq!(of("max-age=soon", None), (Some(0), 0));
        assert_eq!(of("s-maxage=9", Some("x")), (None, 0));
    }
}
