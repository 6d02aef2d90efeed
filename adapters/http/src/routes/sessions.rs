//! Sessions: opening one with a password or a code, keeping it going, and ending it.

use std::sync::Arc;

use jwksd_domain::audit::Origin;
use jwksd_domain::session::{Session, SessionId};
use jwksd_domain::usecase::{
    EndSessions, Ending, ListSessions, LogInToSession, LogInWithCode, LogOut, LogOutError, RefreshSession,
    SessionOpened, Showing,
};
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use super::session_tokens::{
    LogOutRequest, RefreshAnswer, RefreshRequest, SessionAttempt, SessionCredentials, SessionTokensResponse, worded,
};
use super::tokens::{self, LogInAnswer};
use crate::extract::{BEARER_CHALLENGE, Body, ClientOrigin, KnownCaller, OptionalBody, PossibleCaller};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered, Reply};

/// A session of the caller; instants in RFC 3339.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct SessionEntry {
    /// The id, which is also the `sid` of its tokens.
    sid: String,
    /// Whether the call was made in this one.
    current: bool,
    /// When it was opened.
    created_at: String,
    /// When it was last refreshed, or opened.
    last_used_at: String,
    /// From when on it is over if it is not refreshed before.
    expires_at: String,
    /// The address that the login came from.
    ip: String,
    /// The user agent of the login.
    user_agent: Option<String>,
    /// How the user was authenticated (RFC 8176).
    amr: Vec<String>,
}

/// The caller's sessions.
#[derive(Object)]
pub(crate) struct SessionList {
    /// Those that are live, the one opened last first; 200 at most.
    sessions: Vec<SessionEntry>,
}

/// How many sessions were ended.
#[derive(Object)]
pub(crate) struct SessionsEnded {
    /// How many there were.
    ended: u64,
}

/// What listing sessions comes to.
#[derive(ApiResponse)]
pub(crate) enum SessionListAnswer {
    /// The sessions.
    #[oai(status = 200)]
    Found(Json<SessionList>),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What a logout comes to.
#[derive(ApiResponse)]
pub(crate) enum LogOutAnswer {
    /// The session is over, if it was not before.
    #[oai(status = 204)]
    Done,
    /// Neither a bearer token nor a refresh token was given, or it is not valid.
    #[oai(status = 401)]
    Refused(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What ending one session comes to.
#[derive(ApiResponse)]
pub(crate) enum EndAnswer {
    /// It is over.
    #[oai(status = 204)]
    Done,
    /// The caller has no such session, or it is over already.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What ending the other sessions comes to.
#[derive(ApiResponse)]
pub(crate) enum EndOthersAnswer {
    /// They are over.
    #[oai(status = 200)]
    Done(Json<SessionsEnded>),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What is done with sessions.
pub(crate) struct Sessions {
    /// Lets users in.
    pub(crate) log_in: Arc<LogInToSession>,
    /// Lets in who shows a code, where codes are mailed.
    pub(crate) log_in_with_code: Option<Arc<LogInWithCode>>,
    /// Keeps sessions going.
    pub(crate) refresh: Arc<RefreshSession>,
    /// Logs users out.
    pub(crate) log_out: Arc<LogOut>,
    /// Tells users of their sessions.
    pub(crate) list: Arc<ListSessions>,
    /// Ends sessions from elsewhere.
    pub(crate) end: Arc<EndSessions>,
}

#[OpenApi]
impl Sessions {
    /// Log in to a session.
    ///
    /// Takes a user name and a password, or, where codes are mailed, an e-mail address and its code.
    #[oai(path = "/auth/login", method = "post", operation_id = "logInToSession", tag = "Capability::Sessions")]
    async fn log_in(
        &self,
        origin: ClientOrigin,
        body: Body<SessionCredentials>,
    ) -> Reply<Metered<LogInAnswer<SessionTokensResponse>>> {
        let attempt = match body.0.attempt(origin.0) {
            Ok(attempt) => attempt,
            Err(problem) => return Metered::unmetered(LogInAnswer::Invalid(problem)).into(),
        };
        let opened = match (attempt, &self.log_in_with_code) {
            (SessionAttempt::Password(attempt), _) => self.log_in.run(attempt).await,
            (SessionAttempt::Code(attempt), Some(log_in)) => log_in.run(attempt).await,
            (SessionAttempt::Code(_), None) => {
                let problem = Problem::with(&kind::INVALID_FIELD, "otp", "is not taken here: log in with a password");
                return Metered::unmetered(LogInAnswer::Invalid(problem)).into();
            }
        };
        let opened = opened.map(|SessionOpened { tokens, allowance }| (tokens.into(), allowance));
        tokens::worded(opened, BEARER_CHALLENGE).into()
    }

    /// Get the next tokens of a session.
    ///
    /// Each refresh token has one successor. Who did not receive it sends the same refresh again, as late as they like, and is
    /// answered with the same one, until somebody uses it; then, after a short grace, the spent token ends the session.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refreshSession", tag = "Capability::Sessions")]
    async fn refresh(&self, origin: ClientOrigin, body: Body<RefreshRequest>) -> Reply<RefreshAnswer> {
        worded(self.refresh.run(&body.0.refresh_token, origin.0).await).into()
    }

    /// Log out: end the session of a refresh token, or else of the bearer token.
    ///
    /// A token that is of no session, as `POST /auth` gives it, is called back itself.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logOut", tag = "Capability::Sessions")]
    async fn log_out(
        &self,
        origin: ClientOrigin,
        caller: PossibleCaller,
        body: OptionalBody<LogOutRequest>,
    ) -> Reply<LogOutAnswer> {
        let showing = match (body.0.and_then(|request| request.refresh_token), caller.0) {
            (Some(token), _) => Showing::Refresh(token),
            (None, Ok(caller)) => Showing::Access(Box::new(caller)),
            (None, Err(problem)) => return Reply::Refused(problem.into()),
        };
        match self.log_out.run(showing, origin.0).await {
            Ok(()) => LogOutAnswer::Done.into(),
            Err(LogOutError::Unknown) => LogOutAnswer::Refused(Problem::of(&kind::INVALID_REFRESH_TOKEN)).into(),
            Err(LogOutError::Unavailable(cause)) => LogOutAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// List your sessions.
    #[oai(path = "/auth/sessions", method = "get", operation_id = "listSessions", tag = "Capability::Sessions")]
    async fn list(&self, caller: KnownCaller) -> Reply<SessionListAnswer> {
        match self.list.run(&caller.0).await {
            Ok(sessions) => {
                let entry = |session| SessionEntry::of(session, &caller.0.claims.sid);
                let sessions = sessions.into_iter().map(entry).collect();
                SessionListAnswer::Found(Json(SessionList { sessions })).into()
            }
            Err(cause) => SessionListAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// End all your sessions but the one that the bearer token is of.
    #[oai(path = "/auth/sessions", method = "delete", operation_id = "endOtherSessions", tag = "Capability::Sessions")]
    async fn end_others(&self, caller: KnownCaller, origin: ClientOrigin) -> Reply<EndOthersAnswer> {
        match self.end.run(&caller.0, Ending::Others, origin.0).await {
            Ok(ended) => EndOthersAnswer::Done(Json(SessionsEnded { ended })).into(),
            Err(cause) => EndOthersAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// End one of your sessions.
    #[oai(path = "/auth/sessions/:sid", method = "delete", operation_id = "endSession", tag = "Capability::Sessions")]
    async fn end(
        &self,
        caller: KnownCaller,
        origin: ClientOrigin,
        /// The id of the session, as `GET /auth/sessions` lists it.
        sid: Path<String>,
    ) -> Reply<EndAnswer> {
        let Some(id) = SessionId::parse(&sid.0) else { return unknown().into() };
        match self.end.run(&caller.0, Ending::One(id), origin.0).await {
            Ok(0) => unknown().into(),
            Ok(_) => EndAnswer::Done.into(),
            Err(cause) => EndAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }
}

fn unknown() -> EndAnswer {
    EndAnswer::Unknown(Problem::of(&kind::SESSION_NOT_FOUND))
}

impl SessionEntry {
    /// `session` as its user sees it in a call with the session `current`.
    fn of(session: Session, current: &str) -> Self {
        let Session { id, methods, origin, created_at, last_used_at, idle_expires_at, .. } = session;
        let sid = id.to_string();
        let Origin { ip, user_agent, administrator: _ } = origin;
        Self {
            current: sid == current,
            sid,
            created_at: created_at.to_string(),
            last_used_at: last_used_at.to_string(),
            expires_at: idle_expires_at.to_string(),
            ip: ip.to_string(),
            user_agent,
            amr: methods.into_iter().map(|method| method.as_str().to_owned()).collect(),
        }
    }
}
