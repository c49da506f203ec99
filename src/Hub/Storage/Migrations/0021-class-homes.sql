-- What the home of a member may hold at least, in bytes, until the class is ended; null says nothing.
ALTER TABLE classes ADD COLUMN home_quota_bytes INTEGER;
