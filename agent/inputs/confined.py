"""Readers of other forms than plain text, each run in a process of its own with limits.

A small file can be made to cost a parser minutes or gigabytes. Here it costs LIMIT_S seconds and
MEMORY_BYTES at most, and a parser that crashes takes nobody with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Literal

from agent.document import Article
from agent.errors import InputError
from agent.inputs.text import Raw

Kind = Literal["html", "pdf", "docx", "email", "subtitles", "markdown"]

LIMIT_S = 60.0
MEMORY_BYTES = 2 << 30  # of address space; a page of 5 MB takes 0.5 GB

_PROGRAM = "from agent.inputs.confined import serve; serve()"


def read_confined(kind: Kind, raw: Raw) -> Article:
    """Return the article in bytes that aren't plain text.

    Raises:
        InputError: the reader refuses them, crashes, or goes beyond its limits.
    """
    about = asdict(replace(raw, data=b"")) | {"data": None}
    head = json.dumps({"kind": kind, "memory_bytes": MEMORY_BYTES, "raw": about})
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    try:
        ran = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-P", "-c", _PROGRAM],  # -P: nothing of the current folder is run
            input=head.encode() + b"\n" + raw.data,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{raw.name} takes more than {LIMIT_S:g} s to open: {_SAVE_TEXT}"
        ) from error
    if ran.returncode:
        raise InputError(f"{raw.name} {_failure(ran.stderr)}: {_SAVE_TEXT}")
    answer = json.loads(ran.stdout)
    if "error" in answer:
        raise InputError(answer["error"])
    return Article(**answer)


_SAVE_TEXT = "it's damaged or made to do harm; save the article's text as a plain text file"


def _failure(stderr: bytes) -> str:
    """Return how a reader failed, by the last line of its traceback."""
    last = (stderr.decode(errors="replace").strip().splitlines() or ["it crashed"])[-1]
    if last.startswith("MemoryError") or "out of memory" in last.lower():
        return f"takes more than {MEMORY_BYTES / 1e9:.1f} GB of memory to open"
    return f"can't be read ({last[:200]})"


# ---- in the other process ---------------------------------------------------------------------


def serve() -> None:
    """Read what comes on standard input, and write the article or the error as JSON."""
    results = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no result
    head = json.loads(sys.stdin.buffer.readline())
    _limit_memory(head["memory_bytes"])
    raw = Raw(**head["raw"] | {"data": sys.stdin.buffer.read()})
    try:
        answer = asdict(_reader(head["kind"])(raw))
    except InputError as error:
        answer = {"error": str(error)}
    with os.fdopen(results, "w", encoding="utf-8") as out:
        json.dump(answer, out)


def _reader(kind: Kind) -> Callable[[Raw], Article]:
    reader: Callable[[Raw], Article] = getattr(
        import_module(f"agent.inputs.{kind}"), f"read_{kind}"
    )
    return reader


def _limit_memory(limit_bytes: int) -> None:
    try:
        import resource  # noqa: PLC0415  (only where there's Unix)

        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return  # macOS takes no such limit; the one on time holds
