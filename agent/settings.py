"""What a run is told from outside: options, environment, config file. Only reader of the last two.

An option wins over the environment, the environment over the config file, and that over the
default. The default engine is the embedded one; a remote one is chosen by -m, --base-url,
SAYSO_MODEL or the config file, never by a key or a base URL that merely lies in the environment.
"""

from __future__ import annotations

import difflib
import getpass
import os
import re
import shlex
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from agent.engines.weights import CATALOGUE, MODEL
from agent.errors import ConfigError

VERSION = "0.1.0"  # as in pyproject.toml
LOCAL_MODELS = tuple(name for name, spec in CATALOGUE.items() if spec.file.endswith(".gguf"))
OPENAI_URL = "https://api.openai.com/v1"
SHORTEST_SECRET = 8  # a shorter key ("none", "test") hides nothing and would be found in words


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run needs to know; `load_settings` is the way in.

    model: name of a model, or path of a GGUF file. base_url: "" means the embedded engine.
    threads: for the embedded engine, None takes the cores that this process may use.
    workers: requests under way at the same time. timeout_s: longest silence of an engine;
    deadline_s: longest that one request takes; attempts: tries of a request, the first included.
    store: path of a file, or postgresql+psycopg://…, which may hold a password and isn't shown.
    """

    model: str = MODEL
    base_url: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    cache_dir: Path = field(default_factory=lambda: platformdirs.user_cache_path("sayso"))
    store: str = field(
        default_factory=lambda: str(platformdirs.user_data_path("sayso") / "store.db"), repr=False
    )
    offline: bool = False
    timeout_s: float = 300.0
    deadline_s: float = 600.0
    attempts: int = 4
    threads: int | None = None
    workers: int = 1
    max_chars: int = 200_000

    @property
    def model_path(self) -> Path | None:
        """The GGUF file that the embedded engine is to load, None where model is a name."""
        return None if self.base_url else local_path(self.model)

    @property
    def where(self) -> str:
        """Where the text goes, for the first line that a person reads."""
        if not self.base_url:
            path = self.model_path
            return f"reading with {path or self.model} on this machine; nothing leaves it"
        from agent.engines.http import host_of  # noqa: PLC0415  (it loads the HTTP client)

        place = host_of(self.base_url)
        if is_loopback(self.base_url):
            place += " on this machine"
        elif self.base_url.startswith("http:"):
            place += ", unencrypted"
        return f"sending the text to {place} (model {self.model})"


def load_settings(
    options: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Return the settings of a run; an option that is None counts as not given.

    environ: None is the process's own. config: None is `config_path()`; it needn't exist.

    Raises:
        ConfigError: a key or value is wrong, or the settings contradict each other.
    """
    environ = os.environ if environ is None else environ
    given = {name: value for name, value in (options or {}).items() if value is not None}
    file = _read_config(config_path() if config is None else config)
    named = {
        "model": environ.get("SAYSO_MODEL"),
        "cache_dir": environ.get("SAYSO_CACHE"),
        "store": environ.get("SAYSO_STORE"),
    }
    chosen = file | {name: value for name, value in named.items() if value} | given
    values = {name: _checked(name, value) for name, value in chosen.items()}
    values["base_url"] = _base_url(values, environ, asked="base_url" in given)
    settings = Settings(api_key=environ.get("OPENAI_API_KEY", "").strip(), **values)
    _check_remote(settings)
    return settings


def config_path() -> Path:
    """Return where the config file lies, whether it's there or not."""
    return platformdirs.user_config_path("sayso") / "config.toml"


def data_path() -> Path:
    """Return the folder for what a person's work leaves behind, whether it's there or not."""
    return platformdirs.user_data_path("sayso")


def user_name() -> str:
    """Return the name of who is logged in, "" where nobody tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def local_path(model: str) -> Path | None:
    """Return the file that the name of a model stands for, None if it's no path.

    >>> local_path("~/m.gguf") is None, local_path("gpt-4o") is None
    (False, True)
    """
    path = Path(model).expanduser()
    is_path = path.suffix.lower() == ".gguf" or model.startswith((".", "/", "~")) or path.is_file()
    return path if is_path else None


def is_loopback(base_url: str) -> bool:
    """Tell whether a URL leads to this machine."""
    from urllib.parse import urlsplit  # noqa: PLC0415

    from agent.engines.http import LOOPBACK_HOSTS, host_of  # noqa: PLC0415

    host_of(base_url)  # raises where it is no URL
    return urlsplit(base_url).hostname in LOOPBACK_HOSTS


# Up to the last @ of a word: a password that nobody encoded may hold any character.
_USER = re.compile(r"(?<=://)(?:[^\s/'\"]*?:[^\s'\"]*|[^\s/@'\"]+)@")
_CREDENTIALS = re.compile(r"(?i)\b(basic|bearer)\s+[\w.~+/=-]{6,}")
_QUERY = re.compile(
    r"(?i)([?&][\w.-]*(?:key|token|password|passwd|pwd|secret|sig|signature|credential)=)[^\s&#'\"]+"
)
# A key is refused in the config file, but who wrote it there has it lying there.
_KEY_KEPT = re.compile(r"(?i)api[_-]?key[\"']?\s*=\s*[\"']*[^\s\"']")


def hide_key(text: str) -> str:
    """Return the text without the API key of the environment, and without other credentials.

    >>> hide_key("no answer from https://ann:secret@example.org/v1")
    'no answer from https://***@example.org/v1'
    """
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    shown = text.replace(key, "***") if len(key) >= SHORTEST_SECRET else text
    return _CREDENTIALS.sub(r"\1 ***", _QUERY.sub(r"\1***", _USER.sub("***@", shown)))


def exposed_config() -> str | None:
    """Return a warning where others can read a config file with a key or password, else None."""
    path = config_path()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None  # whoever needs it says so
    if not any(secret.search(text) for secret in (_USER, _QUERY, _KEY_KEPT)):
        return None
    if os.name != "posix" or not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return None
    return (
        f"note: {path} holds a key or password, and others on this machine can read it: "
        f"run `chmod 600 {shlex.quote(str(path))}`"
    )


# ---- the config file --------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError("a text that isn't empty")
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError("a whole number of 1 or more")
    return value


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise TypeError("a number of seconds above 0")
    return float(value)


_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "model": _text,
    "base_url": _text,
    "cache_dir": lambda value: Path(_text(str(value))).expanduser(),
    "store": _text,
    "offline": _flag,
    "timeout_s": _seconds,
    "deadline_s": _seconds,
    "attempts": _count,
    "threads": _count,
    "workers": _count,
    "max_chars": _count,
}


def _read_config(path: Path) -> dict[str, Any]:
    """Return the keys of the config file, {} where there is none."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"can't read {path}: {error}; mend it or remove it") from error
    for key in data:
        if key == "api_key":
            raise ConfigError(f"{path}: a key doesn't belong there; set OPENAI_API_KEY instead")
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(_KEYS)}"
            raise ConfigError(f"{path}: unknown key {key!r}; {hint}")
    return data


def _checked(name: str, value: Any) -> Any:
    try:
        return _KEYS[name](value)
    except TypeError as error:
        raise ConfigError(f"{name} is {hide_key(repr(value))} and must be {error}") from error


# ---- which engine -----------------------------------------------------------------------------


def _base_url(values: Mapping[str, Any], environ: Mapping[str, str], *, asked: bool) -> str:
    """Return the base URL of the remote engine, "" where the embedded one was chosen.

    asked: the base URL was given as an option, which goes before the meaning of a model's name.
    """
    model, url = values.get("model"), values.get("base_url", "")
    if model is None:
        if url:
            raise ConfigError(
                f"the base URL {hide_key(url)} needs the name of a model: add -m NAME"
            )
        return ""
    if local_path(model):
        if asked:
            raise ConfigError(
                f"{model} is a file, which --base-url can't use: leave one of them out"
            )
        return ""
    if model in LOCAL_MODELS and not asked:
        return ""
    return url or environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_URL


def _check_remote(settings: Settings) -> None:
    """Refuse a remote engine that can't or mustn't be asked."""
    url = settings.base_url
    if not url:
        return
    if not is_loopback(url) and settings.offline:
        raise ConfigError(
            f"--offline forbids to send the text to {hide_key(url)}; leave out -m and --base-url "
            "(and SAYSO_MODEL) to read on this machine"
        )
    if url == OPENAI_URL and not settings.api_key:
        local = ", ".join((*LOCAL_MODELS, "a .gguf file"))
        raise ConfigError(
            f"model {settings.model!r} would be asked at {OPENAI_URL}, and OPENAI_API_KEY isn't "
            f"set: set it, add --base-url, or take a model of this machine ({local})"
        )
