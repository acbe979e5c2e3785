"""agent/store.py: what is kept comes back, and what isn't ours isn't touched."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from agent.engine import Abilities, Attempt, Identity, Reply, TokenChoice, Usage
from agent.errors import StoreError
from agent.store import NEWEST, Store

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


def test_store_gives_back_what_was_put(tmp_path: Path) -> None:
    """A reply comes back equal, tokens and attempts included, after the file was closed."""
    with Store(tmp_path / "s.db") as store:
        store.put("k", REPLY, WHO, CAN)
    with Store(tmp_path / "s.db") as store:
        assert (REPLY, None) == (store.get("k"), store.get("other"))
        assert [(WHO, CAN)] == store.engines()


def test_store_replaces_a_reply() -> None:
    """The last reply under a key is the one that counts."""
    with Store() as store:
        store.put("k", Reply("old", "m", "text"), WHO, CAN)
        store.put("k", REPLY, WHO, CAN)
        assert REPLY == store.get("k")


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"text": 1}', "null"])
def test_store_counts_a_damaged_reply_as_none(tmp_path: Path, damage: str) -> None:
    """What can't be read isn't there, and is counted."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.put("k", REPLY, WHO, CAN)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE replies SET reply = ?", (damage,))
    db.close()
    with Store(path) as store:
        assert (None, 1) == (store.get("k"), store.damaged)
        store.put("k", REPLY, WHO, CAN)
        assert REPLY == store.get("k")


def test_store_dates_a_reply_in_utc(tmp_path: Path) -> None:
    """Each reply has the time when it was put, in UTC."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.put("k", REPLY, WHO, CAN)
    db = sqlite3.connect(path)
    (created,) = db.execute("SELECT created FROM replies").fetchone()
    db.close()
    assert (20, "T", "Z") == (len(created), created[10], created[-1])


def test_store_is_shared_by_threads(tmp_path: Path) -> None:
    """Many threads put and get at once."""
    with Store(tmp_path / "s.db") as store:

        def work(number: int) -> None:
            for i in range(20):
                store.put(f"{number}-{i}", REPLY, WHO, CAN)
                assert REPLY == store.get(f"{number}-{i}")

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 80 == len(store.recording().splitlines()) - 1


def test_store_may_be_open_twice(tmp_path: Path) -> None:
    """Two processes may use one file: what one puts the other gets."""
    with Store(tmp_path / "s.db") as one, Store(tmp_path / "s.db") as two:
        one.put("k", REPLY, WHO, CAN)
        assert REPLY == two.get("k")


# ---- files that aren't ours -------------------------------------------------------------------


def make_foreign(path: Path) -> None:
    """Write another program's database."""
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE songs (name TEXT)")
    db.close()


def make_newer(path: Path) -> None:
    """Write a store of a sayso to come."""
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {NEWEST + 1}")
    db.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_foreign, "another program"),
        (make_newer, "newer sayso"),
        (lambda path: path.write_bytes(b"no database at all, but text\n" * 50), "can't be used"),
        (lambda path: path.mkdir(), "can't be used"),
    ],
    ids=["foreign", "newer", "text", "folder"],
)
def test_store_refuses_what_is_not_its_own(tmp_path: Path, make: object, message: str) -> None:
    """A file of another program or a newer version is refused by name and left as it is."""
    path = tmp_path / "s.db"
    assert callable(make)
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError, match=rf"s\.db.*{message}"):
        Store(path)
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_store_in_no_folder_is_refused(tmp_path: Path) -> None:
    """A place that doesn't exist is a StoreError that names it."""
    with pytest.raises(StoreError, match=r"none/s\.db"):
        Store(tmp_path / "none" / "s.db")


# ---- recordings -------------------------------------------------------------------------------


def test_recording_goes_round() -> None:
    """A store, written as JSON lines and read, gives the same lines, sorted by key."""
    with Store() as store, Store() as other:
        for key in ("b", "a"):
            store.put(key, REPLY, WHO, CAN)
        text = store.recording()
        other.load_recording(text)
        assert (text, REPLY) == (other.recording(), other.get("a"))
    assert ["a", "b"] == [json.loads(line)["key"] for line in text.splitlines()[1:]]


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


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "sayso-replies/9"}', "words\n"])
def test_recording_of_another_form_is_refused(text: str) -> None:
    """What isn't a recording is a StoreError that names the file."""
    with Store() as store, pytest.raises(StoreError, match=r"replies\.jsonl"):
        store.load_recording(text, "replies.jsonl")
