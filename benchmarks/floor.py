"""The embedded reading beside the least that llama.cpp needs for the same tokens.

    python benchmarks/floor.py TEXT... [--lengths 1250 2500 5000 10000]

Reads each article, then measures on the same weights what llama.cpp evaluates and generates a
second in one long batch each. Floor: the tokens that the readings had evaluated and generated, at
these speeds. With --lengths the articles are also read as one text, cut to so many words, to show
how time grows with length. Seconds are of this machine, and only mean something on an idle one.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.api import open_document
from agent.document import Article
from agent.engine import Engine
from agent.engines import build_engine
from agent.extract import Resources, extract
from agent.files import load_resources
from agent.settings import Settings, load_settings
from bare_llama import BareServer, bare_server

LONG_TOKENS, WRITTEN_TOKENS = 2000, 128
MIB = 1024  # KiB, as ru_maxrss counts on Linux


@dataclass(frozen=True, slots=True)
class Reading:
    """What an article took. evaluated: tokens of the input that weren't cached."""

    name: str
    words: int
    seconds: float
    evaluated: int
    generated: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second, of one long batch."""

    evaluates: float
    generates: float

    def floor_s(self, reading: Reading) -> float:
        """Return the least seconds that the reading's tokens take."""
        return reading.evaluated / self.evaluates + reading.generated / self.generates


def read(name: str, text: str, resources: Resources, engine: Engine) -> Reading:
    """Return what one article took."""
    start = time.monotonic()
    record = extract(open_document(Article(text), force=True), resources, engine)
    usage = record.provenance.usage
    evaluated = usage.input_tokens - usage.cached_tokens
    seconds = time.monotonic() - start
    return Reading(name, len(text.split()), seconds, evaluated, usage.output_tokens)


def measure(settings: Settings, text: str) -> Speed:
    """Return llama.cpp's own speed with the weights and settings of the embedded engine."""
    asked = {"temperature": 0.0, "cache_prompt": False, "ignore_eos": True}
    with bare_server(settings) as server:
        tokens = _post(server, "/tokenize", {"content": text})["tokens"]
        batch = (tokens * (1 + LONG_TOKENS // len(tokens)))[:LONG_TOKENS]
        long = _post(server, "/completion", {"prompt": batch, "n_predict": 1} | asked)
        few = {"prompt": tokens[:8], "n_predict": WRITTEN_TOKENS}
        written = _post(server, "/completion", few | asked)
    return Speed(long["timings"]["prompt_per_second"], written["timings"]["predicted_per_second"])


def _post(server: BareServer, path: str, body: dict[str, Any]) -> Any:
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=300)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)
    return json.loads(connection.getresponse().read())


def show(readings: Sequence[Reading], speed: Speed) -> None:
    """Print a line for each article and one for all."""
    whole = Reading(
        "all",
        sum(r.words for r in readings),
        sum(r.seconds for r in readings),
        sum(r.evaluated for r in readings),
        sum(r.generated for r in readings),
    )
    for one in (*readings, whole):
        floor = speed.floor_s(one)
        print(  # noqa: T201
            f"{one.name[:32]:33}{one.words:6} words {one.seconds:7.1f} s  floor {floor:6.1f} s  "
            f"ratio {one.seconds / max(floor, 0.001):5.2f}  tokens a word: "
            f"in {one.evaluated / one.words:.2f}, out {one.generated / one.words:.3f}"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXT")
    parser.add_argument("--lengths", type=int, nargs="*", default=[], metavar="WORDS")
    options = parser.parse_args()
    settings = load_settings()
    resources = load_resources(settings)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in options.texts}
    joined = "\n\n".join(texts.values())
    with build_engine(settings) as engine:
        readings = [read(name, text, resources, engine) for name, text in texts.items()]
        grown = []
        for words in options.lengths:
            paragraphs, count = [], 0
            while count < words:
                for paragraph in joined.split("\n\n"):
                    paragraphs.append(paragraph)
                    count += len(paragraph.split())
                    if count >= words:
                        break
            grown.append(read(f"{words} words", "\n\n".join(paragraphs), resources, engine))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    speed = measure(settings, joined)
    print(  # noqa: T201
        f"llama.cpp: evaluates {speed.evaluates:.1f}, generates {speed.generates:.1f} tokens/s; "
        f"peak memory of the readings {peak:.0f} MiB"
    )
    show(readings, speed)
    if grown:
        show(grown, speed)


if __name__ == "__main__":
    main()
