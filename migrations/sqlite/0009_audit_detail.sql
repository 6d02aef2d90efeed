-- What else is to be known of an entry: the reason of a revocation, or what was changed of a user or a client.
ALTER TABLE auth_log_details ADD COLUMN detail TEXT;
