"""agent/store: what is kept comes back as it was put, on both databases."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.engine import Abilities, Attempt, Identity, Reply, TokenChoice, Usage
from agent.errors import StoreError
from agent.schema import Extraction
from agent.store import Failure, Forgotten, Store
from agent.store.place import read_place
from postgresql_server import PostgresqlServer
from sample_records import sample

WHO = Identity("local", "abc", build="1", mode="json_schema")
CAN = Abilities(grammar=True, logprobs=True, context_tokens=8192)
REPLY = Reply(
    text="“yes”",
    model="m",
    mode="grammar",
    usage=Usage(calls=2, input_tokens=11, output_tokens=3, cost_usd=0.5, seconds=1.25),
    finish_reason="stop",
    tokens=(TokenChoice("yes", -0.1, (("yes", -0.1), ("no", float("-inf")))),),
    attempts=(Attempt("Unavailable: 503"), Attempt("ok", Usage(calls=1))),
)
FAILURE = Failure("tunnel", "gave up after 4 attempts", "Unavailable", 4, "run it again later")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty place for a store that is opened once."""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        return server.make_schema(f"t{uuid.uuid4().hex}")
    return ":memory:" if request.param == "memory" else str(tmp_path / "store.db")


def execute(place: str, statement: str, **values: str) -> list[tuple[object, ...]]:
    """Return what a statement finds in a store, behind the store's back."""
    engine = sa.create_engine(read_place(place).url)
    with engine.begin() as db:
        result = db.execute(sa.text(statement), values)
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def article(name: str = "tunnel", **fields: object) -> Extraction:
    """Return the sample's record as that of another document."""
    record = sample()
    document = record.document.model_copy(update={"id": name, **fields})
    return record.model_copy(update={"document": document})


# ---- replies ----------------------------------------------------------------------------------


def test_store_gives_back_what_was_put(store_place: str) -> None:
    """A reply comes back equal, tokens and attempts included, after the store was closed."""
    with Store(store_place) as store:
        store.put("k", REPLY, WHO, CAN)
    with Store(store_place) as store:
        assert (REPLY, None) == (store.get("k"), store.get("other"))
        assert [(WHO, CAN)] == store.engines()


def test_store_replaces_a_reply(place: str) -> None:
    """The last reply under a key is the one that counts, and the last that an engine can do."""
    less = Abilities(grammar=False, logprobs=False, context_tokens=1)
    with Store(place) as store:
        store.put("k", Reply("old", "m", "text"), WHO, less)
        store.put("k", REPLY, WHO, CAN)
        assert (REPLY, [(WHO, CAN)]) == (store.get("k"), store.engines())


@pytest.mark.parametrize("text", ["a\0b", "half \ud800 pair", "next\u2028line\x85", "\\u0000"])
def test_store_takes_any_text(place: str, text: str) -> None:
    """What a model may write comes back equal, though a database or UTF-8 can't hold it."""
    reply = Reply(text, "m", "text")
    with Store(place) as store, Store() as other:
        store.put("k", reply, WHO, CAN)
        other.load_recording(store.recording())
        assert (reply, reply, 0) == (store.get("k"), other.get("k"), other.damaged)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"text": 1}', "null"])
def test_store_counts_a_damaged_reply_as_none(store_place: str, damage: str) -> None:
    """What can't be read isn't there, is counted, and is replaced by the next answer."""
    with Store(store_place) as store:
        store.put("k", REPLY, WHO, CAN)
    execute(store_place, "UPDATE replies SET reply = :it", it=damage)
    with Store(store_place) as store:
        assert (None, 1) == (store.get("k"), store.damaged)
        store.put("k", REPLY, WHO, CAN)
        assert REPLY == store.get("k")


def test_store_dates_a_reply_in_utc(store_place: str) -> None:
    """Each reply has the time when it was put, in UTC."""
    with Store(store_place) as store:
        store.put("k", REPLY, WHO, CAN)
    ((created,),) = execute(store_place, "SELECT created FROM replies")
    assert isinstance(created, str)
    assert (20, "T", "Z") == (len(created), created[10], created[-1])


def test_store_is_shared_by_threads(place: str) -> None:
    """Many threads put and get at once."""
    with Store(place) as store:
        failed: list[int] = []

        def work(number: int) -> None:
            for i in range(20):
                store.put(f"{number}-{i}", REPLY, WHO, CAN)
                if store.get(f"{number}-{i}") != REPLY:
                    failed.append(number)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ([], 160) == (failed, len(store.recording().splitlines()) - 1)


def test_store_may_be_open_twice(store_place: str) -> None:
    """Two processes may use one place: what one puts the other gets."""
    with Store(store_place) as one, Store(store_place) as two:
        one.put("k", REPLY, WHO, CAN)
        assert REPLY == two.get("k")


# ---- recordings -------------------------------------------------------------------------------


def test_recording_goes_round(place: str) -> None:
    """A store, written as JSON lines and read, gives the same lines, sorted by key."""
    with Store(place) as store, Store() as other:
        for key in ("b", "a", "B", "é"):
            store.put(key, REPLY, WHO, CAN)
        text = store.recording()
        other.load_recording(text)
        assert (text, REPLY) == (other.recording(), other.get("a"))
    assert ["B", "a", "b", "é"] == [json.loads(line)["key"] for line in text.splitlines()[1:]]


def test_recording_of_many_goes_round() -> None:
    """Replies that are read and written in many pages are all there."""
    with Store() as store, Store() as other:
        for number in range(1203):
            store.put(f"{number:04}", Reply(str(number), "m", "text"), WHO, CAN)
        assert 1203 == other.load_lines(store.recording_lines(), "it")
        assert [str(n) for n in range(1203)] == [
            json.loads(line)["reply"]["text"] for line in other.recording().splitlines()[1:]
        ]


def test_recording_with_a_key_twice_keeps_the_last(place: str) -> None:
    """Two recordings in one file may hold the same key; the last line counts."""
    old = Reply("old", "m", "text")
    with Store(place) as store, Store() as made:
        made.put("a", old, WHO, CAN)
        before = made.recording()
        made.put("a", REPLY, WHO, CAN)
        store.load_recording(before + made.recording().split("\n")[1])
        assert (REPLY, 1) == (store.get("a"), store.stats().replies)


def test_recording_holds_the_keys_asked_for() -> None:
    """Only the replies that were used, and only the engines that gave them, go into it."""
    with Store() as store:
        store.put("a", REPLY, WHO, CAN)
        store.put("b", REPLY, Identity("openai", "gpt"), CAN)
        head, *lines = store.recording(["a", "none"]).splitlines()
    assert ["a"] == [json.loads(line)["key"] for line in lines]
    assert ["abc"] == [one["identity"]["model"] for one in json.loads(head)["engines"]]


def test_recording_counts_damaged_lines() -> None:
    """A line that can't be read is counted; the others are read."""
    with Store() as store, Store() as other:
        store.put("a", REPLY, WHO, CAN)
        other.load_recording(store.recording() + '{"key": "b"}\n{"ke\n')
        assert (REPLY, 2) == (other.get("a"), other.damaged)


def test_recording_leaves_damaged_rows_out(store_place: str) -> None:
    """A row that is no JSON doesn't spoil a recording, and is counted."""
    with Store(store_place) as store:
        store.put("a", REPLY, WHO, CAN)
        store.put("b", REPLY, WHO, CAN)
        execute(store_place, "UPDATE replies SET reply = '{' WHERE key = 'a'")
        lines = store.recording().splitlines()
        assert (["b"], 1) == ([json.loads(line)["key"] for line in lines[1:]], store.damaged)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "sayso-replies/9"}', "words\n"])
def test_recording_of_another_form_is_refused(text: str) -> None:
    """What isn't a recording is a StoreError that names the file."""
    with Store() as store, pytest.raises(StoreError, match=r"replies\.jsonl"):
        store.load_recording(text, "replies.jsonl")


# ---- the journal ------------------------------------------------------------------------------


def test_journal_gives_back_the_record(store_place: str) -> None:
    """A record that was kept is there as one line of JSON, after the store was closed."""
    with Store(store_place) as store:
        assert None is store.record_of("w")
        store.keep("w", sample())
    with Store(store_place) as store:
        text = store.record_of("w")
    assert text is not None
    assert (sample(), 1) == (Extraction.model_validate_json(text), len(text.splitlines()))


def test_journal_replaces_a_record_and_its_claims(place: str) -> None:
    """What is kept under a key again takes the place of what was there."""
    with Store(place) as store:
        store.keep("w", sample())
        store.keep("w", sample().model_copy(update={"claims": sample().claims[:2]}))
        assert (1, 2) == (store.stats().records, store.stats().claims)
        store.keep("w", sample().model_copy(update={"claims": []}))
        assert (1, 0) == (store.stats().records, store.stats().claims)


def test_journal_notes_failures_until_the_record_is_kept(place: str) -> None:
    """A failure is replaced by a later one, and gone when the work is finished."""
    later = Failure("tunnel", "no quota", "Refused", 1, "pay")
    with Store(place) as store:
        store.note_failure("w", FAILURE)
        store.note_failure("v", FAILURE)
        store.note_failure("w", later)
        assert {"v": FAILURE, "w": later} == store.failures()
        store.keep("w", sample())
        store.note_failure("w", FAILURE)
        assert {"v": FAILURE} == store.failures()


@pytest.mark.parametrize("damage", ["", "{", '{"format": "sayso/1"}'])
def test_journal_counts_a_damaged_record_as_none(store_place: str, damage: str) -> None:
    """A record that can't be read isn't finished work, and is counted."""
    with Store(store_place) as store:
        store.keep("w", sample())
        execute(store_place, "UPDATE records SET record = :it", it=damage)
        assert (None, 1) == (store.record_of("w"), store.damaged)
        store.keep("w", sample())
        assert None is not store.record_of("w")


def test_journal_keeps_all_or_nothing(store_place: str) -> None:
    """Where the claims can't be written, the record isn't there either."""
    with Store(store_place) as store:
        execute(store_place, "ALTER TABLE claims RENAME TO lost")
        with pytest.raises(StoreError):
            store.keep("w", sample())
        execute(store_place, "ALTER TABLE lost RENAME TO claims")
        assert (None, 0) == (store.record_of("w"), store.stats().records)


def test_journal_takes_any_name(place: str) -> None:
    """A document may be called what a database can't hold, and is found under that name."""
    with Store(place) as store:
        store.keep("w", article("a\0'; DROP TABLE claims; --\ud800"))
        assert 1 == store.forget("a\0'; DROP TABLE claims; --\ud800").records


# ---- forgetting -------------------------------------------------------------------------------


def test_forget_erases_a_document_and_its_replies(place: str) -> None:
    """Records, claims, failures and replies of the one document go, all others stay."""
    with Store(place) as store:
        for key in "abcd":
            store.put(key, REPLY, WHO, CAN)
        store.put("e", REPLY, WHO, CAN, document_id="tunnel")
        store.keep("1", article("tunnel"), reply_keys=["a", "b"])
        store.keep("2", article("other"), reply_keys=["b", "c"])
        store.note_failure("3", FAILURE, reply_keys=["d"])
        assert Forgotten(records=1, claims=10, failures=1, replies=4) == store.forget("tunnel")
        left = [key for key in "abcde" if store.get(key)]
        assert (["c"], None, {}) == (left, store.record_of("1"), store.failures())
        assert (1, 10) == (store.stats().records, store.stats().claims)
        assert Forgotten(0, 0, 0, 0) == store.forget("tunnel")


def test_forget_leaves_no_word_in_the_file(tmp_path: Path) -> None:
    """What was erased is overwritten: no file of SQLite's holds a word of it."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.put("k", Reply("mentions Tarnholm", "m", "text"), WHO, CAN)
        store.keep("1", article("tunnel"), reply_keys=["k"])
        store.keep("2", article("other", text="", title=""))
        store.forget("other")
        assert b"arnholm" in b"".join(file.read_bytes() for file in tmp_path.iterdir())
        store.forget("tunnel")
        held = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert [] == [word for word in (b"tarnholm", b"gamble", b"lind") if word in held]


# ---- upkeep -----------------------------------------------------------------------------------


def age(place: str, key: str, created: str) -> None:
    """Make a reply as old as that."""
    execute(place, "UPDATE replies SET created = :at WHERE key = :key", at=created, key=key)


def test_stats_tell_what_the_store_holds(store_place: str) -> None:
    """Replies with their engines and times, records, claims, failures, and the size."""
    remote = Identity("openai", "gpt")
    with Store(store_place) as store:
        empty = store.stats()
        for key, who in (("a", WHO), ("b", WHO), ("é", remote)):
            store.put(key, Reply("é", "m", "text"), who, CAN)
        store.keep("w", sample())
        store.note_failure("v", FAILURE)
        age(store_place, "b", "2001-02-03T04:05:06Z")
        full = store.stats()
    assert (0, 0, [], None) == (empty.replies, empty.reply_bytes, empty.by_engine, empty.oldest)
    assert (3, 1, 10, 1) == (full.replies, full.records, full.claims, full.failures)
    assert [(WHO, 2), (remote, 1)] == full.by_engine
    assert "2001-02-03T04:05:06Z" == full.oldest
    one = '{"text":"é","model":"m","mode":"text","usage":{"calls":0,"input_tokens":0,'
    assert full.reply_bytes > 3 * len(one.encode())
    assert full.size_bytes > full.reply_bytes


def test_prune_deletes_what_is_too_old(store_place: str) -> None:
    """Replies older than so many days go, with engines that gave no other; records stay."""
    remote = Identity("openai", "gpt")
    with Store(store_place) as store:
        store.put("old", REPLY, remote, CAN)
        store.put("new", REPLY, WHO, CAN)
        store.keep("w", sample(), reply_keys=["old", "new"])
        age(store_place, "old", "2001-02-03T04:05:06Z")
        assert (1, 0) == (store.prune(older_than_days=30), store.prune(older_than_days=30))
        assert (None, REPLY, [(WHO, CAN)]) == (store.get("old"), store.get("new"), store.engines())
        assert None is not store.record_of("w")


def test_prune_keeps_the_newest_that_fit(store_place: str) -> None:
    """The oldest replies go until the rest has the size asked for."""
    with Store(store_place) as store:
        for number in range(5):
            store.put(str(number), Reply("é" * 5000, "m", "text"), WHO, CAN)
            age(store_place, str(number), f"200{9 - number}-01-01T00:00:00Z")
        assert 3 == store.prune(max_mb=0.025)
        assert ["0", "1"] == [key for key in "01234" if store.get(key)]


def test_prune_keeps_replies_of_the_future(store_place: str) -> None:
    """When the clock goes back, what was put before isn't old, and new answers still count."""
    with Store(store_place) as store:
        store.put("k", Reply("old", "m", "text"), WHO, CAN)
        age(store_place, "k", "2999-01-01T00:00:00Z")
        assert 0 == store.prune(older_than_days=0)
        store.put("k", REPLY, WHO, CAN)
        assert REPLY == store.get("k")


def test_prune_gives_space_back(tmp_path: Path) -> None:
    """SQLite's file gets smaller."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        for number in range(50):
            store.put(str(number), Reply("x" * 20_000, "m", "text"), WHO, CAN)
        before = store.stats().size_bytes
        store.prune(max_mb=0)
        assert store.stats().size_bytes < before / 5
        assert path.stat().st_size < before / 5


def test_verify_counts_what_cannot_be_read(store_place: str) -> None:
    """Damaged replies and records are counted, and nothing is changed."""
    with Store(store_place) as store:
        for key in "abc":
            store.put(key, REPLY, WHO, CAN)
            store.keep(key, article(key))
        good = store.verify()
        execute(store_place, "UPDATE replies SET reply = '{' WHERE key < 'c'")
        execute(store_place, "UPDATE records SET record = '{}' WHERE key = 'a'")
        bad = store.verify()
    assert (3, 3, 0, 0, []) == (
        *(good.replies, good.records, good.bad_replies, good.bad_records),
        good.faults,
    )
    assert (3, 3, 2, 1) == (bad.replies, bad.records, bad.bad_replies, bad.bad_records)


# ---- migrations -------------------------------------------------------------------------------


def test_store_of_the_first_form_is_brought_up_to_date(tmp_path: Path) -> None:
    """A file that the first sayso wrote keeps its replies and takes records."""
    path = tmp_path / "s.db"
    with sqlite3.connect(path) as db:
        db.executescript((Path(__file__).parent / "data" / "store-1.sql").read_text("utf-8"))
    db.close()
    with Store(path) as store:
        assert ("yes", [WHO]) == (
            (store.get("k") or REPLY).text,
            [who for who, _ in store.engines()],
        )
        store.keep("w", sample())
        assert 10 == store.stats().claims


def test_migrations_run_once_for_many(store_place: str) -> None:
    """Of many who open an empty place at once, one makes the tables and all can use them."""
    errors: list[BaseException] = []

    def use(number: int) -> None:
        try:
            with Store(store_place) as store:
                store.put(str(number), REPLY, WHO, CAN)
        except BaseException as error:  # noqa: BLE001  (told below)
            errors.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store(store_place) as store:
        assert ([], 8) == (errors, store.stats().replies)
