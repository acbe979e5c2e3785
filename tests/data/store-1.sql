-- A store as the first form wrote it: `.dump` of SQLite, and the pragmas that it leaves out.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1935767923;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE engines (
            kind TEXT NOT NULL, model TEXT NOT NULL, build TEXT NOT NULL, mode TEXT NOT NULL,
            abilities TEXT NOT NULL,
            PRIMARY KEY (kind, model, build, mode)
        );
INSERT INTO "engines" VALUES('local','abc','1','json_schema','{"grammar": true, "logprobs": true, "context_tokens": 8192}');
CREATE TABLE replies (
            key TEXT PRIMARY KEY,
            kind TEXT NOT NULL, model TEXT NOT NULL, build TEXT NOT NULL, mode TEXT NOT NULL,
            reply TEXT NOT NULL,
            created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ'))
        );
INSERT INTO "replies" VALUES('k','local','abc','1','json_schema','{"text":"yes","model":"m","mode":"text","usage":{"calls":1,"input_tokens":11,"output_tokens":0,"cached_tokens":0,"cost_usd":null,"cache_hits":0,"seconds":0.0},"finish_reason":"stop","tokens":[],"attempts":[]}','2026-11-24T07:25:20Z');
COMMIT;
