"""The journal's tables."""

TABLES = """
CREATE TABLE root (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
);
-- what is sent as one dataset: a file, or a group of files
CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    root_id INTEGER NOT NULL REFERENCES root(id),
    key TEXT NOT NULL,             -- path of its main file or of its folder, below the root, with /
    grouping TEXT NOT NULL,        -- file, pair, stem, folder
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',   -- words about the state
    problem TEXT,                  -- kind of what is wrong, stable
    rule INTEGER,                  -- which rule fitted, counted from 1
    project TEXT,
    sample TEXT,                   -- as the rule says it
    kind TEXT,
    size INTEGER NOT NULL DEFAULT 0,
    mtime_ns INTEGER NOT NULL DEFAULT 0,
    clock_offset_s REAL,           -- how far the PC was ahead at the last change
    found_at REAL NOT NULL,        -- moments are the PC's own, seconds since 1970
    settled_at REAL,
    sent_at REAL,
    sha256 TEXT,
    dataset_id TEXT,
    upload TEXT,                   -- JSON: what the transfer on its way was begun with
    offset INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    poll_at REAL NOT NULL DEFAULT 0,   -- when to look again, by the steady clock of this run
    UNIQUE (root_id, key)
);
CREATE INDEX unit_state ON unit (state, poll_at);
CREATE TABLE file (
    root_id INTEGER NOT NULL REFERENCES root(id),
    path TEXT NOT NULL,            -- below the root, with /
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    unit_id INTEGER NOT NULL REFERENCES unit(id),
    PRIMARY KEY (root_id, path)
) WITHOUT ROWID;
CREATE INDEX file_unit ON file (unit_id);
-- every content that reached the service, for ever
CREATE TABLE content (
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    project TEXT NOT NULL,
    sample_id TEXT NOT NULL,       -- '' without one
    dataset_id TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (sha256, project, sample_id)
) WITHOUT ROWID;
CREATE INDEX content_size ON content (size);
-- custody events and exposures typed at the PC
CREATE TABLE happening (
    id TEXT PRIMARY KEY,           -- client_event_id
    what TEXT NOT NULL,            -- events, exposures
    sample TEXT NOT NULL,
    body TEXT NOT NULL,
    typed_at REAL NOT NULL,
    clock_offset_s REAL,
    state TEXT NOT NULL,           -- waiting, held, sent, failed
    reason TEXT NOT NULL DEFAULT '',
    problem TEXT,
    answer_id TEXT,
    poll_at REAL NOT NULL DEFAULT 0
);
CREATE TABLE sample (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE INDEX sample_code ON sample (code);
CREATE INDEX sample_name ON sample (name);
-- single values: the clock, what is wrong with the whole
CREATE TABLE note (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at REAL NOT NULL
);
"""

# of version 2: when a unit was not yet seen as it is, series that grow, and the units that are their parts
TABLES_2 = """
ALTER TABLE unit ADD COLUMN looked_s REAL;  -- last look at its folder before it was seen so, by the service's time
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    root_id INTEGER NOT NULL REFERENCES root(id),
    key TEXT NOT NULL,             -- path of its folder or stem, below the root, with /
    rule INTEGER NOT NULL,         -- which rule makes it live, counted from 1
    request TEXT,                  -- JSON: body and Idempotency-Key it was begun with
    series_id TEXT,
    state TEXT NOT NULL DEFAULT 'waiting',  -- waiting, open, held, closing, sealed, failed
    reason TEXT NOT NULL DEFAULT '',
    problem TEXT,
    found_at REAL NOT NULL,
    poll_at REAL NOT NULL DEFAULT 0,   -- when to look again, by the steady clock of this run
    UNIQUE (root_id, key)
);
CREATE TABLE part (
    unit_id INTEGER PRIMARY KEY REFERENCES unit(id) ON DELETE CASCADE,
    series INTEGER NOT NULL REFERENCES series(id),
    number INTEGER,                -- as its name says, unless a side-car says it
    place REAL,                    -- tilt [deg] or depth [nm], likewise
    state TEXT NOT NULL DEFAULT 'waiting',  -- waiting, held, added, refused
    reason TEXT NOT NULL DEFAULT '',
    problem TEXT
);
CREATE INDEX part_series ON part (series, state);
"""

# of version 3: the look that saw a unit as it is
TABLES_3 = "ALTER TABLE unit ADD COLUMN seen_s REAL;"  # by the service's time

STEPS = (TABLES, TABLES_2, TABLES_3)
VERSION = len(STEPS)
