"""What works here, and what to do about what doesn't. Never sends the API key anywhere."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.engines.weights import CATALOGUE, PARSER, find
from agent.errors import AgentError, WeightsError
from agent.settings import Settings, config_path, is_loopback

PACKAGES = ("instructor", "openai", "py3langid", "pydantic", "rich", "spacy", "tenacity", "typer")
MEMORY_BESIDE_WEIGHTS_BYTES = 1_500_000_000  # context, prompt cache, parser, Python
NARROWEST = 60  # columns that the table needs
CONNECTION_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and found; advice is what to do, and empty where all is well."""

    subject: str
    found: str
    advice: str = ""


def examine(settings: Settings, columns: int, encoding: str) -> Iterator[Check]:
    """Yield the checks, the quick ones first. columns, encoding: of the terminal."""
    yield Check("python", f"{sys.version.split()[0]} ({sys.executable})")
    yield _packages(settings)
    yield from _config(settings)
    yield _terminal(columns, encoding)
    yield _key(settings)
    yield _disk(settings)
    yield _parser(settings)
    if settings.base_url:
        yield _endpoint(settings)
    else:
        yield _memory(settings)
        yield _model(settings)


def _packages(settings: Settings) -> Check:
    names = PACKAGES if settings.base_url else (*PACKAGES, "xllamacpp")
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    advice = f"missing: {', '.join(missing)}; install sayso again" if missing else ""
    return Check("packages", ", ".join(found), advice)


def _config(settings: Settings) -> Iterator[Check]:
    path = config_path()
    yield Check("config", str(path) if path.exists() else f"none ({path} would be read)")
    yield Check("engine", settings.where)


def _terminal(columns: int, encoding: str) -> Check:
    advice = []
    if columns < NARROWEST:
        advice.append(f"make it {NARROWEST} columns wide or more for the table")
    if encoding.lower().replace("-", "") != "utf8":
        advice.append("set LANG to a UTF-8 locale, such as C.UTF-8, for quotation marks and lines")
    return Check("terminal", f"{columns} columns, {encoding}", "; ".join(advice))


def _key(settings: Settings) -> Check:
    if settings.api_key:
        use = "it is sent to the endpoint only" if settings.base_url else "it isn't used"
        return Check("key", f"OPENAI_API_KEY is set; {use}")
    if settings.base_url and not is_loopback(settings.base_url):
        return Check("key", "OPENAI_API_KEY isn't set", "set it, if the endpoint wants a key")
    return Check("key", "OPENAI_API_KEY isn't set; none is needed")


def _disk(settings: Settings) -> Check:
    folder = settings.cache_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    wanted = [settings.model, PARSER] if not settings.base_url else [PARSER]
    specs = [CATALOGUE[name] for name in wanted if name in CATALOGUE]
    missing = [spec for spec in specs if not (settings.cache_dir / spec.file).exists()]
    needed = sum(spec.needs_bytes for spec in missing)
    advice = ""
    if missing and not os.access(folder, os.W_OK):
        advice = "it can't be written to: set SAYSO_CACHE to another folder"
    elif free < needed:
        advice = f"{needed / 1e9:.1f} GB are needed: free some, or set SAYSO_CACHE"
    return Check("disk", f"{free / 1e9:.1f} GB free for {settings.cache_dir}", advice)


def _memory(settings: Settings) -> Check:
    free = _free_memory_bytes()
    size = _weights_bytes(settings)
    if free is None or size is None:
        return Check("memory", "unknown")
    needed = size + MEMORY_BESIDE_WEIGHTS_BYTES
    advice = "" if free >= needed else f"the model needs {needed / 1e9:.1f} GB: close programs"
    return Check("memory", f"{free / 1e9:.1f} GB free", advice)


def _free_memory_bytes() -> int | None:
    """Return what is free or can be freed; where the system doesn't tell, all that there is."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _weights_bytes(settings: Settings) -> int | None:
    path = settings.model_path
    if path is None:
        return CATALOGUE[settings.model].size
    return path.stat().st_size if path.is_file() else None


def _parser(settings: Settings) -> Check:
    return _in_cache("parser", PARSER, settings.cache_dir, "sayso models fetch")


def _model(settings: Settings) -> Check:
    path = settings.model_path
    if path is None:
        command = f"sayso models fetch {settings.model}"
        return _in_cache("model", settings.model, settings.cache_dir, command)
    try:
        with path.open("rb") as file:
            is_gguf = file.read(4) == b"GGUF"
    except OSError as error:
        return Check("model", f"{path}: {error.strerror}", "give -m the path of a GGUF file")
    return Check("model", str(path), "" if is_gguf else "it isn't a GGUF file: take another")


def _in_cache(subject: str, name: str, cache_dir: Path, command: str) -> Check:
    try:
        path = find(name, cache_dir)
    except WeightsError as error:
        return Check(subject, str(error), f"delete it and run `{command}`")
    if path is None:
        return Check(subject, f"{name} isn't here yet", f"run `{command}`")
    return Check(subject, f"{name} is here, and its bytes are the right ones ({path})")


def _endpoint(settings: Settings) -> Check:
    """Ask the endpoint for anything, without the key: whatever it answers, it can be reached."""
    import httpx2  # noqa: PLC0415

    from agent.engines.http import build_client, deadline  # noqa: PLC0415

    try:
        with (
            deadline(CONNECTION_LIMIT_S),
            build_client(settings.base_url, CONNECTION_LIMIT_S) as client,
        ):
            status = client.get(f"{settings.base_url.rstrip('/')}/models").status_code
    except httpx2.HTTPError as error:
        why = str(error) or type(error).__name__
        advice = "check the base URL, the network and the proxy"
        if "CERTIFICATE" in why.upper():
            advice = "its certificate isn't trusted: add it to the system's trust store"
        return Check("endpoint", f"no connection ({why})", advice)
    except AgentError as error:
        return Check("endpoint", str(error), "mend the base URL")
    kind = "TLS" if settings.base_url.startswith("https:") else "without TLS"
    return Check("endpoint", f"answers over {kind} (status {status} without a key)")
