"""A throw-away PostgreSQL on loopback, which tests may stop and start."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

USER = "sayso"
PASSWORD = "p@ss/w:rd?"
IN_URL = "p%40ss%2Fw%3Ard%3F"


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where the server isn't installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


class PostgresqlServer:
    """A server in a temporary folder, with one user, who needs a password. Started by `with`."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="sayso-postgresql-"))
        self._owner: int | None = None
        if os.geteuid() == 0:  # the server refuses to run as root
            owner = pwd.getpwnam("postgres")
            self._owner = owner.pw_uid
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> Self:
        password = self._folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        password.chmod(0o644)
        self._run(
            "initdb",
            *("--username", USER, "--pwfile", str(password), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start it, and come back when it answers."""
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories= "
            "-c fsync=off -c max_connections=200"
        )
        self._run("pg_ctl", "--wait", "--log", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it; who is connected is thrown out."""
        self._run("pg_ctl", "--wait", "--mode", "immediate", "stop")

    def address(self, schema: str, password: str = IN_URL) -> str:
        """Return the address of a schema, for SAYSO_STORE."""
        place = f"127.0.0.1:{self.port}/postgres"
        options = f"-csearch_path%3D{schema}"
        return f"postgresql+psycopg://{USER}:{password}@{place}?options={options}"

    def make_schema(self, name: str) -> str:
        """Make a schema, which is as good as a database of its own, and return its address."""
        import psycopg

        place = f"host=127.0.0.1 port={self.port} dbname=postgres user={USER}"
        with psycopg.connect(place, password=PASSWORD, autocommit=True) as db:
            db.execute(f"CREATE SCHEMA {name}".encode())
        return self.address(name)

    def _run(self, program: str, *arguments: str) -> None:
        data = str(self._folder / "data")
        subprocess.run(
            [str(self._programs / program), "--pgdata", data, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            user=self._owner,
        )
