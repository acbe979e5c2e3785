"""sayso: reads news and tells who says what, on whose say-so, and how sure they sound.

    from agent import extract_text

    record = extract_text(open("article.txt", encoding="utf-8").read())
    print(record.claims[0].text)

Names are loaded when they are first used, so that `import agent` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.api import extract_text
    from agent.errors import AgentError
    from agent.schema import Extraction
    from agent.settings import VERSION as __version__  # noqa: N811

__all__ = ["AgentError", "Extraction", "__version__", "extract_text"]

_PLACES = {
    "AgentError": ("agent.errors", "AgentError"),
    "Extraction": ("agent.schema", "Extraction"),
    "__version__": ("agent.settings", "VERSION"),
    "extract_text": ("agent.api", "extract_text"),
}


def __getattr__(name: str) -> Any:
    """Return one of the names above, imported now."""
    if name not in _PLACES:
        raise AttributeError(f"module 'agent' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """Return the names above and what a module has."""
    return sorted({*globals(), *__all__})
