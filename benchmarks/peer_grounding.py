"""A string found in a text by langextract or instructor, for fabrication.py: JSON lines in and out.

Run by an interpreter that has them (pip install langextract instructor regex); neither is needed
by sayso for this. First line out: the version. SETTING: a key of SETTINGS.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

Found = tuple[str, str]  # the words that came back, "" for none; the flag that the tool gives


def langextract(**options: bool) -> Callable[[str, str], Found]:
    """Return langextract's alignment with some options, the others as they are by default."""
    from langextract import data, resolver  # noqa: PLC0415

    aligner = resolver.Resolver()

    def find(string: str, text: str) -> Found:
        wanted = data.Extraction(extraction_class="claim", extraction_text=string)
        (got,) = aligner.align([wanted], text, token_offset=0, char_offset=0, **options)
        place, status = got.char_interval, got.alignment_status
        if place is None or place.start_pos is None:
            return "", "none"
        return text[place.start_pos : place.end_pos], status.value if status else "none"

    return find


def instructor() -> Callable[[str, str], Found]:
    """Return instructor's citation check, as its documentation has it."""
    from instructor import CitationMixin  # noqa: PLC0415

    def find(string: str, text: str) -> Found:
        checked = CitationMixin.model_validate(
            {"substring_quotes": [string]}, context={"context": text}
        )
        found = checked.substring_quotes[0] if checked.substring_quotes else ""
        return found, "no flag"

    return find


SETTINGS: dict[str, tuple[str, Callable[[], Callable[[str, str], Found]]]] = {
    "langextract, default": ("langextract", langextract),
    "langextract, accept_match_lesser=False": (
        "langextract",
        lambda: langextract(accept_match_lesser=False),
    ),
    "langextract, enable_fuzzy_alignment=False": (
        "langextract",
        lambda: langextract(enable_fuzzy_alignment=False),
    ),
    "langextract, both": (
        "langextract",
        lambda: langextract(accept_match_lesser=False, enable_fuzzy_alignment=False),
    ),
    "instructor, CitationMixin": ("instructor", instructor),
}


def main(setting: str) -> None:
    """Answer each line from stdin."""
    package, make = SETTINGS[setting]
    find = make()
    print(json.dumps({"version": f"{package} {version(package)}"}), flush=True)  # noqa: T201
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        found, flag = find(asked["string"], asked["text"])
        print(json.dumps({"found": found, "flag": flag}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
