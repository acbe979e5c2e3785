"""Reads what lies in files of ours: prompts, the lexicon, the parser. Writes reports."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigError, PromptError, WeightsError

if TYPE_CHECKING:
    from agent.extract import Resources
    from agent.lexicon import Lexicon
    from agent.prompt import Prompt
    from agent.score import Calibration
    from agent.settings import Settings

PACKAGE = Path(__file__).parent

# ---- what the reading needs -------------------------------------------------------------------

_LOCK_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_VERSION = re.compile(r"v([1-9]\d*)\.md")


def load_resources(settings: Settings) -> Resources:
    """Return the prompts, the lexicon, the parser and the calibration.

    Raises:
        PromptError, ConfigError: what we ship was changed.
        WeightsError: the parser isn't here.
    """
    from agent.engines.weights import PARSER, find  # noqa: PLC0415
    from agent.extract import Resources  # noqa: PLC0415
    from agent.parser import load_parser  # noqa: PLC0415

    folder = find(PARSER, settings.cache_dir)
    if folder is None:
        raise WeightsError(
            f"the parser {PARSER} isn't in {settings.cache_dir}: run `sayso models fetch`"
        )
    return Resources(load_prompts(), load_parser(folder), load_lexicon(), load_calibration())


def load_calibration() -> Calibration:
    """Return the weights of `score` that we ship.

    Raises:
        ConfigError: they were changed and have another form now.
    """
    from agent.score import read_calibration  # noqa: PLC0415

    path = PACKAGE / "data" / "calibration.json"
    try:
        return read_calibration(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(f"can't read {path}: {error}; install sayso again") from error


def load_lexicon() -> Lexicon:
    """Return the lexicon that we ship.

    Raises:
        ConfigError: it was changed and has another form now.
    """
    from agent.lexicon import read_lexicon  # noqa: PLC0415

    path = PACKAGE / "data" / "lexicon.toml"
    try:
        return read_lexicon(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"can't read {path}: {error}; install sayso again") from error


def load_prompts(folder: Path | None = None) -> dict[str, Prompt]:
    """Return the newest released version of each task's prompt, by the task's name.

    folder: holds LOCK and <task>/v<N>.md; None is the one that we ship.

    Raises:
        PromptError: a released file was changed or is missing, or a prompt is malformed.
    """
    from agent.prompt import parse_prompt  # noqa: PLC0415

    folder = folder or shipped_prompts()
    locked = _read_lock(folder)
    prompts: dict[str, Prompt] = {}
    for task, version in sorted(_newest(locked).items()):
        place = f"{task}/v{version}"
        examples = locked.get(f"{place}.examples.toml")
        if examples is None and (folder / f"{place}.examples.toml").exists():
            raise PromptError(f"{place}.examples.toml isn't in {folder / 'LOCK'}: add its hash")
        prompt = parse_prompt(locked[f"{place}.md"], examples or "")
        if (prompt.name, prompt.version) != (task, version):
            raise PromptError(
                f"{folder / place}.md calls itself {prompt.name} version {prompt.version}: mend "
                "name and version in its front matter"
            )
        prompts[task] = prompt
    return prompts


def shipped_prompts() -> Path:
    """Return the folder of prompts: in the installed package, else in the checkout."""
    installed = PACKAGE / "data" / "prompts"
    return installed if installed.is_dir() else PACKAGE.parent / "prompts"


def _newest(paths: dict[str, str]) -> dict[str, int]:
    """Return the highest version of each task."""
    newest: dict[str, int] = {}
    for path in paths:
        task, _, file = path.partition("/")
        if match := _VERSION.fullmatch(file):
            newest[task] = max(newest.get(task, 0), int(match[1]))
    return newest


def _read_lock(folder: Path) -> dict[str, str]:
    """Return the text of every file that LOCK names, by its path in the folder, hashes checked."""
    lock = folder / "LOCK"
    texts = {}
    for line in _decoded(lock, _prompt_bytes(lock)).splitlines():
        match = _LOCK_LINE.fullmatch(line)
        if not match:
            raise PromptError(f"{lock}: {line!r} isn't a SHA-256, two blanks and a path")
        data = _prompt_bytes(folder / match[2])
        if hashlib.sha256(data).hexdigest() != match[1]:
            raise PromptError(
                f"{folder / match[2]} was changed, and released versions never change: write v2 "
                "(or the next number) beside it"
            )
        texts[match[2]] = _decoded(folder / match[2], data)
    return texts


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise PromptError(f"{path} isn't UTF-8 ({error}): save it as that") from error


def _prompt_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise PromptError(f"can't read {path}: {why}; restore it") from error


# ---- reports ----------------------------------------------------------------------------------


def check_target(path: Path, source: str) -> None:
    """Check that a report can be written to path, before the time is spent to make it.

    source: the article that it's made from, which it mustn't overwrite.

    Raises:
        ConfigError: it can't.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder: give -o the name of a file")
    if not path.parent.is_dir():
        raise ConfigError(f"there's no folder {path.parent} to write {path.name} to: make it first")
    if path.exists() and source != "-" and Path(source).exists() and path.samefile(source):
        raise ConfigError(f"-o {path} would overwrite the article: give it another name")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigError(f"{path} can't be written to: give -o another place")


def write_report(path: Path, text: str) -> None:
    """Write the text to path as UTF-8, whole or not at all.

    Raises:
        ConfigError: it can't be written.
    """
    path = path.resolve()  # a link stays one
    data = text.encode()
    try:
        if path.exists() and not path.is_file():  # a pipe or /dev/null can't be replaced
            path.write_bytes(data)
            return
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            new.chmod(mode)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"can't write {path}: {error.strerror}; give -o another place") from error


def _umask() -> int:
    """Return the process's mask for new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
