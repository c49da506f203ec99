-- What happens while a class meets. A raised hand goes with who raised it.
CREATE TABLE class_hands (
  class_id INTEGER NOT NULL,
  user_id  INTEGER NOT NULL,
  raised   INTEGER NOT NULL,
  PRIMARY KEY (class_id, user_id),
  FOREIGN KEY (class_id, user_id) REFERENCES class_members (class_id, user_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a class was told. path: the file it is about, within the class' folder; NULL for words alone. by_name: kept as it was then, since who said it may be gone.
CREATE TABLE class_messages (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  class_id INTEGER NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  said     INTEGER NOT NULL,
  by_name  TEXT    NOT NULL,
  text     TEXT    NOT NULL,
  path     TEXT
) STRICT;

CREATE INDEX class_messages_of_class ON class_messages (class_id, id);
