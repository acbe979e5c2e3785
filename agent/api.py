"""The same reading for Python: a text in, a record out."""

from __future__ import annotations

import atexit
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.document import Article, Document, read_document
from agent.engines import build_engine
from agent.errors import InputError
from agent.extract import Reading, Resources, extract
from agent.files import load_resources
from agent.inputs.text import check_length
from agent.language import detect_language
from agent.settings import Settings, load_settings

if TYPE_CHECKING:
    from agent.engine import Engine
    from agent.schema import Extraction

_LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "es": "Spanish", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def extract_text(
    text: str,
    *,
    model: str | None = None,
    base_url: str | None = None,
    reading: Reading = "auto",
    title: str | None = None,
    date: str | None = None,
    force: bool = False,
) -> Extraction:
    """Return the record of an article.

    model, base_url: as -m and --base-url; None is the embedded engine, or what SAYSO_MODEL and the
    config file say. It stays loaded for further calls with the same settings. date: of the
    article. force: reads a text that isn't English too.

    Raises:
        AgentError: one of the kinds in agent/errors.py.
    """
    settings = load_settings({"model": model, "base_url": base_url})
    article = Article(text, title=title, date=date)
    check_length("the text", len(text), settings.max_chars)
    document = open_document(article, force=force)
    resources, engine = _kept.loaded(settings)
    return extract(document, resources, engine, workers=settings.workers, reading=reading)


def open_document(article: Article, *, force: bool = False) -> Document:
    """Return the article's parts, if it can be read.

    Raises:
        InputError: it's empty, holds no sentence to read, or isn't English and force isn't set.
    """
    if not article.text.strip():
        raise InputError("the text is empty: there's nothing to read")
    language = detect_language(article.text)
    document = read_document(article, language)
    flags = list(document.flags)
    if encoding := article.extra.get("encoding"):
        flags.append(f"decoded as {encoding}")
    if language not in ("en", "und"):
        name = f"{_LANGUAGES.get(language, 'another language')} ({language})"
        if not force:
            raise InputError(
                f"the text seems to be {name}, and only English is read well; read it anyway with "
                "--force"
            )
        flags.append(f"seems to be {name}, not English")
    if not any(True for _ in document.readable()):
        raise InputError(
            "the text holds no sentence to read, only dates, links or buttons: check that the "
            "article itself is in it"
        )
    return replace(document, flags=tuple(flags))


class _Kept:
    """The engine and the parser of the last settings, since loading them takes seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings: Settings | None = None
        self._held: tuple[Resources, Engine] | None = None
        self._stack = ExitStack()

    def loaded(self, settings: Settings) -> tuple[Resources, Engine]:
        """Return what the settings need; what other settings needed is closed."""
        with self._lock:
            if self._held is None or settings != self._settings:
                self.close()
                resources = load_resources(settings)
                self._held = resources, self._stack.enter_context(build_engine(settings))
                self._settings = settings
            return self._held

    def close(self) -> None:
        """Close the engine, if one is open."""
        self._held = None
        self._stack.close()


_kept = _Kept()
atexit.register(_kept.close)
