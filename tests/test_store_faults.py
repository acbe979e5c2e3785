"""The store where things go wrong: places it refuses, locks, full disks, damage, many at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.engine import Abilities, Identity, Reply
from agent.errors import StoreError
from agent.store import Store, database
from agent.store import place as places
from agent.store.place import remote_type
from agent.store.tables import NEWEST
from postgresql_server import PostgresqlServer
from sample_records import sample

WHO = Identity("local", "abc")
CAN = Abilities(grammar=True, logprobs=True, context_tokens=8192)
REPLY = Reply("yes", "m", "text")

# ---- places that are refused ------------------------------------------------------------------


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


def write_text(path: Path) -> None:
    """Write what is no database."""
    path.write_bytes(b"no database at all, but text\n" * 50)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_foreign, "is a database of another program; name another"),
        (make_newer, "was written by a newer sayso .* update sayso"),
        (write_text, "the file is damaged: move it away"),
        (lambda path: path.mkdir(), "check the place, and who may write"),
    ],
    ids=["foreign", "newer", "text", "folder"],
)
def test_store_refuses_what_is_not_its_own(
    tmp_path: Path, make: Callable[[Path], None], message: str
) -> None:
    """A file of another program or a newer version is refused by name and left as it is."""
    path = tmp_path / "s.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError, match=rf"s\.db.*{message}"):
        Store(path)
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_store_refuses_a_schema_of_another_program(postgresql: PostgresqlServer) -> None:
    """A schema that holds other tables is refused, and gets none of ours."""
    address = postgresql.make_schema("foreign_songs")
    engine = sa.create_engine(address)
    with engine.begin() as db:
        db.execute(sa.text("CREATE TABLE songs (name TEXT)"))
    with pytest.raises(StoreError, match="another program"):
        Store(address)
    assert ["songs"] == sa.inspect(engine).get_table_names("foreign_songs")
    engine.dispose()


def test_store_refuses_a_schema_of_a_newer_sayso(postgresql: PostgresqlServer) -> None:
    """A schema with a form that isn't known yet is refused."""
    address = postgresql.make_schema("newer")
    Store(address).close()
    engine = sa.create_engine(address)
    with engine.begin() as db:
        db.execute(sa.text("UPDATE sayso_form SET form = form + 1"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer sayso"):
        Store(address)


def test_store_makes_its_folder(tmp_path: Path) -> None:
    """A folder that isn't there is made, for its owner alone: the store holds articles."""
    Store(tmp_path / "new" / "s.db").close()
    assert 0o700 == (tmp_path / "new").stat().st_mode & 0o777


@pytest.mark.parametrize("name", ["file/s.db", "/proc/sayso/s.db", "/proc/s.db"])
def test_store_where_nothing_can_be_made_is_refused(tmp_path: Path, name: str) -> None:
    """A place that takes no files is a StoreError that names it and says what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"s\.db: the store can't .*(SAYSO_STORE|check the place)"):
        Store(tmp_path / name)


def test_store_that_may_only_be_read_is_refused(tmp_path: Path) -> None:
    """A file without the right to write is a StoreError, at the latest when it's written."""
    path = tmp_path / "s.db"
    Store(path).close()
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        pytest.skip("root may write to everything")
    with pytest.raises(StoreError, match="who may write"), Store(path) as store:
        store.put("k", REPLY, WHO, CAN)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (None, "/s.db"),
        (None, "/var/lib/s.db"),
        ("nfs4", "/home/ann/s.db"),
        (None, "/home/local/s.db"),
        ("cifs", "/mnt/my share/s.db"),
        ("fuse.sshfs", "/mnt/ssh/deep/s.db"),
        (None, "/mnt/usb/s.db"),
        (None, "/homes/s.db"),
        ("9p", "/mnt/c/Users/s.db"),
    ],
)
def test_network_file_systems_are_known(kind: str | None, path: str) -> None:
    """The innermost mount that a path lies on tells whether it is remote."""
    mounts = (
        "/dev/vda / ext4 rw,relatime 0 0\n"
        "proc /proc proc rw 0 0\n"
        "files:/home /home nfs4 rw 0 0\n"
        "/dev/vdb /home/local ext4 rw 0 0\n"
        r"//files/x /mnt/my\040share cifs rw 0 0"
        "\nann@host: /mnt/ssh fuse.sshfs rw 0 0\n"
        "/dev/sdb1 /mnt/usb fuseblk rw 0 0\n"
        "C: /mnt/c 9p rw 0 0\n"
    )
    assert kind == remote_type(Path(path), mounts)


def test_store_on_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite isn't opened where other machines may write too, by way of a link either."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nfiles: {tmp_path}/far nfs rw 0 0\n")
    monkeypatch.setattr(places, "MOUNTS", mounts)
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    for folder in ("far", "link"):
        with pytest.raises(StoreError, match=r"network file system \(nfs\).* SAYSO_STORE"):
            Store(tmp_path / folder / "s.db")
    assert [] == list((tmp_path / "far").iterdir())
    Store(tmp_path / "near" / "s.db").close()


# ---- addresses, and what is secret in them ----------------------------------------------------


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://u:hunter22@h/db", "must be a path, or postgresql"),
        ("postgresql://u:hunter22@h/db", "must be a path, or postgresql"),
        ("postgresql+psycopg://u:hunter22@h", "must be a path, or postgresql"),
        ("postgresql+psycopg://u:hun@ter22@h/db", "write @ as %40"),
        ("postgresql+psycopg://u:hunter22@h:port/db", "can't be read"),
        ("://hunter22", "can't be read"),
    ],
)
def test_addresses_that_cannot_be_right_are_refused(address: str, message: str) -> None:
    """An address that isn't one of PostgreSQL says how to write it, and shows no password."""
    with pytest.raises(StoreError) as caught:
        Store(address)
    assert message in str(caught.value)
    assert "ter22" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "change"),
    [
        ("check user and password in SAYSO_STORE", lambda a: a.replace("p%40ss", "wr%40ng")),
        ("make that database first", lambda a: a.replace("/postgres?", "/nowhere?")),
        ("check that the server runs", lambda a: a.replace("127.0.0.1:", "127.0.0.1:1")[:70]),
        ("let its owner grant CREATE", lambda a: a.replace("path%3D", "path%3Dnot_there_")),
    ],
    ids=["password", "database", "port", "schema"],
)
def test_server_that_lets_nobody_in_is_a_message(
    postgresql: PostgresqlServer, message: str, change: Callable[[str], str]
) -> None:
    """What a server refuses is said with what to do, and without the password."""
    address = change(postgresql.address("public"))
    with pytest.raises(StoreError) as caught:
        Store(address)
    assert message in str(caught.value)
    told = str(caught.value) + repr(caught.value.__cause__)
    assert not any(secret in told for secret in ("p@ss", "p%40ss", "wr@ng", "w:rd", "w%3Ard"))


def test_name_of_a_store_shows_no_password(postgresql: PostgresqlServer) -> None:
    """A store is named by host, port and database."""
    with Store(postgresql.make_schema("named")) as store:
        assert f"postgresql://127.0.0.1:{postgresql.port}/postgres" == store.name


# ---- locks, full disks, damage ----------------------------------------------------------------


def test_locked_store_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another program holds the file, the wait has an end and a message; reading goes on."""
    monkeypatch.setattr(database, "BUSY_S", 0.2)
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.put("k", REPLY, WHO, CAN)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked.*another program holds it: end that"):
            store.put("other", REPLY, WHO, CAN)
        with Store(path) as other:
            assert (REPLY, REPLY) == (store.get("k"), other.get("k"))
        holder.execute("ROLLBACK")
        holder.close()
        store.put("other", REPLY, WHO, CAN)


def test_store_waits_for_a_lock_that_passes(tmp_path: Path) -> None:
    """A writer that is done in a moment is waited for."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: holder.execute("ROLLBACK"))
        release.start()
        store.put("k", REPLY, WHO, CAN)
        release.join()
        holder.close()
        assert REPLY == store.get("k")


@pytest.fixture
def _small_disk() -> Iterator[None]:
    """Let no SQLite file grow above 400 kB, as on a disk that is full then."""

    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 100")

    sa.event.listen(sa.Engine, "connect", limit)
    yield
    sa.event.remove(sa.Engine, "connect", limit)


@pytest.mark.usefixtures("_small_disk")
def test_full_disk_loses_nothing(tmp_path: Path) -> None:
    """On a full disk nothing is half written, all before is there, and it goes on with space."""
    path = tmp_path / "s.db"
    text = "x" * 50_000
    kept: list[str] = []

    def fill(store: Store) -> None:
        for number in range(100):
            store.put(str(number), Reply(text, "m", "text"), WHO, CAN)
            kept.append(str(number))

    with Store(path) as store:
        with pytest.raises(StoreError, match=r"full.*free some space and run this again"):
            fill(store)
        with pytest.raises(StoreError, match="full"):
            store.keep("w", sample(), reply_keys=["x" * 60_000])
        held = store.stats()
        assert (len(kept), 0, 0) == (held.replies, held.records, held.claims)
        assert kept == [str(number) for number in range(100) if store.get(str(number))]
        store.prune(max_mb=0.06)
        store.put("after", Reply(text, "m", "text"), WHO, CAN)
    with Store(path) as store:
        assert (2, []) == (store.stats().replies, store.verify().faults)


def test_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    """A file whose pages were overwritten is told as such, whenever that is noticed."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        for number in range(300):
            store.put(f"{number:03}", Reply("x" * 1000, "m", "text"), WHO, CAN)
    with path.open("r+b") as file:
        file.seek(4096 * 12)
        file.write(os.urandom(4096 * 60))
    with Store(path) as store:
        with pytest.raises(StoreError, match=r"s\.db.*damaged: move it away"):
            [store.get(f"{number:03}") for number in range(300)]


def test_verify_names_the_faults_of_a_file(tmp_path: Path) -> None:
    """What SQLite finds wrong with its pages is told."""
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.put("k", REPLY, WHO, CAN)
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA writable_schema = ON")
            db.execute("DELETE FROM sqlite_schema WHERE name = 'replies_created'")
        db.close()
    with Store(path) as store:
        assert [] != store.verify().faults


# ---- many at once -----------------------------------------------------------------------------

WRITER = """
import sys
from agent.engine import Abilities, Identity, Reply
from agent.store import Store
from sample_records import sample
place, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
who, can = Identity("local", "abc"), Abilities(True, True, 1)
with Store(place) as store:
    for number in range(count):
        key = f"{name}-{number}"
        store.put(key, Reply(key, "m", "text"), who, can)
        store.put("same", Reply(key, "m", "text"), who, can)
        store.keep("same", sample(), reply_keys=[key, "same"])
        assert store.get(key).text == key
"""


def start_writer(place: str, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that writes to a store."""
    folder = Path(__file__).parent
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, place, name, str(count)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder.parent}"},
    )


def test_processes_share_a_store(store_place: str) -> None:
    """Several processes that make and write one store at once lose nothing and see no error."""
    writers = [start_writer(store_place, str(number), 15) for number in range(4)]
    told = [writer.communicate(timeout=120)[1] for writer in writers]
    with Store(store_place) as store:
        held, found = store.stats(), store.verify()
    assert ["", "", "", ""] == told
    assert (61, 1, 10) == (held.replies, held.records, held.claims)
    assert ([], 0) == (found.faults, found.bad_replies)


def test_killed_process_leaves_whole_work(store_place: str) -> None:
    """A kill -9 in the midst of writing leaves records with all their claims, or none."""
    writer = start_writer(store_place, "w", 100_000)
    try:
        while not _has_replies(store_place, 3):
            time.sleep(0.05)
    finally:
        writer.kill()
        writer.communicate()
    with Store(store_place) as store:
        held, found = store.stats(), store.verify()
        store.keep("same", sample())
    assert (1, 10) == (held.records, held.claims)
    assert ([], 0, 0) == (found.faults, found.bad_replies, found.bad_records)


def _has_replies(place: str, number: int) -> bool:
    with Store(place) as store:
        return store.stats().replies >= number


# ---- a server that goes away ------------------------------------------------------------------


def test_server_that_restarts_is_waited_for(postgresql: PostgresqlServer) -> None:
    """Work that meets a server which is down goes on when it's there again."""
    with Store(postgresql.make_schema("restarted")) as store:
        store.put("before", REPLY, WHO, CAN)
        postgresql.stop()
        back = threading.Timer(1.0, postgresql.start)
        back.start()
        store.put("during", REPLY, WHO, CAN)
        back.join()
        postgresql.stop()
        postgresql.start()
        store.keep("w", sample(), reply_keys=["before", "during"])
        assert (REPLY, REPLY, 1) == (
            *(store.get("before"), store.get("during")),
            store.stats().records,
        )


def test_server_that_stays_away_is_a_message(
    postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that doesn't come back is waited for only so long."""
    monkeypatch.setattr(database, "LOST_S", 0.3)
    with Store(postgresql.make_schema("gone")) as store:
        postgresql.stop()
        try:
            with pytest.raises(StoreError, match="check that the server runs"):
                store.get("k")
        finally:
            postgresql.start()
        assert None is store.get("k")


def test_driver_that_is_missing_is_a_message() -> None:
    """Without psycopg, the message says what to install."""
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from agent.store import Store\n"
        "try: Store('postgresql+psycopg://u:hunter22@h/db')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("StoreError postgresql://h/db needs the driver psycopg: pip inst")
    assert "hunter22" not in ran.stdout + ran.stderr
