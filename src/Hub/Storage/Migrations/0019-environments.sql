-- Environments made in the panel; those of the configuration are not here. settings: a JSON object, as one entry of Kernels:Specs. pin: whether kernels stay
-- with the image that was there first; pinned: its id, NULL until it is there.
CREATE TABLE environments (
  name     TEXT    PRIMARY KEY,
  settings TEXT    NOT NULL,
  pin      INTEGER NOT NULL,
  pinned   TEXT,
  changed  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
