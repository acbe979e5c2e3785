"""A database of ours, opened: connections, transactions, and errors turned into ours."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from agent.errors import StoreError
from agent.store.place import Place, check_local, read_place
from agent.store.tables import NEWEST, form_of, migrate

BUSY_S = 60.0  # how long a transaction waits for another process's
LOST_S = 60.0  # how long a server that went away is waited for
CONNECT_S = 10  # how long a server has to let us in
SERVER_STARTS = "57P03"
CROSSED = ("40001", "40P01")  # serialization failure, deadlock

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """SQLite or PostgreSQL, with the newest tables in it. Threads may share it.

    Each piece of work is one transaction. It's a function of a connection, and is done again when
    the server went away meanwhile, or another transaction crossed it.

    Raises:
        StoreError: it can't be opened, or is another program's or a newer sayso's.
    """

    def __init__(self, place: Path | str) -> None:
        self.place = read_place(place)
        self._lock = threading.RLock()  # SQLite has one writer: waiting here is quick and fair
        self._engine = _sqlite(self.place) if self.is_sqlite else _postgresql(self.place)
        try:
            self._patiently(self._open, BUSY_S if self.is_sqlite else 0.0)
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        if self._look(form_of) != NEWEST:
            self._transact(migrate, self.place.name)
        if self.is_sqlite:  # only now: it writes, and the file is ours
            self._look(lambda db: db.exec_driver_sql("PRAGMA journal_mode = WAL").scalar())

    def close(self) -> None:
        """Close every connection; the database can't be used after that."""
        self._engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite, else PostgreSQL."""
        return self.place.path is not None

    def read(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **names: P.kwargs
    ) -> T:
        """Return what the work finds; each of its statements sees what is there at that moment.

        Raises:
            StoreError: the database can't be read.
        """
        return self._patiently(lambda: self._look(work, *args, **names), self._wait_s)

    def write(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **names: P.kwargs
    ) -> T:
        """Return what the work returns, when all that it wrote is on the disk.

        Raises:
            StoreError: the database can't be written, and nothing of the work is in it.
        """
        return self._patiently(lambda: self._transact(work, *args, **names), self._wait_s)

    def _look(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **names: P.kwargs
    ) -> T:
        alone: AbstractContextManager[Any] = self._lock if self.place.in_memory else nullcontext()
        with alone, self._engine.connect() as db:
            return work(db, *args, **names)

    def _transact(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **names: P.kwargs
    ) -> T:
        alone: AbstractContextManager[Any] = self._lock if self.is_sqlite else nullcontext()
        with alone, self._engine.connect() as free:
            db = free.execution_options(begin="BEGIN IMMEDIATE")  # the event below begins with it
            with db.begin():
                return work(db, *args, **names)

    @property
    def _wait_s(self) -> float:
        return BUSY_S if self.is_sqlite else LOST_S

    def _patiently(self, once: Callable[[], T], limit_s: float) -> T:
        """Return what comes of it, tried again until the limit where that may help."""
        give_up_s, wait_s = time.monotonic() + limit_s, 0.05
        while True:
            try:
                return once()
            except (SQLAlchemyError, OverflowError) as error:
                if not _will_pass(error) or time.monotonic() > give_up_s:
                    raise self._ours(error) from error
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, 2.0)

    def _ours(self, error: Exception) -> StoreError:
        cause = getattr(error, "orig", None) or error
        why = " ".join(str(cause).split())
        if self.place.secret:
            why = why.replace(self.place.secret, "***")
        return StoreError(f"{self.place.name}: the store can't be used ({why}); {_advice(cause)}")


# ---- connections ------------------------------------------------------------------------------


def _sqlite(place: Place) -> sa.Engine:
    """Return SQLite's engine, in autocommit but for what begins with the option `begin`."""
    if place.path and not place.in_memory:
        check_local(place.path)
        try:
            place.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{place.name}: the store can't be made there ({error.strerror}); set SAYSO_STORE "
                "to another place"
            ) from error
    engine = sa.create_engine(
        place.url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        **({"poolclass": StaticPool} if place.in_memory else {}),
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten

    @sa.event.listens_for(engine, "begin")
    def _begin(db: sa.Connection) -> None:
        if begin := db.get_execution_options().get("begin"):
            db.exec_driver_sql(begin)

    return engine


def _postgresql(place: Place) -> sa.Engine:
    try:
        return sa.create_engine(
            place.url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_S, "application_name": "sayso"},
        )
    except ImportError as error:
        raise StoreError(
            f"{place.name} needs the driver psycopg: pip install 'sayso[postgresql]'"
        ) from error


# ---- errors -----------------------------------------------------------------------------------


def _will_pass(error: Exception) -> bool:
    """Tell whether the same work may succeed in a while.

    SQLite mostly waits by itself for whoever holds the file, but not while that one opens or closes
    it. A server may restart, and one transaction may cross another.
    """
    if not isinstance(error, DBAPIError):
        return False
    if type(error.orig).__module__ == "sqlite3":
        return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_BUSY")
    state = getattr(error.orig, "sqlstate", None)
    unreachable = isinstance(error, OperationalError) and state in (None, SERVER_STARTS)
    return error.connection_invalidated or unreachable or state in CROSSED


_ADVICE = (
    (r"locked|busy", "another program holds it: end that, or wait, and run this again"),
    (r"\bfull\b|No space|53100", "free some space and run this again: what is kept stays"),
    (
        r"malformed|not a database|corrupt",
        "the file is damaged: move it away, and a new one is made",
    ),
    (r"read-?only|unable to open|disk I/O", "check the place, and who may write there"),
    (r"password|authentication", "check user and password in SAYSO_STORE"),
    (r"database \".*\" does not exist", "make that database first: createdb"),
    (r"no schema has been selected|42501", "let its owner grant CREATE on the schema"),
    (r"connection|resolve|timeout", "check that the server runs and can be reached"),
)


def _advice(cause: BaseException) -> str:
    said = f"{cause} {getattr(cause, 'sqlstate', '')}"
    found = (advice for signs, advice in _ADVICE if re.search(signs, said))
    return next(found, "check the place in SAYSO_STORE")
