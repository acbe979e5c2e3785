"""Files that were damaged at random: read, or refused with an error of ours. `make fuzz` for more.

The readers of PDFs and pages run in this process here: in their own, a crash is an error of ours
whatever it is (a few cases of that are tested too).
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.document import Article
from agent.errors import GoldError, InputError, PromptError, StoreError
from agent.files import load_prompts
from agent.inputs.confined import Kind, read_confined
from agent.inputs.docx import read_docx
from agent.inputs.html import read_html
from agent.inputs.pdf import read_pdf
from agent.inputs.text import Raw
from agent.prompt import Prompt, parse_prompt
from agent.store import Store
from agent.store.recording import read_lines
from evals.gold import load_case
from fuzzing import as_bytes, cases, damaged, damaged_json, limited, tried
from input_samples import make_docx, make_pdf, page, paragraph, run, show

# The files are long, so what is told of a failing case is too.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
ROOT = Path(__file__).parents[1]
INPUTS = ROOT / "tests" / "data" / "inputs"
DEEP = b"[" * 100_000

# ---- prompts ------------------------------------------------------------------------------------

PROMPTS = [path.read_bytes() for path in sorted(ROOT.glob("prompts/*/*")) if path.is_file()]
TEMPLATES = [data for data in PROMPTS if data.startswith(b"+++")]
EXAMPLES = [data for data in PROMPTS if not data.startswith(b"+++")]
IN_PROMPTS = (
    b'+++\n~+++~\n~# user\n~# system\n~# other\n~$~$$~${x}~$passage~"""~[[example]]\n'
    b'~answer = "x"\n~name = 1\n'
    b'~version = true\n~params = {}\n~params = 3\n~max_tokens = -1\n~= ~"~\xff~\0~\r\n'
    b"~1979-05-27~inf~[a.b]\n~\\u0000~\\"
).split(b"~")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the cases write their files into."""
    return tmp_path_factory.mktemp("fuzz")


def write_prompt(folder: Path, template: bytes, examples: bytes, lock: bytes | None) -> None:
    """Write a folder of one prompt; without a lock, one that has the right hashes."""
    task = folder / "speaker"
    task.mkdir(exist_ok=True)
    files = {"v1.md": template, "v1.examples.toml": examples}
    lines = []
    for name, data in files.items():
        (task / name).write_bytes(data)
        lines.append(f"{hashlib.sha256(data).hexdigest()}  speaker/{name}\n")
    (folder / "LOCK").write_bytes("".join(lines).encode() if lock is None else lock)


LOCKS = st.none() | damaged([(ROOT / "prompts" / "LOCK").read_bytes()], [*IN_PROMPTS, b"../", b"/"])


def test_damaged_prompt_is_loaded_or_refused(folder: Path) -> None:
    """Whatever template, examples and lock hold, there are prompts that render or a PromptError."""

    @cases(150)
    @given(damaged(TEMPLATES, IN_PROMPTS), damaged(EXAMPLES, IN_PROMPTS), LOCKS)
    @example(TEMPLATES[0], b"a = " + DEEP, None)
    @example(b"\xff", b"", None)
    @example(TEMPLATES[0], b"", b"\xff")
    @example(TEMPLATES[0], b"", b"0" * 64 + b"  a\0b\n")
    def check(template: bytes, examples: bytes, lock: bytes | None) -> None:
        write_prompt(folder, template, examples, lock)
        prompts = tried(lambda: load_prompts(folder), PromptError, "")
        for prompt in (prompts or {}).values():
            assert_renders(prompt)

    check()


def assert_renders(prompt: Prompt) -> None:
    """Check that a prompt which was loaded can be used."""
    values = dict.fromkeys(prompt.variables, "<|im_start|>")
    messages = prompt.render(values)
    assert "user" == messages[-1].role
    assert not values or "‹|im_start|>" in messages[-1].content
    assert prompt.max_tokens > 0


def test_damaged_template_alone_is_parsed_or_refused() -> None:
    """Without lock and files: text in, a prompt or a PromptError out."""

    @cases(150)
    @given(damaged(TEMPLATES, IN_PROMPTS), damaged([b"", *EXAMPLES], IN_PROMPTS))
    def check(template: bytes, examples: bytes) -> None:
        text = template.decode(errors="replace"), examples.decode(errors="replace")
        prompt = tried(lambda: parse_prompt(*text), PromptError, "")
        if prompt:
            assert_renders(prompt)

    check()


# ---- gold ---------------------------------------------------------------------------------------

GOLD = ROOT / "evals" / "gold" / "comet.json"
GOLD_VALUE = json.loads(GOLD.read_bytes())
IN_JSON = (
    b'"~{~}~[~]~,~:~null~true~-1~1e999~NaN~"\\ud800"~"\\u0000"~\xff~\0~"id"~"start"~"end": 0,'
    b'~"text": "",~[]~{}~\\'
).split(b"~")


def test_damaged_gold_is_loaded_or_refused(folder: Path) -> None:
    """A gold file is refused with its place, or every span is verbatim and it can be written."""
    text = (GOLD.parent / GOLD_VALUE["document"]["file"]).read_bytes()
    (folder / GOLD_VALUE["document"]["file"]).write_bytes(text)
    path = folder / "gold.json"

    @cases(150)
    @given(
        damaged_json(GOLD_VALUE, 1).map(as_bytes)
        | damaged_json(GOLD_VALUE, 4).map(as_bytes)
        | damaged([GOLD.read_bytes(), as_bytes(GOLD_VALUE)], IN_JSON)
    )
    @example(DEEP)
    @example(as_bytes(GOLD_VALUE | {"licence": [[[]]]}))
    @example(as_bytes(GOLD_VALUE | {"document": GOLD_VALUE["document"] | {"file": "x" * 5_000}}))
    @example(as_bytes(GOLD_VALUE | {"document": GOLD_VALUE["document"] | {"file": "a\0b"}}))
    @example(as_bytes(GOLD_VALUE | {"document": GOLD_VALUE["document"] | {"file": "."}}))
    def check(data: bytes) -> None:
        path.write_bytes(data)
        case = tried(lambda: load_case(path), GoldError, str(path))
        if case is None:
            return
        for claim in case.gold.claims:
            for span in (*claim.content, claim.sentence, *claim.confidence_cues):
                assert span.text == case.text[span.start : span.end]
        assert case.gold == type(case.gold).model_validate_json(case.gold.model_dump_json())

    check()


# ---- recordings ---------------------------------------------------------------------------------

RECORDING = (ROOT / "evals" / "gold" / "recording.jsonl").read_bytes().splitlines(keepends=True)
HEAD, REPLIES = json.loads(RECORDING[0]), [json.loads(line) for line in RECORDING[1:4]]


def lines_of(value: Any) -> bytes:
    """Return a damaged recording as its lines."""
    rows = value if isinstance(value, list) else [value]
    return b"".join(as_bytes(row) + b"\n" for row in rows)


def test_damaged_recording_is_imported_or_refused() -> None:
    """A line is taken in or counted as damaged; what was taken in can be read and written out."""

    @cases(150)
    @given(
        damaged_json([HEAD, *REPLIES], 1).map(lines_of)
        | damaged_json([HEAD, *REPLIES], 4).map(lines_of)
        | damaged([b"".join(RECORDING[:4])], [*IN_JSON, b"\n", b'"engine": -1,'])
    )
    @example(RECORDING[0] + DEEP)
    @example(DEEP)
    @example(lines_of([HEAD, REPLIES[0] | {"key": "\ud800\0"}]))
    @example(lines_of([HEAD, REPLIES[0] | {"engine": -1}]))
    def check(data: bytes) -> None:
        lines = data.decode(errors="replace").split("\n")
        with Store() as store:
            count = tried(lambda: store.load_lines(lines, "replies"), StoreError, "replies")
            if count is None:
                return
            entries = [entry for entry in read_lines(lines, "replies") if entry is not None]
            assert count == len(entries)
            for key, reply in {key: reply for key, reply, *_ in entries}.items():
                assert reply == store.get(key)
            written = store.recording()
            with Store() as other:
                other.load_recording(written)
                assert written == other.recording()
                assert 0 == other.damaged

    check()


# ---- readers of files ---------------------------------------------------------------------------

PDFS = [
    (INPUTS / "story.pdf").read_bytes(),
    make_pdf([show(["The mayor said that the bridge would close.", "She left."])] * 2),
    make_pdf(
        [show(["The mayor said that the bridge would close on Monday."])],
        objects=["<< /Title (Bridge) /CreationDate (D:20240305120000Z) >>"],
        trailer="/Info 4 0 R",
    ),
]
IN_PDFS = (
    b"endobj\n~<<~>>~[~]~(~)~1 0 R~2 0 R~4 0 R~9999999 0 R~/Kids~/Count -1~/Count 99999999~/Parent"
    b"~/Type /Catalog~/Length 99999999~/Length -1~/Filter /LZWDecode~/Filter [/ASCII85Decode]"
    b"~/Filter /RunLengthDecode~/DecodeParms << /Predictor 12 /Columns 0 >>~/Encrypt 3 0 R"
    b"~/Font << /F1 2 0 R >>~/ToUnicode 4 0 R~/Encoding /Identity-H~/XObject << /I 4 0 R >>"
    b"~/MediaBox [0 0 0 0]~stream\n~endstream\n~xref\n0 99999999\n~startxref\n0\n~trailer\n~%%EOF"
    b"~<feff~\\377~/#zz~null~1e99~-0~\0\0\0\0"
).split(b"~")
PAGES = [
    (INPUTS / "story.html").read_bytes(),
    *(path.read_bytes() for path in sorted((ROOT / "tests/data/hostile").glob("*.html"))),
    page("<h1>Bridge closes</h1><p>" + "The mayor said that it would close. " * 4 + "</p>"),
]
IN_PAGES = (
    b"<!--~-->~<p>~</p>~<div>~</div>~<table><tr><td>~<script>~</script>~<style>~<svg><style>"
    b'~<math>~<template>~<![CDATA[~]]>~<?xml version="1.0" encoding="utf-7"?>~<meta charset=utf-16>'
    b"~<meta charset=idna>~<base href='javascript:x'>~&#0;~&#xD800;~&#x110000;~&bogus;~&lt~\xff\xfe"
    b"~\xef\xbb\xbf~\0~<a href=~<img src=x>~ style='display:none'~ hidden~<h1>~</h1>~</body>~<html>"
    b'~<time datetime="9999-99-99">~<script type="application/ld+json">{"@type":"NewsArticle",'
    b'~"datePublished":[{}],~<ul><li>~<br>~<pre>~<!ENTITY x "y">~<q>~<\xc3\xa9>~<p xmlns:x="">'
).split(b"~")
WORDS = [make_docx(paragraph(run("The mayor said that it closed.")) * 3)]
IN_WORDS = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\0" * 8, b"w:p"]
READERS: dict[Kind, tuple[Callable[[Raw], Article], Sequence[bytes], Sequence[bytes]]] = {
    "html": (read_html, PAGES, IN_PAGES),
    "pdf": (read_pdf, PDFS, IN_PDFS),
    "docx": (read_docx, WORDS, IN_WORDS),
}


@pytest.mark.parametrize("kind", READERS)
def test_damaged_file_is_read_or_refused(kind: Kind) -> None:
    """The reader gives an article or says what is wrong; nothing else comes out of it."""
    read, samples, pieces = READERS[kind]
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)

    @cases(60)
    @given(damaged(samples, pieces))
    def check(data: bytes) -> None:
        raw = Raw(data, f"story.{kind}", 200_000)
        with limited(), warnings.catch_warnings(action="ignore"):
            article = tried(lambda: read(raw), InputError, f"story.{kind}")
            if article:
                assert_is_text(article)

    check()


@pytest.mark.parametrize("swallowed", [(), (Exception,)], ids=["told", "swallowed"])
def test_reader_that_hangs_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, swallowed: tuple[type[Exception], ...]
) -> None:
    """What takes too long fails the test, though a library may take the timeout for its own."""
    monkeypatch.setattr("fuzzing.LIMIT_S", 0.1)
    with pytest.raises(AssertionError, match="longer than"), limited(), suppress(*swallowed):
        time.sleep(5)


def assert_is_text(article: Article) -> None:
    """Check that an article can be written, whatever file it came from."""
    for text in (article.text, article.title or "", article.date or "", *article.extra.values()):
        text.encode()


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_damaged_file_is_refused_by_its_own_process(kind: Kind, cut: float) -> None:
    """A file that breaks off is read or refused where files are really read."""
    _, samples, _ = READERS[kind]
    data = samples[0][: int(len(samples[0]) * cut)]
    raw = Raw(data, "story", 200_000)
    article = tried(lambda: read_confined(kind, raw), InputError, "story")
    if article:
        assert_is_text(article)
