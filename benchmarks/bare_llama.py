"""llama.cpp's own server with the weights and settings of the embedded engine, and nothing of ours.

What a peer is given, and what the floor is measured with.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import xllamacpp  # type: ignore[import-untyped]

from agent.engines.local import CONTEXT_TOKENS, _await_first_reply, _params
from agent.engines.weights import MODEL, find
from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class BareServer:
    """Where it listens, the key that it wants, and its model's name."""

    address: str
    key: str
    model: str


@contextmanager
def bare_server(settings: Settings) -> Iterator[BareServer]:
    """Run the server, with one slot and all cores, until the block ends."""
    weights = find(MODEL, settings.cache_dir)
    if weights is None:
        sys.exit("the weights aren't here: run `sayso models fetch`")
    key = secrets.token_hex(16)
    params = _params(weights, os.cpu_count() or 1, CONTEXT_TOKENS, 1)
    params.api_keys = [key]
    server = xllamacpp.Server(params)
    address = server.listening_address
    _await_first_reply(address, key)
    try:
        yield BareServer(address, key, weights.stem)
    finally:
        del server
