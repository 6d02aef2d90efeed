-- Sessions: what a login opened and what keeps it going. Instants are Unix milliseconds.
--
-- No refresh token stands here: of the newest one the SHA-256 hash, and the secret that they are derived from, sealed.
-- `spent_at` holds the instants at which the tokens before the newest one were spent, as far as they are within the grace.
CREATE TABLE sessions (
    sid TEXT NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    username TEXT NOT NULL,
    methods TEXT NOT NULL,
    request_ip TEXT NOT NULL,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed_secret BLOB NOT NULL,
    sealed_by TEXT NOT NULL,
    generation INTEGER NOT NULL,
    token_hash BLOB NOT NULL,
    spent_at TEXT NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
