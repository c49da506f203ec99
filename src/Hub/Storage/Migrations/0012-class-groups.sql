-- group_id: the group that teachers of a running class reach their students by; NULL when the class is over. Who teaches is not in it.
ALTER TABLE classes ADD COLUMN group_id INTEGER REFERENCES user_groups (id) ON DELETE SET NULL;

INSERT INTO user_groups (name, source, properties, created)
  SELECT 'class-' || id, 'the class', '{}', created FROM classes WHERE ended IS NULL ON CONFLICT (name) DO NOTHING;

UPDATE classes SET group_id = (SELECT g.id FROM user_groups g WHERE g.name = 'class-' || classes.id AND g.source = 'the class') WHERE ended IS NULL;

-- Of members from before nobody knows whether they came themselves, but for guests: people with accounts agree by using the code again.
INSERT INTO group_members (group_id, user_id)
  SELECT c.group_id, m.user_id FROM class_members m JOIN classes c ON c.id = m.class_id JOIN users u ON u.id = m.user_id
  WHERE c.group_id IS NOT NULL AND m.teacher = 0 AND u.guest = 1;
