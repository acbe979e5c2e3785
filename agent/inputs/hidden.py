"""What a web page holds and doesn't show, taken out before its article is looked for.

Judged are attributes, styles on the element itself, and plain rules of the page's own style sheets
(`.name {…}`, `#name {…}`). Not judged: style sheets of other files, scripts, text in the colour of
what lies behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

FAR_PX = 500.0  # beyond the edge of the page
TINY_PX = 3.0  # a letter
MOST_CHARS = 500_000  # of a style sheet
_NEVER_SHOWN = frozenset(("template", "noscript", "datalist", "noembed", "noframes"))
_FOR_SCREEN_READERS = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text")
)
_ROOTS = frozenset(("html", "head", "body"))  # scripts show these when they have run

_AT_RULE = re.compile(r"@[^{};@]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})")
_NAME = re.compile(r"([a-z][a-z0-9]*)?([.#])([\w-]+)\Z", re.IGNORECASE)
_LENGTH = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(px|pt|em|rem|%|vw|vh)?\Z")
_PX = {"pt": 1.33, "em": 16.0, "rem": 16.0, "%": 10.0, "vw": 10.0, "vh": 10.0}
_MOVED = re.compile(r"translate(?:x|y|3d)?\(([^)]*)\)")
_TURNED_OFF = re.compile(r"scale(?:x|y|3d)?\( *0(?:\.0+)? *[,)]")
_CLIPPED = re.compile(
    r"rect\( *(?:0|1)(?:px)?[ ,]+(?:0|1)(?:px)?[ ,]+(?:0|1)(?:px)?|inset\( *(?:[5-9]\d|100)%"
)


def take_out_hidden(tree: Any) -> str:
    """Take what isn't shown out of a tree of lxml, and return its words."""
    names = set(_hidden_names(tree))
    inside: set[Any] = set()
    tops: list[Any] = []
    words: list[str] = []
    for element in list(tree.iter()):
        within = element.getparent() in inside
        if within or _is_hidden(element, names):
            inside.add(element)
            words += [element.text or "", (element.tail or "") if within else ""]
            tops += [] if within else [element]
    for element in tops:
        if element.getparent() is not None:
            element.drop_tree()
    return "\n".join(filter(str.strip, words))


def _is_hidden(element: Any, names: set[tuple[str, str, str]]) -> bool:
    """Tell whether an element isn't shown. One with the headline stays: walls are laid over it."""
    tag = element.tag
    if not isinstance(tag, str):
        return True  # a comment or an instruction to a program
    if tag in _ROOTS:
        return False
    get = element.get
    classes = (get("class") or "").split()
    return (
        tag in _NEVER_SHOWN
        or (tag == "dialog" and get("open") is None)
        or get("hidden") is not None
        or ((get("aria-hidden") or "").strip().lower() == "true" and element.find(".//h1") is None)
        or not _FOR_SCREEN_READERS.isdisjoint(classes)
        or hides(get("style") or "")
        or any(("", ".", name) in names or (tag, ".", name) in names for name in classes)
        or ("", "#", get("id")) in names
        or (tag, "#", get("id")) in names
    )


def _hidden_names(tree: Any) -> Iterator[tuple[str, str, str]]:
    """Yield tag, mark and name of the rules that hide: ("", ".", "teaser")."""
    for element in tree.iter("style"):
        rules = _AT_RULE.sub("", _without_comments((element.text or "")[:MOST_CHARS]))
        for rule in rules.split("}"):
            selectors, _, style = rule.partition("{")
            if hides(style):
                for selector in selectors.split(","):
                    if match := _NAME.match(selector.strip()):
                        yield (match[1] or "").lower(), match[2], match[3]


def hides(style: str) -> bool:
    """Tell whether a style keeps its element from being seen.

    >>> [hides(each) for each in ("color: red; display : none", "left: -9999px", "left: 10px")]
    [True, False, False]
    >>> hides("position: absolute; left: -9999px"), hides("font-size: 0")
    (True, True)
    """
    given = dict(_declarations(style))
    length = {name: _px(value) for name, value in given.items()}
    away = given.get("position") in ("absolute", "fixed", "relative") and any(
        length.get(edge, 0.0) <= -FAR_PX for edge in ("left", "top", "right", "bottom")
    )
    moved = _MOVED.search(given.get("transform", ""))
    cut = given.get("overflow", "").startswith(("hidden", "clip")) and any(
        0.0 <= length.get(side, FAR_PX) <= 1.0
        for side in ("height", "width", "max-height", "max-width")
    )
    colour, behind = given.get("color"), given.get("background-color", given.get("background"))
    return (
        given.get("display") == "none"
        or given.get("visibility") in ("hidden", "collapse")
        or given.get("content-visibility") == "hidden"
        or 0.0 <= length.get("opacity", 1.0) < 0.05
        or 0.0 <= length.get("font-size", FAR_PX) < TINY_PX
        or away
        or length.get("text-indent", 0.0) <= -FAR_PX
        or any(length.get(f"margin-{edge}", 0.0) <= -FAR_PX for edge in ("left", "top"))
        or cut
        or bool(_CLIPPED.search(given.get("clip", "") + given.get("clip-path", "")))
        or bool(_TURNED_OFF.search(given.get("transform", "")))
        or (moved is not None and any(_px(part) <= -FAR_PX for part in moved[1].split(",")))
        or colour == "transparent"
        or (colour is not None and colour == behind)
    )


def _declarations(style: str) -> Iterable[tuple[str, str]]:
    parts = (part.partition(":") for part in _without_comments(style).lower().split(";"))
    return ((name.strip(), value.replace("!important", "").strip()) for name, _, value in parts)


def _without_comments(css: str) -> str:
    first, *rest = css.split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _px(value: str) -> float:
    """Return about how many pixels a length is, something in sight where it's none."""
    match = _LENGTH.match(value.strip())
    return float(match[1]) * _PX.get(match[2] or "px", 1.0) if match else FAR_PX
