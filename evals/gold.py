"""Gold articles: read, checked against their text, or refused with the place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import GoldError
from evals.gold_check import find_problems
from evals.gold_form import GoldFile


@dataclass(frozen=True, slots=True)
class Case:
    """One gold article with its text. sha256: of the gold file itself, for the manifest."""

    id: str
    gold: GoldFile
    text: str
    path: Path
    sha256: str


def load_case(path: Path, text_dir: Path | None = None) -> Case:
    """Return a checked gold article.

    The text is looked for where `document.file` says, relative to the gold file, then by its
    bare name in `text_dir`.

    Raises:
        GoldError: with file, claim and field, when anything is amiss.
    """
    try:
        raw_bytes = path.read_bytes()
        raw = json.loads(raw_bytes)
        json.dumps(raw, ensure_ascii=False).encode()  # half a pair is no letter
    except OSError as error:
        raise GoldError(f"{path}: can't read the gold file ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise GoldError(f"{path}: not JSON ({error})") from error
    try:
        gold = GoldFile.model_validate(raw)
    except ValidationError as error:
        raise GoldError(_say_invalid(path, raw, error)) from error
    text = _read_text(path, gold, text_dir)
    problems = list(find_problems(gold, text))
    if problems:
        raise GoldError("\n".join(f"{path}: {problem}" for problem in problems))
    return Case(gold.document.id, gold, text, path, hashlib.sha256(raw_bytes).hexdigest())


def load_cases(places: Sequence[Path], text_dir: Path | None = None) -> list[Case]:
    """Return all gold articles of some files and folders, by name; ids are unique.

    Raises:
        GoldError: for bad files (all are told), a folder without any, or a document's second file.
    """
    cases: dict[str, Case] = {}
    problems: list[str] = []
    for place in places:
        paths = sorted(place.glob("*.json")) if place.is_dir() else [place]
        if not paths:
            problems.append(f"{place}: no gold file (*.json) here")
        for path in paths:
            try:
                case = load_case(path, text_dir)
            except GoldError as error:
                problems.append(str(error))
                continue
            if case.id in cases:
                other = cases[case.id].path
                problems.append(f"{case.path}: document id {case.id!r} is also in {other}")
            cases.setdefault(case.id, case)
    if problems:
        raise GoldError("\n".join(problems))
    return list(cases.values())


def find_layers(place: Path) -> list[Path]:
    """Return the folders of the two annotations that gold was made of, [] where there aren't two.

    place: a folder of gold, or a gold file in it; they lie in its folder `layers`.
    """
    folder = place if place.is_dir() else place.parent
    layers = sorted(path for path in folder.glob("layers/*") if path.is_dir())
    return layers if len(layers) == 2 else []


def _read_text(path: Path, gold: GoldFile, text_dir: Path | None) -> str:
    """Return the article's text, its hash checked."""
    places = [path.parent / gold.document.file]
    if text_dir is not None:
        places.append(text_dir / Path(gold.document.file).name)
    try:
        found = next((place for place in places if place.is_file()), None)
        data = found.read_bytes() if found else b""
    except OSError as error:
        raise GoldError(f"{path}: can't read the text ({error.strerror})") from error
    if found is None:
        raise GoldError(f"{path}: no text at {' or '.join(map(str, places))}")
    digest = hashlib.sha256(data).hexdigest()
    if digest != gold.document.sha256:
        raise GoldError(
            f"{path}: {found} is another text: its sha256 is {digest}, "
            f"the gold was made for {gold.document.sha256}"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise GoldError(f"{path}: {found} isn't UTF-8 ({error})") from error


def _say_invalid(path: Path, raw: Any, error: ValidationError) -> str:
    """Return one line per schema error, naming claim or entity by its id."""
    lines = []
    for item in error.errors():
        here, names = raw, []
        for step in item["loc"]:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                here = None
            known = here.get("id") if isinstance(here, dict) and isinstance(step, int) else None
            names.append(str(known or step))
        lines.append(f"{path}: {' / '.join(names)}: {item['msg']} (is {item['input']!r:.80})")
    return "\n".join(lines)
