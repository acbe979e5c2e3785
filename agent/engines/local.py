"""The embedded engine: llama.cpp in this process. Only user of llama.cpp (xllamacpp).

Its server listens on loopback and speaks OpenAI's API, so OpenAIEngine does the asking.

What was measured on 2 cores with the 1.5B model, and decided here:
- A prefix that requests share is evaluated once (84 tokens/s), then taken from the cache; several
  prefixes are kept in memory (28 KiB a token) and come back in milliseconds.
- One slot: each slot evaluates the shared prefix for itself, which costs more than slots save.
- Weights are read, not mapped: llama.cpp keeps a copy in an order of its own, and what is mapped
  would count on top of it (2.2 GB with the model loaded, 1.6 GB without, for .4 s more to load).
- No flash attention: it writes 31 tokens/s with it, 34 without. An 8-bit cache is slower too.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import xllamacpp  # type: ignore[import-untyped]

from agent.engine import Abilities, Identity, Reply, Request
from agent.engines.openai import OpenAIEngine
from agent.engines.weights import digest
from agent.errors import Unavailable, WeightsError

MAGIC = b"GGUF"
CONTEXT_TOKENS = 8192
CACHE_MIB = 512
FIRST_REPLY_LIMIT_S = 60.0
SILENCE_LIMIT_S = 300.0  # the server says nothing until the answer is whole
DEADLINE_S = 600.0


class LocalEngine:
    """Answers requests with a GGUF model in this process; close it, or use it in `with`.

    sha256: of the weights where it's known already, else it's computed (1 s for each GB).
    threads: None takes the cores that this process may use. context_tokens: for each slot.
    slots: requests that are answered at the same time.

    Raises:
        WeightsError: no such file, not GGUF, cut short, or nothing that llama.cpp can load.
    """

    def __init__(
        self,
        path: Path,
        *,
        sha256: str | None = None,
        threads: int | None = None,
        context_tokens: int = CONTEXT_TOKENS,
        slots: int = 1,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        _check_magic(path)
        api_key = secrets.token_hex(32)
        params = _params(path, threads or _cores(), context_tokens, slots)
        params.api_keys = [api_key]
        try:
            self._server: xllamacpp.Server | None = xllamacpp.Server(params)
        except RuntimeError as error:
            message = f"llama.cpp can't load {path}: it is cut short, of a kind that this version "
            message += "doesn't know, or too large for the free memory; try another GGUF file"
            raise WeightsError(message) from error
        address = self._server.listening_address
        _await_first_reply(address, api_key)
        self._engine = OpenAIEngine(
            path.stem,
            f"{address}/v1",
            api_key,
            identity=Identity("local", sha256 or digest(path), build=xllamacpp.__version__),
            abilities=Abilities(
                grammar=True,
                logprobs=True,
                context_tokens=context_tokens,
            ),
            timeout_s=min(SILENCE_LIMIT_S, deadline_s),
            deadline_s=deadline_s,
        )

    @property
    def identity(self) -> Identity:
        """The weights' SHA-256 and the version of the llama.cpp package."""
        return self._engine.identity

    @property
    def abilities(self) -> Abilities:
        """Grammar, log-probabilities, and the context of one slot."""
        return self._engine.abilities

    def ask(self, request: Request) -> Reply:
        """Return the answer, which costs nothing; see OpenAIEngine.ask."""
        reply = self._engine.ask(request)
        return replace(reply, usage=replace(reply.usage, cost_usd=0.0))

    def close(self) -> None:
        """Stop the server and free the model; no request may be under way. Twice does no harm."""
        self._engine.close()
        self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        message = f"can't read the model {path}: {error.strerror}; give the path of a GGUF file"
        raise WeightsError(message) from error
    if magic != MAGIC:
        raise WeightsError(f"{path} isn't a GGUF file; llama.cpp reads nothing else")


def _params(path: Path, threads: int, context_tokens: int, slots: int) -> xllamacpp.CommonParams:
    """Return the server's settings, all but the key."""
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {path.stem}  # else replies name the model by its path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.ui = False
    params.verbosity = 0  # llama.cpp logs to the process's stderr
    params.n_ctx = context_tokens * slots
    params.n_parallel = slots
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = CACHE_MIB
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.warmup = False
    return params


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _await_first_reply(address: str, api_key: str) -> None:
    """Wait until the server's loop runs: one that is stopped before that never ends."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=FIRST_REPLY_LIMIT_S)
    try:
        connection.request("GET", "/slots", headers={"Authorization": f"Bearer {api_key}"})
        connection.getresponse().read()
    except (OSError, HTTPException) as error:
        raise Unavailable(f"the embedded server doesn't answer: {error}; try again") from error
    finally:
        connection.close()
