"""Files of ours: prompts that were changed, reports that are whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import pytest

from agent.errors import ConfigError, PromptError
from agent.files import (
    check_target,
    load_lexicon,
    load_prompts,
    shipped_prompts,
    write_report,
)

WORDS = "The “mayor” said so.\n"


# ---- prompts and lexicon ----------------------------------------------------------------------


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """Return a copy of the shipped prompts."""
    return Path(shutil.copytree(shipped_prompts(), tmp_path / "prompts"))


def lock(folder: Path, *paths: str) -> None:
    """Add the files to LOCK."""
    with (folder / "LOCK").open("a", encoding="utf-8") as file:
        for path in paths:
            digest = hashlib.sha256((folder / path).read_bytes()).hexdigest()
            file.write(f"{digest}  {path}\n")


def test_prompts_are_read_as_shipped() -> None:
    """Each task has its prompt, with the examples."""
    tasks = {path.name for path in shipped_prompts().iterdir() if path.is_dir()}
    found = load_prompts()
    assert tasks == set(found)
    assert all(prompt.examples for prompt in found.values())


def test_prompts_newest_locked_version_counts(prompts: Path) -> None:
    """v10 is newer than v9, and v11 counts only once it's in LOCK."""
    first = (prompts / "claims" / "v1.md").read_text(encoding="utf-8")
    for version in (9, 10, 11):
        text = first.replace("version = 1", f"version = {version}")
        (prompts / "claims" / f"v{version}.md").write_text(text, encoding="utf-8")
    lock(prompts, "claims/v9.md", "claims/v10.md")
    assert 10 == load_prompts(prompts)["claims"].version


@pytest.mark.parametrize("name", ["claims/v1.md", "claims/v1.examples.toml"])
def test_prompt_that_was_changed_is_refused(prompts: Path, name: str) -> None:
    """A change of a released file is told with the file's name."""
    path = prompts / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    message = f"{re.escape(name)} was changed, and released versions never change: write v2"
    with pytest.raises(PromptError, match=message):
        load_prompts(prompts)


def test_prompt_that_is_missing_is_refused(prompts: Path) -> None:
    """LOCK names no file that isn't there."""
    (prompts / "claims" / "v1.md").unlink()
    with pytest.raises(PromptError, match=r"can't read .*v1\.md"):
        load_prompts(prompts)


def test_prompt_with_another_name_than_its_place_is_refused(prompts: Path) -> None:
    """Front matter and path agree."""
    shutil.copy(prompts / "claims" / "v1.md", prompts / "claims" / "v2.md")
    lock(prompts, "claims/v2.md")
    with pytest.raises(PromptError, match="calls itself claims version 1"):
        load_prompts(prompts)


def test_prompt_with_examples_outside_lock_is_refused(prompts: Path) -> None:
    """Examples that LOCK doesn't name aren't left out in silence."""
    text = (prompts / "claims" / "v1.md").read_text(encoding="utf-8")
    new = prompts / "claims" / "v2.md"
    new.write_text(text.replace("version = 1", "version = 2"), encoding="utf-8")
    shutil.copy(prompts / "claims" / "v1.examples.toml", prompts / "claims" / "v2.examples.toml")
    lock(prompts, "claims/v2.md")
    with pytest.raises(PromptError, match=r"v2\.examples\.toml isn't in"):
        load_prompts(prompts)


def test_lock_that_is_malformed_is_refused(prompts: Path) -> None:
    """Each line of LOCK is a hash and a path."""
    (prompts / "LOCK").write_text("claims/v1.md\n", encoding="utf-8")
    with pytest.raises(PromptError, match="isn't a SHA-256"):
        load_prompts(prompts)


def test_lexicon_is_read_as_shipped() -> None:
    """The lexicon that we ship can be read."""
    assert "say" in load_lexicon().verbs


# ---- reports ----------------------------------------------------------------------------------


def test_report_replaces_a_file_whole(tmp_path: Path) -> None:
    """The file is replaced, its mode stays, and nothing else is left in the folder."""
    path = tmp_path / "out.md"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write_report(path, "Ärger\n")
    assert ("Ärger\n", 0o640) == (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777)
    assert [path] == list(tmp_path.iterdir())


def test_report_goes_through_a_link(tmp_path: Path) -> None:
    """A symbolic link stays one, and what it leads to is replaced."""
    link, path = tmp_path / "link", tmp_path / "out.md"
    link.symlink_to(path)
    write_report(link, "new")
    assert (True, "new") == (link.is_symlink(), path.read_text(encoding="utf-8"))


def test_report_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    """A text that can't be encoded leaves the old file and no other."""
    path = tmp_path / "out.md"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_report(path, "\ud800")
    assert ("old", [path]) == (path.read_text(encoding="utf-8"), list(tmp_path.iterdir()))


def test_report_can_go_to_a_device() -> None:
    """A device is written to, not replaced."""
    write_report(Path(os.devnull), "text")
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("is a folder", "."),
        ("there's no folder", "none/out.md"),
        ("would overwrite the article", "story.txt"),
        ("would overwrite the article", "link.txt"),
    ],
)
def test_report_to_a_wrong_place_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, target: str
) -> None:
    """A place that can't be written to is known before an article is read."""
    monkeypatch.chdir(tmp_path)
    Path("story.txt").write_text(WORDS, encoding="utf-8")
    Path("link.txt").symlink_to("story.txt")
    with pytest.raises(ConfigError, match=message):
        check_target(Path(target), "story.txt")
