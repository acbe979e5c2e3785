"""The words of subtitles (only user of pysubs2): cues joined to paragraphs, times left out."""

from __future__ import annotations

import html
import re

from pysubs2 import SSAFile
from pysubs2.exceptions import Pysubs2Error

from agent.document import Article
from agent.errors import InputError
from agent.inputs.text import Raw, decode, in_blocks

PAUSE_MS = 1500  # after the end of a sentence; longer, and a new paragraph begins
LONG_CHARS = 600  # a longer paragraph ends at the next end of a sentence

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^>]*>|<\d[\d:.]*>")
_SOUND = re.compile(r"[\[(][^\])]*[\])]|[♪♫#\s]*[♪♫].*")
_SPEAKER = re.compile(r">>+|[-–—]\s?(?=\S)|[A-Z][A-Z .'’-]+:")
_ENDED = re.compile(r"[.!?…][\"”’')\]]*\Z")


def read_subtitles(raw: Raw) -> Article:
    """Return what is said, as paragraphs; a voice that the cues name stands before its words.

    A paragraph ends with the speaker, or at the end of a sentence before a pause. Sounds in
    brackets and lines that roll over from cue to cue are left out.

    Raises:
        InputError: there are no words in it.
    """
    text, guessed = decode(raw)
    text = "\n".join(text.splitlines())
    is_vtt = text.lstrip("\ufeff \n").startswith("WEBVTT")
    try:
        cues = SSAFile.from_string(text, format_="vtt" if is_vtt else "srt", keep_html_tags=True)
    except (Pysubs2Error, ValueError) as error:
        raise InputError(f"{raw.name} can't be read as subtitles: {error}") from error
    talk = _Talk()
    for cue in sorted(cues, key=lambda cue: cue.start):
        words = cue.plaintext
        # The library takes notes and the name of the next cue for a part of the cue before.
        talk.add(words.partition("\n\n")[0] if is_vtt else words, cue.start, cue.end)
    if not talk.paragraphs:
        raise InputError(f"{raw.name} holds no subtitles that say anything")
    return Article(
        in_blocks(talk.paragraphs), extra={} if guessed is None else {"encoding": guessed}
    )


class _Talk:
    """What was said so far."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._last_line = ""
        self._voice = ""
        self._end_ms = 0

    def add(self, words: str, start_ms: int, end_ms: int) -> None:
        """Add the words of a cue."""
        voice = match[1].strip() if (match := _VOICE.search(words)) else ""
        lines = [" ".join(html.unescape(_TAG.sub("", line)).split()) for line in words.split("\n")]
        pause = start_ms - self._end_ms > PAUSE_MS
        for line in filter(None, lines):
            if line == self._last_line or _SOUND.fullmatch(line):
                continue
            self._add_line(line, voice, pause=pause)
            self._last_line = line
            pause = False
        self._end_ms = end_ms

    def _add_line(self, line: str, voice: str, *, pause: bool) -> None:
        before = self.paragraphs[-1] if self.paragraphs else ""
        over = _ENDED.search(before) and (pause or len(before) > LONG_CHARS)
        named = _SPEAKER.match(line)
        if not before or voice != self._voice or named or over:
            words = line[named.end() :].strip() if named and not line[0].isalpha() else line
            told = voice != self._voice or (over and voice)
            self.paragraphs.append(f"{voice}: {words}" if voice and told else words)
        else:
            self.paragraphs[-1] = f"{before} {line}"
        self._voice = voice
