"""`sayso cache`: figures, export and import, prune, verify, forget; and what extract keeps."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import cli
from agent.engine import Abilities, Identity, Reply
from agent.store import Failure, Store
from lying_server import LyingServer, answer_json, completion
from sample_records import TEXT, sample

KEY = "sk-0123456789abcdef"
WHO = Identity("openai", "gpt-x", mode="json_schema")
CAN = Abilities(grammar=False, logprobs=False, context_tokens=8192)
REPLY = Reply("yes", "gpt-x", "json_schema")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights_cache: Path) -> Path:
    """Return where the store of the settings lies; the article lies beside it."""
    for name in ("OPENAI_BASE_URL", "SAYSO_MODEL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SAYSO_CACHE", str(weights_cache))
    monkeypatch.setenv("SAYSO_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "store.db"


@pytest.fixture
def sayso(place: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command and returns its code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capfd.readouterr()

    return run


def fill(place: Path) -> None:
    """Put something of each kind into the store."""
    with Store(place) as store:
        for key in "abc":
            store.put(key, REPLY, WHO, CAN)
        store.keep("w", sample(), reply_keys=["a", "b"])
        store.note_failure("v", Failure("other", "no", "Refused", 1, "pay"), reply_keys=["c"])


# ---- the commands -----------------------------------------------------------------------------


def test_stats_tell_what_is_kept(place: Path, sayso: Run) -> None:
    """The place, whose replies, and how many of each kind."""
    fill(place)
    code, out, err = sayso("cache", "stats")
    assert (0, "") == (code, err)
    assert re.search(rf"{place}  0\.\d MB\n +3 replies, 0\.0 MB\n +3   openai gpt-x json_sch", out)
    assert re.search(r" 1 records of documents\n +10 claims in them\n +1 failures\n$", out)


def test_stats_of_nothing(sayso: Run) -> None:
    """An empty store is no error."""
    code, out, err = sayso("cache", "stats")
    assert (0, "", 4) == (code, err, len(re.findall(" 0 ", out)))


def test_stats_of_a_server(postgresql_place: str, sayso: Run) -> None:
    """PostgreSQL is named without user and password."""
    code, out, err = sayso("cache", "stats")
    assert (0, "", True) == (code, err, out.startswith("postgresql://127.0.0.1:"))
    assert "w:rd" not in out


@pytest.fixture
def postgresql_place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of an empty database, which the settings name."""
    request.getfixturevalue("place")
    address: str = request.getfixturevalue("postgresql").make_schema("stats")
    monkeypatch.setenv("SAYSO_STORE", address)
    return address


def test_export_and_import_carry_replies_over(
    place: Path, sayso: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one store exports another has after the import."""
    fill(place)
    assert (0, "", "replies written: 3\n") == sayso("cache", "export", "replies.jsonl")
    assert (0, "", "replies added: 3\n") == sayso("cache", "import", "replies.jsonl")
    monkeypatch.setenv("SAYSO_STORE", "other.db")
    assert (0, "", "replies added: 3\n") == sayso("cache", "import", "replies.jsonl")
    with Store("other.db") as store:
        assert REPLY == store.get("a")
    code, out, _ = sayso("cache", "export", "-")
    assert (0, Path("replies.jsonl").read_text("utf-8")) == (code, out)


def test_import_counts_what_it_cannot_read(place: Path, sayso: Run) -> None:
    """A damaged line is left out and told."""
    fill(place)
    sayso("cache", "export", "replies.jsonl")
    with Path("replies.jsonl").open("a", encoding="utf-8") as file:
        file.write("{\n")
    told = "replies added: 3; left out as damaged: 1\n"
    assert (0, "", told) == sayso("cache", "import", "replies.jsonl")


@pytest.mark.parametrize(
    ("code", "message", "arguments"),
    [
        (2, "can't read none.jsonl: No such file", ["import", "none.jsonl"]),
        (1, "story.txt isn't a recording", ["import", "story.txt"]),
        (2, "can't read latin.txt: it isn't UTF-8", ["import", "latin.txt"]),
        (2, "can't write none/x.jsonl: No such file", ["export", "none/x.jsonl"]),
        (2, "say what to delete", ["prune"]),
        (2, "Invalid value", ["prune", "--older-than", "-1"]),
        (1, "nothing is kept of a document 'x'", ["forget", "x"]),
    ],
)
def test_wrong_use_is_a_message(sayso: Run, code: int, message: str, arguments: list[str]) -> None:
    """What can't be done ends with a code and says why."""
    Path("latin.txt").write_bytes("é".encode("latin-1"))
    ended, out, err = sayso("cache", *arguments)
    assert (code, "") == (ended, out)
    assert message in err


def test_export_that_fails_leaves_the_old_file(place: Path, sayso: Run) -> None:
    """A file is written whole or not at all."""
    fill(place)
    Path("replies.jsonl").write_text("old")
    place.write_bytes(b"no database" * 1000)
    assert 1 == sayso("cache", "export", "replies.jsonl")[0]
    assert ("old", []) == (Path("replies.jsonl").read_text(), list(Path().glob("*.part")))


def test_prune_deletes_replies(place: Path, sayso: Run) -> None:
    """Replies that are too old or too many go; records stay."""
    fill(place)
    with sqlite3.connect(place) as db:
        db.execute("UPDATE replies SET created = '2001-01-01T00:00:00Z' WHERE key = 'a'")
    db.close()
    told = "replies deleted: 1; left: 2, 0.0 MB\n"
    assert (0, "", told) == sayso("cache", "prune", "--older-than", "30")
    told = "replies deleted: 2; left: 0, 0.0 MB\n"
    assert (0, "", told) == sayso("cache", "prune", "--max-mb", "0")
    with Store(place) as store:
        assert None is not store.record_of("w")


def test_verify_tells_damage(place: Path, sayso: Run) -> None:
    """All well ends with 0; damaged rows are counted, and end with 1."""
    fill(place)
    told = "replies: 3, damaged: 0\nrecords: 1, damaged: 0\n"
    assert (0, "", told) == sayso("cache", "verify")
    with sqlite3.connect(place) as db:
        db.execute("UPDATE replies SET reply = '{' WHERE key = 'a'")
    db.close()
    code, out, err = sayso("cache", "verify")
    assert (1, "") == (code, out)
    assert err.startswith("replies: 3, damaged: 1\nrecords: 1, damaged: 0\n")


def test_forget_erases_a_document(place: Path, sayso: Run) -> None:
    """The record goes with its claims and replies, the rest stays."""
    fill(place)
    told = "erased: records 1, claims 10, failures 0, replies 2\n"
    assert (0, "", told) == sayso("cache", "forget", "tunnel")
    told = "erased: records 0, claims 0, failures 1, replies 1\n"
    assert (0, "", told) == sayso("cache", "forget", "other")


# ---- what extract keeps -----------------------------------------------------------------------


def extracted(sayso: Run, server: LyingServer, *options: str) -> dict[str, object]:
    """Return the record that extract writes."""
    remote = ("-m", "served", "--base-url", server.base_url)
    code, out, err = sayso("extract", "story.txt", *remote, "-f", "json", *options)
    assert 0 == code, err
    record: dict[str, object] = json.loads(out)
    return record


NO_CLAIMS = completion('{"claims": []}')


def test_extract_asks_once(place: Path, sayso: Run) -> None:
    """The second reading of an article is answered from the store, which holds replies alone."""
    with LyingServer(NO_CLAIMS) as server:
        first, second = extracted(sayso, server), extracted(sayso, server)
        assert 1 == len(server.requests)
    assert (first["claims"], first["document"]) == (second["claims"], second["document"])
    with Store(place) as store:
        held = store.stats()
        assert (1, 0, 0, 0) == (held.replies, held.records, held.claims, held.failures)
        assert 1 == store.forget("story").replies


def test_extract_without_cache_keeps_nothing(place: Path, sayso: Run) -> None:
    """--no-cache asks anew and doesn't even make the file."""
    with LyingServer(NO_CLAIMS) as server:
        extracted(sayso, server, "--no-cache")
        extracted(sayso, server, "--no-cache")
        assert 2 == len(server.requests)
    assert not place.exists()


def test_extract_reads_without_a_store(
    sayso: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the store can't be used, one article is read all the same, and that is told."""
    monkeypatch.setenv("SAYSO_STORE", str(tmp_path / "story.txt" / "s.db"))
    with LyingServer(NO_CLAIMS) as server:
        remote = ("-m", "served", "--base-url", server.base_url)
        code, _, err = sayso("extract", "story.txt", *remote)
    assert 0 == code
    assert "note: replies aren't kept: " in err


def test_no_secret_is_kept(place: Path, sayso: Run) -> None:
    """The API key is in no byte of the store, though the server says it in an error."""
    busy = answer_json({"error": {"message": f"{KEY} is busy", "code": KEY}}, status=503)
    with LyingServer(busy, NO_CLAIMS) as server:
        extracted(sayso, server)
        assert all(KEY in str(request.headers) for request in server.requests)
    held = b"".join(file.read_bytes() for file in place.parent.glob("store.db*"))
    assert b"*** is busy" in held
    assert KEY.encode() not in held
