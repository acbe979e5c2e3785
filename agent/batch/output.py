"""The files that a run writes: records, failures, tables of claims; in the order of the input.

They're written as *.part beside their places and put there at the end, the records last: where
OUT.jsonl is, it's whole. After an interruption they're written anew from the store. What a second
try brings at the end of a run is put in its place by `mend`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from agent.batch.work import Done
from agent.errors import ConfigError
from agent.schema import Extraction
from agent.tables import CsvTable, ParquetTable, Table, check_parquet


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the files go. claims_csv, parquet: None for none."""

    records: Path
    claims_csv: Path | None = None
    parquet: Path | None = None

    @property
    def failures(self) -> Path:
        """Where the failures go: OUT.failed.jsonl for OUT.jsonl."""
        return self.records.with_name(f"{self.records.stem}.failed{self.records.suffix}")

    @property
    def all(self) -> Sequence[Path]:
        """The files in the order in which they're put in their places."""
        tables = [path for path in (self.claims_csv, self.parquet) if path]
        return [self.failures, *tables, self.records]


class Output:
    """The files of a run, open until the `with` block ends; `finish` puts them in their places.

    Raises:
        ConfigError: a file can't be written there, or another run is writing it.
    """

    def __init__(self, targets: Targets) -> None:
        check_targets(targets)
        self.targets = targets
        self._written = 0  # records
        self._gaps: list[tuple[int, int]] = []  # records before a failure, and its position
        self._failed = 0
        self._tables: list[Table] = []
        with contextlib.ExitStack() as stack:
            self._lock = stack.enter_context(_locked(part_of(targets.records)))
            self._records = stack.enter_context(_opened(part_of(targets.records)))
            self._failures = stack.enter_context(_opened(part_of(targets.failures)))
            self._open_tables(stack)
            self._files = stack.pop_all()

    def _open_tables(self, stack: contextlib.ExitStack) -> None:
        """Begin the tables, or begin them anew."""
        self._tables = []
        if self.targets.claims_csv:
            self._tables.append(CsvTable(part_of(self.targets.claims_csv)))
        if self.targets.parquet:
            self._tables.append(ParquetTable(part_of(self.targets.parquet)))
        for table in self._tables:
            stack.callback(table.close)

    def write(self, done: Done) -> None:
        """Write a record with its claims, or a failure.

        Raises:
            OSError: it can't be written.
        """
        if done.failure:
            self._failed += 1
            if done.again:
                self._gaps.append((self._written, done.position))
            self._failures.write(_failure_line(done))
            return
        self._written += 1
        self._records.write(f"{done.line}\n")
        self._add_to_tables(done.line)

    def _add_to_tables(self, line: str) -> None:
        if self._tables:
            extraction = Extraction.model_validate_json(line)
            for table in self._tables:
                table.add(extraction)

    def mend(self, late: Mapping[int, Done]) -> None:
        """Put what a second try brought in its place. late: by position, each a failure before.

        Raises:
            OSError: it can't be written.
        """
        if not late:
            return
        _rewrite(self._failures, lambda lines: _mended_failures(lines, late))
        found = [(before, late[at].line) for before, at in self._gaps if at in late]
        found = [(before, line) for before, line in found if line]
        if not found:
            return
        self._failed -= len(found)
        _rewrite(self._records, lambda lines: _put_between(lines, found))
        for table in self._tables:
            table.close()
        self._open_tables(self._files)
        if self._tables:
            self._records.seek(0)
            for line in self._records:
                self._add_to_tables(line)

    def finish(self) -> None:
        """Put the whole files in their places; without failures no file of them is left.

        Raises:
            OSError: they can't be written.
        """
        for file in (self._records, self._failures):
            file.flush()
            os.fsync(file.fileno())
        for table in self._tables:
            table.close()
        self._tables = []
        for path in self.targets.all:
            part_of(path).replace(path)
        if not self._failed:
            self.targets.failures.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # a full disk was told of before
            self._files.close()


def part_of(path: Path) -> Path:
    """Return where a file is written until it's whole."""
    return path.with_name(f"{path.name}.part")


def check_targets(targets: Targets) -> None:
    """Check that the files can be written, before the time is spent to make them.

    Raises:
        ConfigError: one can't be, or two are the same.
    """
    for path in targets.all:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} isn't a file: give another name")
        if not path.parent.is_dir():
            raise ConfigError(f"there's no folder {path.parent} to write {path.name} to: make it")
        if not os.access(path.parent, os.W_OK):
            raise ConfigError(f"nothing can be written to {path.parent}: give another place")
    if len({path.resolve() for path in targets.all}) < len(targets.all):
        raise ConfigError("records, failures and tables need a file each: give another name")
    if targets.parquet:
        check_parquet()


def _failure_line(done: Done) -> str:
    assert done.failure is not None  # noqa: S101  (for the type checker)
    row = {"position": done.position, "where": done.where, "id": done.name, **asdict(done.failure)}
    del row["document_id"]
    return f"{json.dumps(row)}\n"


def _mended_failures(lines: Iterable[str], late: Mapping[int, Done]) -> Iterator[str]:
    """Yield the failures without those that a second try made good, the others as it left them."""
    for line in lines:
        done = late.get(json.loads(line)["position"])
        if done is None:
            yield line
        elif done.failure:
            yield _failure_line(done)


def _put_between(lines: Iterable[str], late: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Yield the lines with late ones, each after so many.

    >>> "".join(_put_between(["a ", "b "], [(0, "x"), (1, "y"), (2, "z")])).split()
    ['x', 'a', 'y', 'b', 'z']
    """
    waiting = list(reversed(late))
    for number, line in enumerate(lines):
        while waiting and waiting[-1][0] <= number:
            yield f"{waiting.pop()[1]}\n"
        yield line
    yield from (f"{line}\n" for _, line in reversed(waiting))


def _rewrite(file: IO[str], change: Callable[[Iterable[str]], Iterable[str]]) -> None:
    """Change a file's lines in their place: another file there wouldn't be locked."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        file.seek(0)
        file.truncate()
        file.writelines(change(copy))


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w+", encoding="utf-8", newline="\n")
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"can't write {path}: {error.strerror}; give another place")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file against other runs; the system lets it go when the process ends."""
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
                yield
                return
            # else another run put it in its place meanwhile: that one isn't to be written to
        except BlockingIOError as error:
            raise ConfigError(
                f"another run is writing {path}: wait for it, or give -o another name"
            ) from error
        finally:
            os.close(handle)
