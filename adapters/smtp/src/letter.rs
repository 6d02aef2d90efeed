//! The words of a mail: its subject, and what it says as plain text and as HTML.

use jwksd_domain::mail::{Mail, Message, ResetAdvice};
use zeroize::Zeroizing;

/// A mail in words. Has no `Debug`: it tells a secret.
pub struct Letter {
    /// The subject, which tells no secret: it is what lock screens show.
    pub subject: &'static str,
    /// The plain text, lines ended by `\n`.
    pub text: Zeroizing<String>,
    /// The same as HTML; loads nothing from elsewhere.
    pub html: Zeroizing<String>,
}

/// What stands in a letter between its greeting and its end.
struct Body<'a> {
    lead: &'a str,
    /// The secret, in a line of its own.
    secret: &'a str,
    is_link: bool,
    rest: String,
}

impl Letter {
    /// The letter for `mail`.
    pub fn of(mail: &Mail) -> Self {
        let life = minutes(mail);
        match &mail.message {
            Message::SignInCode(code) => Self::written(
                "Your code for signing in",
                &Body {
                    lead: "Your code for signing in is:",
                    secret: &code.expose(),
                    is_link: false,
                    rest: format!(
                        "It is good once, for {life}. If you did not ask for it, do nothing: without the code nobody gets in. Give it to nobody."
                    ),
                },
            ),
            Message::PasswordReset(advice) => {
                let (lead, secret, is_link) = match advice {
                    ResetAdvice::Link(link) => ("Follow this link to choose a new password:", link, true),
                    ResetAdvice::Token(token) => ("Your token for setting a new password is:", token, false),
                };
                Self::written(
                    "Choose a new password",
                    &Body {
                        lead,
                        secret,
                        is_link,
                        rest: format!(
                            "It is good once, for {life}. If you did not ask for it, do nothing: your password stays as it is."
                        ),
                    },
                )
            }
        }
    }

    fn written(subject: &'static str, body: &Body<'_>) -> Self {
        let Body { lead, secret, is_link, rest } = body;
        let text = Zeroizing::new(format!("{lead}\n\n    {secret}\n\n{rest}\n"));
        let shown = escaped(secret);
        let line = match is_link {
            true => Zeroizing::new(format!("<a href=\"{}\">{}</a>", *shown, *shown)),
            false => Zeroizing::new(format!("<strong style=\"font-size:1.5em\">{}</strong>", *shown)),
        };
        let html = Zeroizing::new(format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{subject}</title></head>\n<body style=\"font-family:sans-serif\">\n<p>{}</p>\n<p>{}</p>\n<p>{}</p>\n</body>\n</html>\n",
            *escaped(lead),
            *line,
            *escaped(rest),
        ));
        Self { subject, text, html }
    }
}

fn minutes(mail: &Mail) -> String {
    match mail.life().as_secs() / 60 {
        60 => "an hour".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// Text as it stands in HTML, in attributes too.
fn escaped(text: &str) -> Zeroizing<String> {
    // Room for the longest escapes, so that no copy is left behind by growing.
    let mut html = Zeroizing::new(String::with_capacity(6 * text.len()));
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            plain => html.push(plain),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use jwksd_domain::otp::{OtpId, ResetPage, ResetToken, SignInCode};
    use jwksd_domain::time::Timestamp;
    use jwksd_domain::user::Email;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn jane() -> Email {
        Email::parse("jane@example.com").unwrap()
    }

    fn reset(page: Option<&str>) -> Letter {
        let page = page.map(|text| ResetPage::parse(text).unwrap());
        let token = ResetToken::new(OtpId::new([1; 16]), [2; 32]);
        Letter::of(&Mail::password_reset(jane(), &token, page.as_ref(), NOW))
    }

    #[test]
    fn both_parts_tell_the_code_and_the_subject_does_not() {
        let letter = Letter::of(&Mail::sign_in(jane(), SignInCode::parse("012345").unwrap(), NOW));
        assert!(letter.text.contains("    012345\n") && letter.text.contains("for 10 minutes"), "{}", *letter.text);
        assert!(letter.html.contains(">012345</strong>"), "{}", *letter.html);
        assert!(!letter.subject.contains("012345"));
    }

    #[test]
    fn a_link_can_be_followed_and_nothing_in_it_becomes_markup() {
        let letter = reset(Some("https://app.example.com/?a=1&b=\"'<script>{token}"));
        assert!(letter.text.contains("https://app.example.com/?a=1&b=\"'<script>AQEB"), "{}", *letter.text);
        assert!(letter.html.contains("<a href=\"https://app.example.com/?a=1&amp;b=&quot;&#39;&lt;script&gt;AQEB"));
        assert!(!letter.html.contains("<script"), "{}", *letter.html);
        assert!(letter.text.contains("for an hour"));
    }

    #[test]
    fn without_a_page_the_token_is_told() {
        let letter = reset(None);
        assert!(letter.text.contains("Your token") && letter.html.contains("<strong"), "{}", *letter.text);
        assert!(!letter.html.contains("href"), "{}", *letter.html);
    }
}
