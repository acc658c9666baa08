-- What one of several verifiers does for all of them, for as long as it says that it is there.
CREATE TABLE lease (
    name    TEXT COLLATE "C" PRIMARY KEY,
    holder  BYTEA NOT NULL,                     -- of a process, random
    ends_at BIGINT NOT NULL
);

-- The sections that the verifier which started last was given, as keyed digests.
CREATE TABLE configuration_section (
    section TEXT COLLATE "C" PRIMARY KEY,
    digest  BYTEA NOT NULL
);
