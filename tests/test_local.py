"""agent/engines/local.py: what it refuses to load. The model itself runs in test_model.py."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from agent.engines.local import LocalEngine
from agent.errors import WeightsError


def gguf(tensors: int, *, cut: bool = False) -> bytes:
    """Return a GGUF file, version 3, that says it has tensors and holds none."""
    header = b"GGUF" + struct.pack("<IQQ", 3, tensors, 0)
    return header[:-3] if cut else header


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "isn't a GGUF file", id="empty"),
        pytest.param(b"once upon a time\n", "isn't a GGUF file", id="text"),
        pytest.param(b"\x93NUMPY\x01\x00", "isn't a GGUF file", id="another format"),
        pytest.param(b"GGUF", "can't load", id="magic only"),
        pytest.param(gguf(0, cut=True), "can't load", id="cut in the header"),
        pytest.param(gguf(0), "can't load", id="no model in it"),
        pytest.param(gguf(300) + b"\xff" * 9999, "can't load", id="garbage"),
    ],
)
def test_local_engine_refuses_what_is_no_model(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], body: bytes, message: str
) -> None:
    """A file that llama.cpp can't read is a WeightsError that names it; nothing is printed."""
    path = tmp_path / "some.gguf"
    path.write_bytes(body)
    with pytest.raises(WeightsError, match=rf"some\.gguf.*{message}|{message}.*some\.gguf"):
        LocalEngine(path)
    assert ("", "") == tuple(capfd.readouterr())


@pytest.mark.parametrize("name", ["none.gguf", ""], ids=["missing", "folder"])
def test_local_engine_refuses_what_is_no_file(tmp_path: Path, name: str) -> None:
    """A path with no file at it is a WeightsError that says so."""
    with pytest.raises(WeightsError, match=r"can't read the model .*: .*; give the path"):
        LocalEngine(tmp_path / name)


def test_truncated_model_ends_the_command_with_a_clear_message(tmp_path: Path) -> None:
    """A GGUF file that is cut short is refused in one line, without a traceback."""
    model, article = tmp_path / "cut.gguf", tmp_path / "article.txt"
    model.write_bytes(b"GGUF" + bytes(200))
    article.write_text("The mayor said the bridge was safe.", encoding="utf-8")
    command = [sys.executable, "-m", "agent.cli", "extract", str(article), "-m", str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert "" == done.stdout
    assert "cut short" in done.stderr
    assert "Traceback" not in done.stderr
