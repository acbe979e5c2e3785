"""The embedded reading beside langextract: same model, same articles, one after the other.

    python benchmarks/reading.py POLNEAR_FOLDER --peer PYTHON [--articles N]

POLNEAR_FOLDER as in polnear.py; PYTHON: an interpreter that has langextract. Seconds are of this
machine, so only their ratio means something, and only if nothing else runs. Each tool's model is
loaded before its clock starts, as is what each keeps from the first article on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.api import open_document
from agent.document import Article
from agent.engines import build_engine
from agent.extract import extract
from agent.files import load_resources
from agent.settings import Settings, load_settings
from bare_llama import bare_server
from polnear import Attribution, Counts, attributions, compare, letters, read_ann, report

PEER = Path(__file__).with_name("peer_langextract.py")


@dataclass(frozen=True, slots=True)
class Gold:
    """An article and its attributions as people see them."""

    name: str
    text: str
    attributions: list[Attribution]


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool made of an article. tokens: of the model, generated; None where not told."""

    counts: Counts
    seconds: float
    tokens: int | None = None
    error: str = ""


def load(folder: Path, articles: int) -> list[Gold]:
    """Return the first articles of a part of the corpus, by name."""
    found = []
    for path in sorted((folder / "text").glob("*.txt"))[:articles]:
        text = path.read_text(encoding="utf-8")
        notes = sorted((folder / "attributions").glob(f"{path.stem}_*.ann"))
        found.append(Gold(path.stem, text, read_ann(text, notes[0].read_text(encoding="utf-8"))))
    return found


def by_sayso(articles: Sequence[Gold], settings: Settings) -> Iterator[Result]:
    """Yield what the embedded engine reads in each article."""
    resources = load_resources(settings)
    with build_engine(settings) as engine:
        for gold in articles:
            start = time.monotonic()
            record = extract(open_document(Article(gold.text), force=True), resources, engine)
            seconds = time.monotonic() - start
            counts = compare(attributions(gold.text, record.claims), gold.attributions)
            yield Result(counts, seconds, record.provenance.usage.output_tokens)


def by_langextract(articles: Sequence[Gold], settings: Settings, python: str) -> Iterator[Result]:
    """Yield what langextract reads, with the same weights behind a server of the same kind."""
    lines = "".join(json.dumps({"id": g.name, "text": g.text}) + "\n" for g in articles)
    with bare_server(settings) as server:
        peer = {
            "PEER_URL": f"{server.address}/v1", "PEER_KEY": server.key, "PEER_MODEL": server.model,
        }  # fmt: skip
        with subprocess.Popen(  # noqa: S603  (the interpreter that was named)
            [python, str(PEER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | peer,
        ) as process:
            assert process.stdin is not None  # noqa: S101  (for the type checker)
            assert process.stdout is not None  # noqa: S101  (for the type checker)
            process.stdin.write(lines)
            process.stdin.close()
            for gold, line in zip(articles, process.stdout, strict=False):
                yield _peer_result(gold, json.loads(line))


def _peer_result(gold: Gold, answer: dict[str, object]) -> Result:
    found = []
    items = answer.get("found", [])
    assert isinstance(items, list)  # noqa: S101  (our own peer wrote it)
    for item in items:
        content = letters(gold.text, [(item["start"], item["end"])])
        found.append(Attribution(content, _source(gold.text, item)))
    seconds = answer["seconds"]
    assert isinstance(seconds, float)  # noqa: S101  (as above)
    return Result(compare(found, gold.attributions), seconds, error=str(answer.get("error", "")))


def _source(text: str, item: dict[str, object]) -> frozenset[int] | None:
    """Return the place of the source's words that is nearest to the content, None where absent."""
    words, near = str(item["source"]), item["start"]
    assert isinstance(near, int)  # noqa: S101  (our own peer wrote it)
    places = [i for i in range(len(text)) if words and text.startswith(words, i)]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - near))
    return letters(text, [(start, start + len(words))])


def main() -> None:
    """Print both tools' figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", required=True, metavar="PYTHON")
    parser.add_argument("--articles", type=int, default=10)
    options = parser.parse_args()
    articles = load(options.folder, options.articles)
    settings = load_settings()
    tools = {
        "sayso": by_sayso(articles, settings),
        "langextract": by_langextract(articles, settings, options.peer),
    }
    for name, results in tools.items():
        done = list(results)
        print(f"== {name}: {sum(r.seconds for r in done) / len(done):.1f} s an article")  # noqa: T201
        for gold, one in zip(articles, done, strict=True):
            failed = f"  {one.error[:80]}" if one.error else ""
            counts = one.counts
            print(  # noqa: T201
                f"{gold.name[:44]:45} {one.seconds:6.1f} s  found {counts.found:3} "
                f"full {counts.full:3} predicted {counts.predicted:3} of {counts.gold:3}{failed}"
            )
        print("\n".join(report([one.counts for one in done])))  # noqa: T201


if __name__ == "__main__":
    main()
