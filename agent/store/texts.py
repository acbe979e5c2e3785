"""Texts as both databases can hold them, and words as they are searched."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"  # UTC, to the second; texts of this form sort as the times do
_LONGEST = 200_000  # characters; PostgreSQL takes 1 MB of words at most


def clean(text: str) -> str:
    r"""Return the text without what a database or UTF-8 can't hold.

    >>> clean("a\0b\ud800")
    'a�b�'
    """
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def dumps(value: Any) -> str:
    r"""Return compact JSON that is valid UTF-8, whatever a model wrote.

    >>> dumps({"text": "é\ud800"})
    '{"text":"é\\ud800"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode()


def words(text: str) -> str:
    """Return the words of a text, folded, so that both databases find the same.

    >>> words("“Élysée-Palace” says: 5 %")
    'elysee palace says 5'
    """
    folded = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in folded if not unicodedata.combining(char)).casefold()
    return " ".join(re.findall(r"[^\W_]+", bare))[:_LONGEST]


def now() -> str:
    """Return the time in UTC."""
    return datetime.now(UTC).strftime(TIME_FORM)
