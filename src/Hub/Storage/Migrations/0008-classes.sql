-- guest: a temporary account without a password, which goes with its class.
ALTER TABLE users ADD COLUMN guest INTEGER NOT NULL DEFAULT 0;

-- folder: what the class' folder in a home is called if that is free. code: as it is written on the board, NULL when there is none. cpu_milli: thousandths of a processor.
-- materials_user: whose home the materials lie in, at materials_path; NULL is the class' own directory.
CREATE TABLE classes (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  name           TEXT    NOT NULL,
  folder         TEXT    NOT NULL,
  environment    TEXT    NOT NULL,
  max_kernels    INTEGER,
  memory_bytes   INTEGER,
  cpu_milli      INTEGER,
  capacity       INTEGER NOT NULL,
  guests         INTEGER NOT NULL,
  opens          INTEGER,
  closes         INTEGER,
  materials_user INTEGER REFERENCES users (id) ON DELETE SET NULL,
  materials_path TEXT    NOT NULL,
  code           TEXT    UNIQUE,
  code_closed    INTEGER NOT NULL DEFAULT 0,
  code_expires   INTEGER,
  code_max_uses  INTEGER,
  code_uses      INTEGER NOT NULL DEFAULT 0,
  created        INTEGER NOT NULL,
  ended          INTEGER
) STRICT;

-- folder: the class' folder in this member's home, NULL until it was made; never one that was there before.
-- handed_out: when the materials were last copied into it, NULL while they wait.
CREATE TABLE class_members (
  class_id   INTEGER NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  teacher    INTEGER NOT NULL,
  joined     INTEGER NOT NULL,
  folder     TEXT,
  handed_out INTEGER,
  PRIMARY KEY (class_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX class_members_of_user ON class_members (user_id);
