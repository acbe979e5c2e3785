"""What our own code never does with the words of an article: proved on the syntax trees."""

from __future__ import annotations

import ast
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.repl.kept import keep
from agent.repl.lines import _history
from agent.repl.session import Session

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("agent/**/*.py"), *ROOT.glob("evals/**/*.py")])
RUNS_CODE = frozenset({"eval", "exec", "compile", "__import__"})
UNPICKLES = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"})
SHELLS = frozenset({"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"})
RAW_SQL = frozenset({"text", "exec_driver_sql", "literal_column", "DDL", "ask"})
SHARED_TEMPORARY = frozenset({"mktemp", "gettempdir", "tempnam", "tmpnam"})


def faults(code: str) -> Iterator[str]:
    """Yield what a module does that none of ours may."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            names = [module or "", *(alias.name for alias in node.names)]
            yield from (f"imports {name}" for name in names if name.split(".")[0] in UNPICKLES)
        elif isinstance(node, ast.Call):
            yield from _faults_of(node)


def _faults_of(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Name):
        name = call.func.id
        if name in RUNS_CODE:
            yield f"calls {name}"
    if name in SHELLS | SHARED_TEMPORARY:
        yield f"calls {name}"
    for keyword in call.keywords:
        if keyword.arg == "shell":
            yield "gives a shell"
        if keyword.arg == "autoescape" and not _is_true(keyword.value):
            yield "doesn't escape"


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def raw_sql(code: str) -> Iterator[str]:
    """Yield the calls of a module that give a database words which aren't written in our code."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            of = node.func
            name = of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")
            if name in RAW_SQL and not _is_fixed(node.args[0]):
                yield ast.unparse(node)


def _is_fixed(node: ast.expr) -> bool:
    """Tell whether a text is a constant, with nothing but constants of the module in it."""
    if isinstance(node, ast.JoinedStr):
        held = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(isinstance(value, ast.Name) and value.id.isupper() for value in held)
    return isinstance(node, ast.Constant)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_runs_nothing_that_it_was_given(path: Path) -> None:
    """No module evaluates, unpickles or gives words to a shell, or shares a temporary file."""
    assert [] == list(faults(path.read_text(encoding="utf-8")))


STATEMENTS = {  # SQL that isn't a constant where it's called, and where it comes from
    "db.exec_driver_sql(statement)": "the migrations, constants of tables.py",
    "db.exec_driver_sql(begin)": "BEGIN IMMEDIATE and the like, constants of database.py",
    "db.exec_driver_sql(f'PRAGMA user_version = {number}')": "a number of ours, counted up",
    "db.exec_driver_sql(f'PRAGMA {name}')": "names from a tuple beside it",
    "ask(f'PRAGMA {name}')": "the same",
}


def test_sql_is_written_by_sqlalchemy_or_fixed() -> None:
    """Whatever isn't SQLAlchemy's own is a constant, or stands in a short list with its reason."""
    found = {
        call
        for path in ROOT.glob("agent/store/*.py")
        for call in raw_sql(path.read_text(encoding="utf-8"))
    }
    assert STATEMENTS.keys() == found
    drivers = re.compile(r"^\s*(?:import|from) (?:sqlite3|psycopg|sqlalchemy)\b", re.MULTILINE)
    users = {path.parent for path in FILES if drivers.search(path.read_text(encoding="utf-8"))}
    assert {ROOT / "agent" / "store"} == users


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (["calls eval"], "x = eval(words)"),
        (["calls exec"], "exec(words)"),
        (["imports pickle"], "import pickle"),
        (["imports yaml"], "def f():\n    from yaml import load"),
        (["gives a shell"], "subprocess.run(words, shell=True)"),
        (["calls system"], "os.system(words)"),
        (["calls mktemp"], "tempfile.mktemp()"),
        (["doesn't escape"], "Environment(autoescape=False)"),
        ([], "re.compile(words); model.eval(); Environment(autoescape=True)"),
    ],
)
def test_faults_are_noticed(expected: list[str], code: str) -> None:
    """What the test above looks for, it finds."""
    assert expected == list(faults(code))


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (["sa.text(words)"], "sa.text(words)"),
        (["sa.text(f'SELECT {row.words}')"], "sa.text(f'SELECT {row.words}')"),
        (["db.exec_driver_sql('SELECT ' + words)"], "db.exec_driver_sql('SELECT ' + words)"),
        ([], "sa.text('SELECT 1'); sa.select(table).where(table.c.id == words)"),
    ],
)
def test_raw_sql_is_noticed(expected: list[str], code: str) -> None:
    """What the test above looks for, it finds."""
    assert expected == list(raw_sql(code))


def test_rules_of_bandit_are_on() -> None:
    """`make check` has all of them for our code; what is let through stands beside its line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lint = project["tool"]["ruff"]["lint"]
    assert ["ALL"] == lint["select"]
    assert [] == [code for code in lint["ignore"] if re.fullmatch(r"S\d*", code)]
    assert {"tests/*"} == lint["per-file-ignores"].keys()


def test_sessions_and_history_are_for_their_owner_only(tmp_path: Path) -> None:
    """Whatever the mask of the process lets others read, these they can't."""
    before = os.umask(0)
    try:
        keep(tmp_path / "sessions" / "one.json", Session())
        _history(tmp_path / "repl" / "history")
    finally:
        os.umask(before)
    places = ("sessions", "repl", "repl/history")
    assert [0o700, 0o700, 0o600] == [
        stat.S_IMODE((tmp_path / place).stat().st_mode) for place in places
    ]
