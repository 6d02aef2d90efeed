//! What an answer of a service is worth: a function of what it should have been and of its status.

use super::Verdict;

/// What a service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The status of the answer.
    Status(u16),
    /// None within the time that there was.
    TooLate,
    /// None: the connection was refused, or broke.
    Broken,
}

/// What that is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is what it must be.
    Right,
    /// It counts for nothing, since both answers keep to the rule; whether the token was let in.
    Left {
        /// It was.
        accepted: bool,
    },
    /// It is not what it must be.
    Wrong(Shortcoming),
}

/// What is not as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcoming {
    /// The token was let in.
    Accepted,
    /// A good token was not let in.
    Refused,
    /// The service failed (5xx), or broke the connection.
    Failed,
    /// It did not answer in time.
    Late,
    /// The status says neither that the token was let in nor that it was not.
    Unclear,
}

impl Verdict {
    /// What `answer` is worth where this is the verdict. A service refuses by 401 and 403, or says that the request is malformed
    /// (400, RFC 6750 section 3.1) or too long (413, 414, 431).
    pub const fn mark(self, answer: Answer) -> Mark {
        match (answer, self) {
            (Answer::TooLate, _) => Mark::Wrong(Shortcoming::Late),
            (Answer::Broken | Answer::Status(500..), _) => Mark::Wrong(Shortcoming::Failed),
            (Answer::Status(200..=299), Self::Accept) => Mark::Right,
            (Answer::Status(200..=299), Self::Refuse) => Mark::Wrong(Shortcoming::Accepted),
            (Answer::Status(200..=299), Self::Either) => Mark::Left { accepted: true },
            (Answer::Status(400 | 401 | 403 | 413 | 414 | 431), Self::Accept) => Mark::Wrong(Shortcoming::Refused),
            (Answer::Status(400 | 401 | 403 | 413 | 414 | 431), Self::Refuse) => Mark::Right,
            (Answer::Status(400 | 401 | 403 | 413 | 414 | 431), Self::Either) => Mark::Left { accepted: false },
            (Answer::Status(_), _) => Mark::Wrong(Shortcoming::Unclear),
        }
    }
}

impl Shortcoming {
    /// Its stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::Unclear => "unclear",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERDICTS: [Verdict; 3] = [Verdict::Accept, Verdict::Refuse, Verdict::Either];

    #[test]
    fn a_good_token_is_let_in_by_any_success() {
        for status in [200, 204, 206] {
            assert_eq!(Verdict::Accept.mark(Answer::Status(status)), Mark::Right);
            assert_eq!(Verdict::Refuse.mark(Answer::Status(status)), Mark::Wrong(Shortcoming::Accepted));
            assert_eq!(Verdict::Either.mark(Answer::Status(status)), Mark::Left { accepted: true });
        }
    }

    #[test]
    fn a_bad_one_is_refused_by_what_says_so() {
        for status in [400, 401, 403, 413, 414, 431] {
            assert_eq!(Verdict::Accept.mark(Answer::Status(status)), Mark::Wrong(Shortcoming::Refused));
            assert_eq!(Verdict::Refuse.mark(Answer::Status(status)), Mark::Right);
            assert_eq!(Verdict::Either.mark(Answer::Status(status)), Mark::Left { accepted: false });
        }
    }

    #[test]
    fn what_breaks_is_a_finding_whatever_it_was_asked() {
        for verdict in VERDICTS {
            for answer in [Answer::Status(500), Answer::Status(503), Answer::Status(599), Answer::Broken] {
                assert_eq!(verdict.mark(answer), Mark::Wrong(Shortcoming::Failed));
            }
            assert_eq!(verdict.mark(Answer::TooLate), Mark::Wrong(Shortcoming::Late));
        }
    }

    #[test]
    fn an_answer_about_something_else_shows_nothing() {
        for verdict in VERDICTS {
            for status in [100, 302, 404, 405, 429] {
                assert_eq!(verdict.mark(Answer::Status(status)), Mark::Wrong(Shortcoming::Unclear), "{status}");
            }
        }
    }
}
