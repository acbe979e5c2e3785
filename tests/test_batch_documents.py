"""The articles of a run: lines of JSON, files, folders, globs, standard input."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.batch.documents import (
    Item,
    count_articles,
    find_sources,
    list_items,
    parse_line,
    read_item,
)
from agent.document import Article
from agent.errors import InputError


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder with some articles in it."""
    monkeypatch.chdir(tmp_path)
    for path in ("news/b.txt", "news/a.txt", "news/2024/a.txt", "news/notes.bin", "news/x.jsonl"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(f'{{"text": "From {path}."}}\n', encoding="utf-8")


def line(**fields: Any) -> bytes:
    """Return a line of the input."""
    return json.dumps(fields).encode()


def names(*inputs: str, outputs: list[str] | None = None) -> list[tuple[str, str]]:
    """Return path and name of each source."""
    found = find_sources(inputs, [Path(path) for path in outputs or []])
    return [(source.path, source.name) for source in found]


# ---- lines ------------------------------------------------------------------------------------


def test_line_becomes_an_article() -> None:
    """The known fields are the article's; all others are kept as they are."""
    row = line(id="a", text="Rain.", title="T", date="2024-01-02", url="http://x/", desk=[1, None])
    wanted = Article("Rain.", "a", "T", "2024-01-02", "http://x/", {"desk": [1, None]})
    assert wanted == parse_line(row)


def test_line_without_an_id_is_named_by_its_text() -> None:
    """The name stays the same wherever the line stands, and differs for another text."""
    one, again, other = (parse_line(line(text=text)).id for text in ("Rain.", "Rain.", "Snow."))
    assert (one, 16) == (again, len(one))
    assert one != other


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("isn't JSON", b"{"),
        ("isn't JSON", b'{"text": "\xff"}'),
        ("isn't JSON", b'{"text": "a", "n": NaN}'),
        ("isn't JSON", b"[" * 100_000),
        ("isn't an object", b'["text"]'),
        ('no "text"', b"{}"),
        ('no "text"', line(text=None)),
        ('"id" must be', line(text="a", id=True)),
        ('"id" must be', line(text="a", id=1.5)),
        ('"title" must be a string', line(text="a", title=["b"])),
        ('"url" must be a string', line(text="a", url=1)),
    ],
)
def test_line_that_is_no_article_says_why(message: str, data: bytes) -> None:
    """What can't be an article is refused with what is wrong."""
    with pytest.raises(InputError, match=message):
        parse_line(data)


def test_line_may_begin_with_a_byte_order_mark() -> None:
    """Some programs write one at the start of a file."""
    assert "a" == parse_line(b"\xef\xbb\xbf" + line(text="a")).text


def test_line_longer_than_allowed_is_refused() -> None:
    """The limit of characters holds for lines as for files."""
    with pytest.raises(InputError, match="x:1 has 11 characters"):
        read_item(Item(1, "x:1", line(text="a" * 11)), max_chars=10)


# ---- sources ----------------------------------------------------------------------------------


def test_folder_gives_its_files_by_name() -> None:
    """All files of known kinds, those of folders within too, each named by its path."""
    wanted = [
        ("news/2024/a.txt", "2024/a"),
        ("news/a.txt", "a"),
        ("news/b.txt", "b"),
        ("news/x.jsonl", "x"),
    ]
    assert wanted == names("news")


def test_glob_gives_what_fits() -> None:
    """Names begin where the pattern does; `**` goes into folders."""
    assert [("news/a.txt", "a"), ("news/b.txt", "b")] == names("news/*.txt")
    assert ["2024/a", "a"] == [name for _, name in names("news/**/a.txt")]


def test_inputs_keep_their_order() -> None:
    """What is named first comes first, and a file may be named in any kind."""
    assert ["b", "2024/a", "notes"] == [
        name for _, name in names("news/b.txt", "news/2*/*.txt", "news/notes.bin")
    ]


def test_output_within_the_input_folder_is_no_input() -> None:
    """What the run before wrote isn't read as an article."""
    assert ["2024/a", "a", "b"] == [name for _, name in names("news", outputs=["news/x.jsonl"])]


@pytest.mark.parametrize(
    ("message", "inputs"),
    [
        ("no file or folder nothing.txt", ["nothing.txt"]),
        ("fits no file", ["news/*.pdf"]),
        ("holds no file of the kinds", ["empty"]),
        ("only be read once", ["-", "-"]),
    ],
)
def test_input_that_is_not_there_is_refused(message: str, inputs: list[str]) -> None:
    """A wrong path ends the run before it begins."""
    Path("empty").mkdir()
    with pytest.raises(InputError, match=message):
        find_sources(inputs)


# ---- items ------------------------------------------------------------------------------------


def test_items_tell_where_they_stand() -> None:
    """Position in the whole input, file and line; empty lines count as lines only."""
    Path("two.jsonl").write_bytes(line(text="a") + b"\n\n" + line(text="b"))
    items = list(list_items(find_sources(["news/a.txt", "two.jsonl"])))
    assert [(1, "news/a.txt"), (2, "two.jsonl:1"), (3, "two.jsonl:3")] == [
        (item.position, item.where) for item in items
    ]
    assert 3 == count_articles(find_sources(["news/a.txt", "two.jsonl"]))


def test_file_becomes_an_article() -> None:
    """A file's article has its name within the folder as id, and its path as origin."""
    (item,) = list_items(find_sources(["news/2024"]))
    article = read_item(item, 1000)
    assert ("a", "news/2024/a.txt") == (article.id, article.origin)
    assert "From news/2024/a.txt." in article.text


def test_standard_input_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows how many come; they're yielded one by one."""
    stdin = io.TextIOWrapper(io.BytesIO(line(text="a") + b"\n" + line(text="b")))
    monkeypatch.setattr(sys, "stdin", stdin)
    sources = find_sources(["-"])
    assert count_articles(sources) is None
    assert ["-:1", "-:2"] == [item.where for item in list_items(sources)]
