-- A document tied to a kernel, kept so that a restarted hub shows the same sessions for the kernels it found again.
CREATE TABLE sessions (
  id        TEXT    PRIMARY KEY,
  user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  path      TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  type      TEXT    NOT NULL,
  kernel_id TEXT    NOT NULL
) STRICT;

CREATE INDEX sessions_of_user ON sessions (user_id);
