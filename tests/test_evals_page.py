"""Tests of the page of a run: one file, nothing loaded, hostile words escaped, figures in place."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ConfigError
from agent.schema import Rejected
from eval_samples import make_run
from evals.form import Reading, RunFile
from evals.gold import Case
from evals.gold_form import GoldFile
from evals.layers import Article, show_article
from evals.outline import outline
from evals.page import page
from gold_samples import TEXT, claim, make_case, raw_gold, record

COST = "The repair cost 4 million euros"
CHROMIUM = shutil.which("chromium")
ATTACK = "</span><script>document.title='owned'</script><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Notes tags, attributes, and the text of the article without its marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.raw: dict[str, str] = {}
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in {"meta", "input", "img"}:
            self._inside.append(dict(attrs).get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Keep the words of the article, and style and script as they are."""
        if "text" in self._inside and not self._inside[-1].startswith("mark"):
            self.text += data
        if self._inside and self._inside[-1] in {"style", "script"}:
            self.raw[self._inside[-1]] = data

    def values(self, name: str) -> list[str]:
        """Return all values of an attribute."""
        return [value for _, other, value in self.attributes if other == name]


def show(*claims: Any, ceiling: dict[str, float | None] | None = None, **fields: Any) -> str:
    """Return the page of a run that read some claims in the sample."""
    return page(make_run([record(*claims)], [make_case()], **fields), [make_case()], ceiling)


def make_hostile() -> tuple[RunFile, Case]:
    """Return a run and a gold in which every string that can be is an attack."""
    text = f"{TEXT}\n{ATTACK}\n"
    raw = raw_gold()
    raw["document"] |= {"sha256": hashlib.sha256(text.encode()).hexdigest(), "title": ATTACK}
    raw["entities"][0] |= {"name": ATTACK}
    raw["claims"][1] |= {"note": ATTACK, "text": ATTACK, "id": ATTACK}
    raw["claims"][0] |= {"duplicate_of": ATTACK}
    case = replace(make_case(), gold=GoldFile.model_validate(raw), text=text)
    start = text.index(ATTACK)
    words = {"start": start, "end": start + len(ATTACK), "text": ATTACK}
    attack = claim('"><script>', COST).model_dump() | {"content": [words], "sentence": words}
    read = record(claim("p", "the bridge will reopen on Monday", [(ATTACK, "engineers")]))
    claims = [*read.claims, type(read.claims[0]).model_validate(attack)]
    refused = [Rejected(stage="ground", reason=ATTACK, strings=[ATTACK])]
    read = read.model_copy(update={"claims": claims, "rejected": refused})
    return make_run([read], [case], models=[ATTACK], gold=[ATTACK]), case


def test_page_loads_nothing() -> None:
    """Everything is in the file: no address but fragments, no import, no frame, one script."""
    html = show(claim("a", COST))
    seen = Reader(html)
    assert {"#"} == {value[:1] for value in seen.values("href")}
    assert [] == seen.values("src") + seen.values("srcset") + seen.values("action")
    assert [1, 1, 0] == [seen.tags[tag] for tag in ("script", "style", "link")]
    assert not re.search(r"url\(|@import|https?:", html)


def test_page_policy_lets_in_its_own_style_and_script_only() -> None:
    """The policy names both by their hash, and there's nothing inline that it would stop."""
    seen = Reader(show(claim("a", COST)))
    policy = next(value for value in seen.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'; ")
    for kind, text in seen.raw.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert [] == [name for _, name, _ in seen.attributes if name == "style" or name[:2] == "on"]


def test_page_escapes_hostile_words() -> None:
    """Whatever an article, a model or a gold file says stays text: no element comes of it."""
    run, case = make_hostile()
    seen = Reader(page(run, [case]))
    assert [1, 0] == [seen.tags[tag] for tag in ("script", "img")]
    assert [] == [name for _, name, _ in seen.attributes if name.startswith("on")]
    assert case.text == seen.text


def test_page_shows_control_characters_instead_of_obeying() -> None:
    """An article can't turn the direction of the page around or hide words in it."""
    case = replace(make_case(), text=f"{TEXT}a\u202eb\x00\x1b[31m")
    html = page(make_run([record()], [case]), [case])
    assert "a\\u202eb\\u0000\\u001b[31m" in html


def test_page_is_the_same_every_time() -> None:
    """One run gives one page, byte for byte."""
    assert show(claim("a", COST)) == show(claim("a", COST))


def test_page_anchors_are_unique_and_all_lead_somewhere() -> None:
    """Every id is there once, and every link within the page has its target."""
    seen = Reader(show(claim("a", COST), claim("b", "Share this page"), claim("c", COST)))
    ids = seen.values("id")
    assert sorted(set(ids)) == sorted(ids)
    assert set() == {href[1:] for href in seen.values("href")} - set(ids)


def test_page_keeps_the_text_whole() -> None:
    """Layers cut the text in pieces; put together it is the article."""
    seen = Reader(show(claim("a", COST), claim("b", "repair cost 4 million"), claim("c", "cost")))
    assert TEXT == seen.text


def read_article(*claims: Any) -> Article:
    """Return the sample as the page shows it."""
    return show_article(make_case(), record(*claims))


def test_layers_tell_gold_from_prediction() -> None:
    """Words that only one side marks are under that side's line, the rest under both."""
    segments = read_article(claim("a", "repair cost 4 million euros")).segments
    found = {s.text: (bool(s.gold), bool(s.predicted)) for s in segments}
    assert (True, False) == found["The "]
    assert (True, True) == found["repair cost 4 million euros"]


def test_pair_shows_what_differs_and_what_else_is_accepted() -> None:
    """The aligned pair has a verdict for each field, Dice, and gold's other readings."""
    nested = [("post", "the Harbour Post"), ("engineers", "engineers")]
    entries = read_article(claim("a", "The bridge may close again in winter", nested)).entries
    entry = next(e for e in entries if e.finding.predicted)
    rows = {row.field: row for row in entry.rows}
    assert {"words": True, "sources": True, "confidence": False} == {
        name: rows[name].same for name in ("words", "sources", "confidence")
    }
    assert ("possible", "probable", "certain") == (
        rows["confidence"].gold,
        rows["confidence"].accepted,
        rows["confidence"].predicted,
    )
    assert ("The Harbour Post ← engineers", "engineers") == (
        rows["sources"].gold,
        rows["sources"].accepted,
    )
    assert 1.0 == entry.overlap


def test_missed_claim_names_what_comes_nearest() -> None:
    """A claim that no prediction was paired with points to the one that overlaps most."""
    entries = read_article(claim("a", "in winter, according to engineers cited by")).entries
    missed = next(e for e in entries if e.finding.gold and e.finding.gold.id == "c2")
    spurious = next(e for e in entries if e.finding.predicted)
    assert missed.near is not None
    assert spurious.number == missed.near[0]


def test_page_of_one_article_has_no_interval() -> None:
    """One article: every interval is n/a, and the page says so."""
    html = show(claim("a", COST))
    assert "One article: there is no interval" in html
    assert not re.search(r"[.]\d{3} to ", html)


def test_page_of_two_articles_has_intervals() -> None:
    """Two articles that differ give an interval."""
    cases = [make_case(), replace(make_case(), id="other")]
    html = page(make_run([record(claim("a", COST)), record()], cases), cases)
    assert re.search(r"[.]\d{3} to [.]\d{3}", html)


def test_page_sets_baselines_and_annotators_beside() -> None:
    """Each baseline and the oracle have a column; annotators only where agreement is given."""
    heads = re.findall(r'<th scope="col">([^<]+)</th>', show(ceiling={"claim": 0.875}))
    assert {"empty", "headline", "sentences", "oracle", "annotators"} <= set(heads)
    assert ".875" in show(ceiling={"claim": 0.875})
    assert "annotators" not in re.findall(r'<th scope="col">([^<]+)</th>', show())


def test_page_says_that_there_is_no_calibration() -> None:
    """Without scores there's no plot but a sentence; with scores there's a plot."""
    sentence = "There is no calibration: no prediction carries a score."
    assert sentence in show(claim("a", COST))
    scored = show(claim("a", COST, score=0.5))
    assert (False, True) == (sentence in scored, "Reliability plot" in scored)


def test_page_of_a_figures_only_run_shows_no_article() -> None:
    """A run without texts shows figures and a note, and no word of the article."""
    run = make_run([record(claim("a", COST))])
    reading = Reading(record=outline(record(claim("a", COST))))
    document = run.documents[0].model_copy(update={"readings": [reading]})
    manifest = run.manifest.model_copy(update={"figures_only": True})
    blank = run.model_copy(update={"documents": [document], "manifest": manifest})
    html = page(blank, [make_case()])
    assert "figures, offsets and labels only" in html
    assert "million euros" not in html


@pytest.mark.parametrize(
    ("expected", "cases"),
    [
        ("wasn&#39;t at hand", []),
        ("another text", [make_case(raw_gold() | {"document": {
            "id": "bridge", "file": "bridge.txt", "sha256": "0" * 64}})]),
    ],
)  # fmt: skip
def test_page_says_why_an_article_is_missing(expected: str, cases: list[Case]) -> None:
    """Without its gold, or with gold of another text, an article has a note in its place."""
    assert expected in page(make_run([record()]), cases)


def test_page_says_what_failed() -> None:
    """A document without a record is in the table with its error, escaped."""
    assert "BadReply: &lt;b&gt;no&lt;/b&gt;" in page(make_run([None]), [make_case()])


def test_page_of_an_unfinished_run_is_refused() -> None:
    """No figures, no page: the message names the run."""
    run = make_run([record()]).model_copy(update={"figures": None})
    with pytest.raises(ConfigError, match="r1 has no figures"):
        page(run, [make_case()])


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="needs chromium")
def test_page_works_in_a_browser(tmp_path: Path) -> None:
    """The script is let in by the policy and sets up the filter; an attack isn't run."""
    run, case = make_hostile()
    (tmp_path / "page.html").write_text(page(run, [case]), encoding="utf-8")
    flags = "no-sandbox disable-gpu no-first-run disable-background-networking "
    flags += "disable-component-update disable-sync"
    done = subprocess.run(
        [
            CHROMIUM or "",
            "--headless",
            *(f"--{flag}" for flag in flags.split()),
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert re.search(r'id="shown" role="status">\d+ findings in 1 article<', done.stdout)
    assert "<title>r1 – evaluation</title>" in done.stdout
