"""Sessions that are kept by themselves, in files of the user's data folder."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.errors import InputError
from agent.files import write_report
from agent.repl.session import Session, restore
from agent.wording import counted

KEPT_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept session. saved: ISO 8601. claims: None where it wasn't read to its end."""

    path: Path
    saved: str
    title: str
    claims: int | None
    reviewed: int


def now() -> str:
    """Return the time in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_name(folder: Path) -> Path:
    """Return where a new session is to be kept; no two that run at a time have the same."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    stem = f"{stamp}-{os.getpid()}"
    taken = range(1, 10_000)
    paths = (folder / f"{stem}-{number}.json" for number in taken)
    return next(path for path in paths if not path.exists())


def keep(path: Path, session: Session) -> None:
    """Write a session, whole or not at all; of the oldest ones those beyond ten are deleted.

    Raises:
        ConfigError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_report(path, session.model_dump_json(by_alias=True) + "\n")
    for old in _files(path.parent)[KEPT_AT_MOST:]:
        old.unlink(missing_ok=True)


def kept(folder: Path) -> list[Kept]:
    """Return the kept sessions, the newest first; a damaged file is left out."""
    found = []
    for path in _files(folder):
        with contextlib.suppress(OSError, ValueError, InputError):
            session = restore(path.read_text(encoding="utf-8"), path.name)
            if session and session.article:
                claims = len(session.claims) if session.record else None
                told = (session.saved, session.title, claims, session.reviewed)
                found.append(Kept(path, *told))
    return found


def load(path: Path) -> Session:
    """Return a kept session.

    Raises:
        InputError: it's gone or damaged.
    """
    try:
        session = restore(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error
    if session is None:
        raise InputError(f"{path} isn't a session")
    return session


def forget(folder: Path) -> int:
    """Delete the kept sessions; return how many."""
    files = _files(folder)
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def _files(folder: Path) -> list[Path]:
    """Return the files of kept sessions, the newest first."""
    try:
        return sorted(folder.glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)
    except OSError:
        return []


def described(one: Kept) -> str:
    """Return a kept session in a line."""
    when = one.saved.replace("T", " ").removesuffix("+00:00") + " UTC" if one.saved else "?"
    verdicts = f", {one.reviewed} reviewed" if one.reviewed else ""
    claims = "not read yet" if one.claims is None else counted(one.claims, "claim")
    return f"{when}: {one.title} ({claims}{verdicts})"
