"""The rules of direction of docs/design.md, proved on the syntax trees, lazy imports included."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "evals")
DESIGN = ROOT / "docs" / "design.md"
BORDER = "above this line: pure"
MODULE_LINE = re.compile(r"^\s*(?:agent/)?([\w/]+)\.py\b", re.MULTILINE)

# What a pure module may not import: no clock, disk, network, environment or randomness.
IO_LIBRARIES = frozenset(
    (
        "asyncio ctypes fcntl glob http httpcore2 httpx httpx2 importlib instructor io logging "
        "lxml multiprocessing openai os pathlib pickle platform platformdirs psycopg random "
        "requests secrets select shutil signal socket spacy sqlalchemy sqlite3 ssl subprocess "
        "sys tempfile tenacity threading time typer urllib uuid xllamacpp"
    ).split()
)
CLOCKS = frozenset({"today", "now", "utcnow"})
BUILTIN_IO = frozenset({"open", "print", "input"})

OWNERS = {
    "openai": {
        "agent.engines.openai",
        "agent.engines.openai_batch",
        "agent.engines.openai_replies",
    },
    "instructor": {"agent.engines.openai", "agent.engines.openai_replies"},
    "xllamacpp": {"agent.engines.local"},
    "spacy": {"agent.parser"},
    "tenacity": {"agent.engines.retrying"},
    "platformdirs": {"agent.settings"},
    "prompt_toolkit": {"agent.repl.*"},
    "trafilatura": {"agent.inputs.html"},
    "pypdf": {"agent.inputs.pdf"},
    "protego": {"agent.inputs.web"},
    "markdown_it": {"agent.inputs.markdown"},
    "docx": {"agent.inputs.docx"},
    "pysubs2": {"agent.inputs.subtitles"},
    "genai_prices": {"agent.money"},
    "pyarrow": {"agent.tables"},
    "py3langid": {"agent.language"},
    "jinja2": {"agent.page", "evals.page"},
    "sqlite3": {"agent.store", "agent.store.*"},
    "sqlalchemy": {"agent.store.*"},
    "psycopg": {"agent.store.*"},
    "dask": {"agent.cluster"},
    "distributed": {"agent.cluster"},
    "typer": {"agent.cli", "agent.commands.*", "evals.commands", "evals.commands.*"},
}

MAY_IMPORT_EVALS = ("agent.cli", "agent.commands.*", "agent.repl", "agent.repl.*")


class Import(NamedTuple):
    """One import of one module, wherever in the file it stands."""

    line: int
    target: str
    names: frozenset[str]


def module_name(path: Path) -> str:
    """Return the dotted name of a file of the checkout."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}


def imports_of(tree: ast.AST) -> list[Import]:
    """Return every import, those within functions and under `if` too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [Import(node.lineno, alias.name, frozenset()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: write imports in full"
            names = frozenset(alias.name for alias in node.names)
            found.append(Import(node.lineno, node.module or "", names))
    return found


def our_targets(item: Import) -> set[str]:
    """Return which of our modules an import names, `from agent import ground` included."""
    if item.target.split(".")[0] not in PACKAGES:
        return set()
    inner = {f"{item.target}.{name}" for name in item.names} & FILES.keys()
    return inner or {item.target}


def read_order() -> tuple[list[str], list[str]]:
    """Return the pure modules, and all modules, of agent in the order of docs/design.md.

    There, in a fenced block, each line starts with the path of one module below agent/, and the
    line `above this line: pure` parts the two kinds. agent/__init__.py is last without being named.
    """
    page = DESIGN.read_text(encoding="utf-8")
    blocks = re.findall(r"```[^\n]*\n(.*?)```", page, re.DOTALL)
    block = next(text for text in blocks if BORDER in text)
    pure, everything = (
        [
            f"agent.{path.replace('/', '.')}".removesuffix(".__init__")
            for path in re.findall(MODULE_LINE, text)
        ]
        for text in (block[: block.index(BORDER)], block)
    )
    return pure, [name for name in everything if name != "agent"] + ["agent"]


TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
IMPORTS = {name: imports_of(tree) for name, tree in TREES.items()}


PURE, ORDER = read_order()


def test_design_gives_every_module_its_place() -> None:
    """docs/design.md lists each module of agent once, and no module that isn't there."""
    assert sorted(name for name in FILES if name.split(".")[0] == "agent") == sorted(ORDER)


@pytest.mark.parametrize("name", [name for name in ORDER if name in FILES])
def test_module_imports_only_what_stands_above_it(name: str) -> None:
    """A module of agent imports only modules listed above it, lazy imports included."""
    above = set(ORDER[: ORDER.index(name)])
    if any(fnmatch(name, pattern) for pattern in MAY_IMPORT_EVALS):
        above |= {other for other in FILES if other.split(".")[0] == "evals"}
    wrong = [
        f"line {item.line}: {target}"
        for item in IMPORTS[name]
        for target in our_targets(item)
        if target not in above
    ]
    assert [] == wrong


@pytest.mark.parametrize("name", PURE)
def test_pure_module_reaches_for_nothing(name: str) -> None:
    """A pure module imports no I/O library, asks no clock, opens and prints nothing."""
    libraries = [item.target for item in IMPORTS[name] if item.target.split(".")[0] in IO_LIBRARIES]
    calls = [node.func for node in ast.walk(TREES[name]) if isinstance(node, ast.Call)]
    clocks = [
        f"line {call.lineno}: {call.attr}()"
        for call in calls
        if isinstance(call, ast.Attribute) and call.attr in CLOCKS
    ]
    builtins = [
        f"line {call.lineno}: {call.id}()"
        for call in calls
        if isinstance(call, ast.Name) and call.id in BUILTIN_IO
    ]
    assert ([], [], []) == (libraries, clocks, builtins)


@pytest.mark.parametrize(("library", "owners"), OWNERS.items())
def test_library_has_one_owner(library: str, owners: set[str]) -> None:
    """Each SDK is imported in its owner file only; `x.*` is every file of a folder."""
    users = {
        name
        for name, items in IMPORTS.items()
        for item in items
        if item.target.split(".")[0] == library
    }
    assert [] == [user for user in users if not any(fnmatch(user, owner) for owner in owners)]


@pytest.mark.parametrize("name", [name for name in FILES if name.split(".")[0] == "evals"])
def test_evals_imports_no_rim_of_the_agent(name: str) -> None:
    """The evaluation doesn't import the command line, which imports it; `python -m evals` is it."""
    if name == "evals.__main__":
        pytest.skip("an entry point, which nothing imports")
    targets = [target for item in IMPORTS[name] for target in our_targets(item)]
    rim = [t for t in targets if any(fnmatch(t, pattern) for pattern in MAY_IMPORT_EVALS)]
    assert [] == rim


def test_our_imports_have_no_cycle() -> None:
    """No module imports itself by way of others."""
    graph = {
        name: {target for item in items for target in our_targets(item)}
        for name, items in IMPORTS.items()
    }
    assert graph.keys() == set(TopologicalSorter(graph).static_order())
