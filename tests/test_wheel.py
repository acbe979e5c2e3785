"""The wheel: what is in it, and that it works in an environment that holds nothing else."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the checkout with the hatchling that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", *command, str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_ships_what_the_checkout_has(wheel: Path) -> None:
    """The wheel holds prompts, the lock of the weights, all of agent and evals; nothing else."""
    moved = {path: f"agent/data/{path.relative_to(ROOT)}" for path in ROOT.glob("prompts/**/*")}
    moved[ROOT / "weights.lock"] = "agent/data/weights.lock"
    kept = {
        path: str(path.relative_to(ROOT))
        for folder in ("agent", "evals")
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    }
    wanted = {name for path, name in (moved | kept).items() if path.is_file()}
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith("sayso-")}
    assert wanted == names


def test_wheel_checks_the_gold_that_it_ships(wheel: Path, tmp_path: Path) -> None:
    """Unpacked in an empty folder, away from the checkout, all gold finds its texts."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    layers = [f"site/evals/gold/layers/{name}" for name in ("one", "two")]
    for gold in ([], ["site/evals/gold/seed.json"], *([layer] for layer in layers)):
        ran = subprocess.run(
            [sys.executable, "-m", "evals", "check", *gold],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path / "site"), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert (0, "") == (ran.returncode, ran.stderr)
        assert "are sound" in ran.stdout
    own = "import evals; print(evals.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", own],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
    )
    assert where.stdout.startswith(str(tmp_path))


@pytest.mark.slow
def test_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """With the versions of the lock and nothing else `sayso` answers, and its gold is sound."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    lock = str(ROOT / "requirements.lock")
    locked = subprocess.run(
        [*pip, "--require-hashes", "--only-binary", ":all:", "--retries", "1", "-r", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    if "No matching distribution" in locked.stderr or "connection" in locked.stderr.lower():
        pytest.skip(f"no package index within reach: {locked.stderr.strip()[-300:]}")
    assert 0 == locked.returncode, locked.stderr
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    subprocess.run([str(python), "-m", "pip", "check"], check=True)
    (tmp_path / "empty").mkdir()
    for arguments, expected in ((["--version"], "0.1.0"), (["eval", "check"], "are sound")):
        ran = subprocess.run(
            [str(tmp_path / "venv" / "bin" / "sayso"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path / "empty",
        )
        assert (0, "") == (ran.returncode, ran.stderr)
        assert expected in ran.stdout
