-- source: the sign-in provider that says who is in the group; null for groups that are filled here. properties: a JSON object.
CREATE TABLE user_groups (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT    NOT NULL UNIQUE,
  source     TEXT,
  properties TEXT    NOT NULL,
  created    INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
  user_id  INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
) STRICT;

CREATE INDEX group_members_of_user ON group_members (user_id);
