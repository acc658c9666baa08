-- What one of several verifiers does for all of them, for as long as it says that it is there.
CREATE TABLE lease (
    name    TEXT PRIMARY KEY,
    holder  BLOB NOT NULL,                      -- of a process, random
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The sections that the verifier which started last was given, as keyed digests.
CREATE TABLE configuration_section (
    section TEXT PRIMARY KEY,
    digest  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
