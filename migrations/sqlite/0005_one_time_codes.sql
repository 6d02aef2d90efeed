-- One-time codes that are out: the digits for a login, the token that sets a password anew. Instants are Unix milliseconds.
--
-- None of them stands here: of each the hash, under a key of its own that is sealed with the encryption key. The id is made of
-- the purpose and the address, so a new code takes the place of the one before.
CREATE TABLE one_time_codes (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    sealed_key BLOB NOT NULL,
    sealed_by TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts_left INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX one_time_codes_by_expiry ON one_time_codes (expires_at);

-- Whether the address of a user is known to be the user's: mail arrived there, or an administrator vouches for it.
ALTER TABLE user_details ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1));
