-- Times are microseconds since 1970-01-01, UTC. Flags are 0 or 1. Secrets are kept as SHA-256, in lower-case hexadecimal.

-- AUTOINCREMENT: an id is never given twice, since the uid of a user's kernels and files follows from it.
CREATE TABLE users (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  name           TEXT    NOT NULL UNIQUE,
  display_name   TEXT    NOT NULL,
  admin          INTEGER NOT NULL DEFAULT 0,
  disabled       INTEGER NOT NULL DEFAULT 0,
  password_hash  TEXT,
  security_stamp TEXT    NOT NULL,
  created        INTEGER NOT NULL,
  last_activity  INTEGER
) STRICT;

-- from_setting: the token comes from Hub:AdminToken and goes when the setting goes.
CREATE TABLE api_tokens (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash          TEXT    NOT NULL UNIQUE,
  note          TEXT    NOT NULL,
  scopes        TEXT    NOT NULL,
  from_setting  INTEGER NOT NULL DEFAULT 0,
  created       INTEGER NOT NULL,
  last_activity INTEGER,
  expires_at    INTEGER
) STRICT;

CREATE INDEX api_tokens_of_user ON api_tokens (user_id);

-- security_stamp: the user's at sign-in; once the user's has changed, the sign-in is over.
CREATE TABLE sign_ins (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash           TEXT    NOT NULL UNIQUE,
  security_stamp TEXT    NOT NULL,
  created        INTEGER NOT NULL,
  last_activity  INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_ins_of_user ON sign_ins (user_id);

-- One-time links that let a user set a password.
CREATE TABLE password_links (
  hash       TEXT    PRIMARY KEY,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX password_links_of_user ON password_links (user_id);
