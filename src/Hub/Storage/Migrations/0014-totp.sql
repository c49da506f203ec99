-- Two-step sign-in. secret: sealed with the hub's protection keys, which are not in the database. last_step: of the last code that was used (Unix time / 30 s).
CREATE TABLE totp (
  user_id   INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret    TEXT    NOT NULL,
  last_step INTEGER NOT NULL,
  created   INTEGER NOT NULL
) STRICT;

-- Each works once; kept as SHA-256 of 80 random bits.
CREATE TABLE recovery_codes (
  hash    TEXT    PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX recovery_codes_of_user ON recovery_codes (user_id);
