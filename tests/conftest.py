"""What every test shares: no network but loopback, and the user's cache of weights."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest
import pytest_socket

from agent.engines.weights import PARSER, find
from agent.extract import Resources
from agent.files import load_lexicon, load_prompts
from agent.parser import load_parser
from postgresql_server import PostgresqlServer, find_programs

if TYPE_CHECKING:
    from command_runs import Ran


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --record, which `make record` sets."""
    parser.addoption(
        "--record", action="store_true", help="record the cassettes again, from a real engine"
    )


def pytest_runtest_setup() -> None:
    """Block every connection but those to loopback and to Unix sockets."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def record_mode(pytestconfig: pytest.Config) -> str:
    """Return vcrpy's record mode: "all" under --record, else "none"."""
    return "all" if pytestconfig.getoption("--record") else "none"


@pytest.fixture(scope="session")
def weights_cache() -> Path:
    """Return the folder that `make setup` fetched the weights into."""
    return Path(os.environ.get("SAYSO_CACHE") or platformdirs.user_cache_dir("sayso"))


@pytest.fixture(scope="session")
def resources(weights_cache: Path) -> Resources:
    """Return the prompts, the lexicon and the parser that we ship."""
    folder = find(PARSER, weights_cache)
    assert folder is not None, f"no parser in {weights_cache}: run `make setup` first"
    return Resources(load_prompts(), load_parser(folder), load_lexicon())


# ---- the store --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a store of its own: what the user's holds would be answered from there."""
    place = tmp_path_factory.getbasetemp() / "stores" / f"{uuid.uuid4().hex}.db"
    monkeypatch.setenv("SAYSO_STORE", str(place))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """Yield a PostgreSQL server; without its programs, the test is skipped."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server isn't installed (Debian: apt-get install postgresql)")
    with PostgresqlServer(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty place for a store: the test runs once on each database."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.make_schema(f"t{uuid.uuid4().hex}")


# ---- the commands -----------------------------------------------------------------------------


@pytest.fixture
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights_cache: Path) -> Path:
    """Return the folder to work in, home as well: empty, with no settings but for the weights."""
    from command_runs import SETTINGS  # it loads the command

    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SAYSO_CACHE", str(weights_cache))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sayso(bare_home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs `sayso` in this process and in `bare_home`."""
    from command_runs import run_command

    return partial(run_command, capfd)


@pytest.fixture
def eval_home(bare_home: Path) -> Path:
    """Return the folder to work in: with gold of three articles, without any settings."""
    from eval_samples import write_gold  # it loads all of the evaluation

    write_gold(bare_home / "gold", "a", "b", "c")
    return bare_home


@pytest.fixture
def sayso_eval(eval_home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs `sayso eval` in this process and in `eval_home`."""
    from command_runs import run_command

    return partial(run_command, capfd, "eval")
