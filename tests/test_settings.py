"""Settings: what wins, what selects a remote engine, what is refused."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.engines.weights import MODEL
from agent.errors import ConfigError
from agent.settings import OPENAI_URL, VERSION, Settings, hide_key, load_settings

ROOT = Path(__file__).parents[1]
KEY = {"OPENAI_API_KEY": "sk-0123456789"}
URL = "http://localhost:8080/v1"
ELSEWHERE = "https://api.example.org/v1"


def load(
    tmp_path: Path,
    options: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    config: str = "",
) -> Settings:
    """Return settings from nothing but the arguments."""
    path = tmp_path / "config.toml"
    path.write_text(config, encoding="utf-8")
    return load_settings(options, environ=environ or {}, config=path)


@pytest.mark.parametrize(
    ("model", "base_url", "options", "environ", "config"),
    [
        (MODEL, "", {}, {}, ""),
        (MODEL, "", {}, KEY, ""),
        (MODEL, "", {}, KEY | {"OPENAI_BASE_URL": ELSEWHERE}, ""),
        (MODEL, "", {"model": MODEL}, KEY | {"OPENAI_BASE_URL": ELSEWHERE}, ""),
        ("gpt-x", OPENAI_URL, {"model": "gpt-x"}, KEY, ""),
        ("gpt-x", ELSEWHERE, {"model": "gpt-x"}, {"OPENAI_BASE_URL": ELSEWHERE}, ""),
        ("gpt-x", URL, {"model": "gpt-x", "base_url": URL}, {"OPENAI_BASE_URL": ELSEWHERE}, ""),
        ("gpt-x", URL, {"base_url": URL}, {"SAYSO_MODEL": "gpt-x"}, ""),
        ("gpt-x", URL, {}, {"SAYSO_MODEL": "gpt-x"}, f'base_url = "{URL}"'),
        ("gpt-y", URL, {}, {}, f'base_url = "{URL}"\nmodel = "gpt-y"'),
        (MODEL, URL, {"model": MODEL, "base_url": URL}, {}, ""),
        (MODEL, "", {"model": MODEL}, {}, f'base_url = "{URL}"\nmodel = "gpt-y"'),
        ("m.gguf", "", {"model": "m.gguf"}, KEY, f'base_url = "{URL}"'),
        ("en_core_web_sm", ELSEWHERE, {"model": "en_core_web_sm", "base_url": ELSEWHERE}, {}, ""),
    ],
)
def test_settings_choose_the_engine(
    tmp_path: Path,
    model: str,
    base_url: str,
    options: dict[str, Any],
    environ: dict[str, str],
    config: str,
) -> None:
    """Only a model or a base URL that somebody asked for selects a remote engine."""
    settings = load(tmp_path, options, environ, config)
    assert (model, base_url) == (settings.model, settings.base_url)


def test_settings_option_wins_over_environment_over_file(tmp_path: Path) -> None:
    """An option wins over the environment, and that over the config file."""
    config = 'model = "c.gguf"\ncache_dir = "/c"\nmax_chars = 5\nattempts = 2\n'
    environ = {"SAYSO_MODEL": "e.gguf", "SAYSO_CACHE": "/e"}
    settings = load(tmp_path, {"model": "o.gguf", "max_chars": None}, environ, config)
    found = (settings.model, settings.cache_dir, settings.max_chars, settings.attempts)
    assert ("o.gguf", Path("/e"), 5, 2) == found


@pytest.mark.parametrize(
    ("message", "options", "environ", "config"),
    [
        ("did you mean 'max_chars'?", {}, {}, "max_char = 3"),
        ("known: model,", {}, {}, "zzz = 3"),
        ("set OPENAI_API_KEY instead", {}, {}, 'api_key = "sk-1"'),
        ("attempts is 0 and must be a whole number of 1 or more", {}, {}, "attempts = 0"),
        ("workers is True", {}, {}, "workers = true"),
        ("offline is 'yes' and must be true or false", {}, {}, 'offline = "yes"'),
        ("timeout_s is -1", {}, {}, "timeout_s = -1"),
        ("timeout_s is nan", {}, {}, "timeout_s = nan"),
        ("model is '' and must be a text", {}, {}, 'model = ""'),
        ("max_chars is -5", {"max_chars": -5}, {}, ""),
        ("can't read", {}, {}, "model = "),
        ("needs the name of a model", {"base_url": URL}, {}, ""),
        ("is a file", {"model": "m.gguf", "base_url": URL}, {}, ""),
        ("isn't an http or https URL", {"model": "m", "base_url": "localhost:80"}, {}, ""),
        ("forbids", {"model": "m", "base_url": ELSEWHERE, "offline": True}, {}, ""),
        ("forbids", {"offline": True}, {"SAYSO_MODEL": "m"} | KEY, ""),
        ("OPENAI_API_KEY isn't set", {"model": "gpt-x"}, {}, ""),
    ],
)
def test_settings_refuse_what_cannot_be_meant(
    tmp_path: Path,
    message: str,
    options: dict[str, Any],
    environ: dict[str, str],
    config: str,
) -> None:
    """A wrong key, value or combination is a ConfigError that says what to do."""
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(tmp_path, options, environ, config)


def test_settings_offline_allows_this_machine(tmp_path: Path) -> None:
    """--offline lets an endpoint on loopback be asked."""
    options = {"model": "m", "base_url": "http://127.0.0.1:8080/v1", "offline": True}
    assert load(tmp_path, options).offline


@pytest.mark.parametrize(
    ("where", "options"),
    [
        (f"reading with {MODEL} on this machine; nothing leaves it", {}),
        ("reading with m.gguf on this machine; nothing leaves it", {"model": "m.gguf"}),
        (
            "sending the text to localhost:8080 on this machine (model m)",
            {"model": "m", "base_url": URL},
        ),
        (
            "sending the text to api.example.org (model m)",
            {"model": "m", "base_url": "https://name:secret@api.example.org/v1"},
        ),
        (
            "sending the text to api.example.org, unencrypted (model m)",
            {"model": "m", "base_url": "http://api.example.org/v1"},
        ),
    ],
)
def test_settings_say_where_the_text_goes(
    tmp_path: Path, where: str, options: dict[str, Any]
) -> None:
    """The first line names the place, and no secret."""
    assert where == load(tmp_path, options).where


def test_settings_never_show_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is neither in the repr nor in a text that went through hide_key."""
    settings = load(tmp_path, environ=KEY)
    assert KEY["OPENAI_API_KEY"] == settings.api_key
    assert KEY["OPENAI_API_KEY"] not in repr(settings)
    monkeypatch.setenv("OPENAI_API_KEY", KEY["OPENAI_API_KEY"])
    assert "wrong key ***" == hide_key(f"wrong key {KEY['OPENAI_API_KEY']}")


def test_settings_do_without_a_config_file(tmp_path: Path) -> None:
    """No config file is no error."""
    assert MODEL == load_settings(environ={}, config=tmp_path / "none.toml").model


def test_version_is_that_of_the_project() -> None:
    """The version is written in two places and is the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert VERSION == project["version"]
