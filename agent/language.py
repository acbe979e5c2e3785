"""Which language a text is written in. The only user of py3langid."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

# Languages that news is often written in. Rarer ones only draw names and short texts to them.
_LANGUAGES = (
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr",
    "hu", "id", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "sw",
    "th", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
# Short English texts full of foreign names keep a probability of English above 0.005; one
# sentence of plain German, Spanish or Dutch leaves it under 0.0002.
_ENGLISH_AT_LEAST = 0.001
_LETTERS_AT_LEAST = 20
_SAMPLE = 20_000  # characters: enough to be sure, and quick
_loading = Lock()  # threads that begin together would each load the model


def detect_language(text: str) -> str:
    """Return the language as ISO 639-1, "und" for a text of under 20 letters.

    In doubt the answer is "en", so that capitals and names don't make English foreign.

    >>> detect_language("Der Minister sagte gestern, dass er nicht nach Rom reist.")
    'de'
    """
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    if letters < _LETTERS_AT_LEAST:
        return "und"
    if sum(character.isupper() for character in sample) > letters / 2:
        sample = sample.lower()
    with _loading:
        identifier = _identifier()
    ranked: dict[str, float] = dict(identifier.rank(sample))
    return "en" if ranked["en"] >= _ENGLISH_AT_LEAST else max(ranked, key=lambda code: ranked[code])


@cache
def _identifier() -> Any:
    """Return the identifier, loaded once: its model takes most of a second."""
    from py3langid.langid import (  # type: ignore[import-untyped]  # noqa: PLC0415
        MODEL_FILE,
        LanguageIdentifier,
    )

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
