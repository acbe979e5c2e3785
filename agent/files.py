"""Reads what lies in files: articles, prompts, the lexicon, the parser. Writes reports."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
import re
import stat
import sys
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from agent.document import Article
from agent.errors import ConfigError, InputError, PromptError, WeightsError

if TYPE_CHECKING:
    from agent.extract import Resources
    from agent.lexicon import Lexicon
    from agent.prompt import Prompt
    from agent.settings import Settings

PACKAGE = Path(__file__).parent
CHARS_PER_S = 100.0  # of the embedded model on 2 cores: 105 busy, 265 idle; for estimates only
CONTROLS_AT_MOST = 0.05  # of the characters; more of them, and it's no text

# ---- articles ---------------------------------------------------------------------------------

_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_URL = re.compile(r"(?i)https?://")
_HTML = re.compile(r"(?i)\s*<(!doctype html|html|head|body)\b")


def read_article(source: str, max_chars: int = 200_000) -> Article:
    """Return the article in a file, or on standard input where source is "-".

    Line ends are kept, so offsets hold for the file as it is. A byte order mark is no part of
    the text. extra["encoding"] is set where the text isn't Unicode.

    Raises:
        InputError: missing, a folder, empty, not text, or longer than max_chars.
    """
    name = "standard input" if source == "-" else source
    if _URL.match(source):
        raise InputError(f"{source} is an address on the web: save its text to a file first")
    limit_bytes = 4 * max_chars + 4  # no character takes more than 4, nor a byte order mark
    data = _read_bytes(source, name, limit_bytes)
    cut = len(data) > limit_bytes
    text, encoding = _decode(data, name, cut=cut)
    check_length(name, len(text), max_chars, more=cut)
    if not text.strip():
        raise InputError(f"{name} is empty: there's nothing to read")
    if _HTML.match(text):
        raise InputError(f"{name} is a web page in HTML: save its text as a plain text file first")
    article = Article(text, extra={} if encoding is None else {"encoding": encoding})
    return article if source == "-" else replace(article, id=Path(source).stem, origin=source)


def _read_bytes(source: str, name: str, limit_bytes: int) -> bytes:
    """Return the bytes, or the first limit_bytes + 1 of them."""
    try:
        if source == "-":
            return _read_whole(sys.stdin.buffer, limit_bytes)
        with Path(source).open("rb") as file:
            return _read_whole(file, limit_bytes)
    except FileNotFoundError as error:
        raise InputError(f"there's no file {name}: check the path") from error
    except IsADirectoryError as error:
        raise InputError(f"{name} is a folder: name one file in it") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"can't read {name}: {why}") from error


def _read_whole(file: BinaryIO, limit_bytes: int) -> bytes:
    return file.read(limit_bytes + 1)


def _decode(data: bytes, name: str, *, cut: bool) -> tuple[str, str | None]:
    """Return the text, and the encoding that was guessed (None for Unicode).

    cut: the data are the start of something longer, so its last character may be broken.
    """
    if data.startswith(b"%PDF-"):
        raise InputError(f"{name} is a PDF: save its text as a plain text file first")
    text, encoding = _unicode(data, cut=cut), None
    if text is None:
        with contextlib.suppress(UnicodeDecodeError):
            text, encoding = data.decode("windows-1252"), "windows-1252"
    if text is None or len(_CONTROL.findall(text)) > CONTROLS_AT_MOST * len(text):
        raise InputError(
            f"{name} isn't a text file, its bytes mean no text: save the article as plain text "
            "in UTF-8"
        )
    return text, encoding


def _unicode(data: bytes, *, cut: bool) -> str | None:
    """Return the text of UTF-8, or of UTF-16 with a byte order mark; None if it's neither."""
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
    except UnicodeDecodeError:
        return None


def check_length(name: str, chars: int, max_chars: int, *, more: bool = False) -> None:
    """Check that a text isn't too long. more: it goes on after chars.

    Raises:
        InputError: it is; the message tells about how long reading it would take.
    """
    if chars <= max_chars:
        return
    hours, minutes = divmod(max(1, round(chars / CHARS_PER_S / 60)), 60)
    time = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    over = "more than " if more else ""
    raise InputError(
        f"{name} has {over}{chars:,} characters, and {max_chars:,} is the limit; reading it would "
        f"take {over or 'about '}{time} on this machine: cut it, or raise the limit with "
        "--max-chars"
    )


# ---- what the reading needs -------------------------------------------------------------------

_LOCK_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_VERSION = re.compile(r"v([1-9]\d*)\.md")


def load_resources(settings: Settings) -> Resources:
    """Return the prompts, the lexicon and the parser.

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
    return Resources(load_prompts(), load_parser(folder), load_lexicon())


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
    for line in _prompt_bytes(lock).decode().splitlines():
        match = _LOCK_LINE.fullmatch(line)
        if not match:
            raise PromptError(f"{lock}: {line!r} isn't a SHA-256, two blanks and a path")
        data = _prompt_bytes(folder / match[2])
        if hashlib.sha256(data).hexdigest() != match[1]:
            raise PromptError(
                f"{folder / match[2]} was changed, and released versions never change: write v2 "
                "(or the next number) beside it"
            )
        texts[match[2]] = data.decode()
    return texts


def _prompt_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PromptError(f"can't read {path}: {error.strerror}; restore it") from error


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
