"""What every test shares: no network but loopback, and the user's cache of weights."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest
import pytest_socket

from agent.engines.weights import PARSER, find
from agent.extract import Resources
from agent.files import load_lexicon, load_prompts
from agent.parser import load_parser


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
