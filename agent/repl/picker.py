"""Selecting words in the article with the keyboard, on a screen of its own."""

from __future__ import annotations

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output import Output, create_output

from agent.document import Extent
from agent.quotation import trim

HELP = "Arrows move (Ctrl with them: by word). Space begins, Enter takes, Esc leaves."


def pick(
    text: str,
    at: int,
    *,
    input: Input | None = None,  # noqa: A002  (prompt_toolkit's names)
    output: Output | None = None,
) -> Extent | None:
    """Return the words that a person selects, or None; the cursor starts at an offset."""
    shown = wrapped(text, (output or create_output()).get_size().columns - 1)
    buffer = Buffer(document=Document(shown, min(at, len(shown))), read_only=True)
    window = Window(BufferControl(buffer=buffer), wrap_lines=True)
    bar = Window(FormattedTextControl(HELP), height=1, style="reverse")
    application: Application[Extent | None] = Application(
        layout=Layout(HSplit([window, bar]), focused_element=window),
        key_bindings=_keys(buffer, text),
        full_screen=True,
        input=input,
        output=output,
    )
    return application.run()


def _keys(buffer: Buffer, text: str) -> KeyBindings:
    keys = KeyBindings()

    @keys.add(" ")
    def _(_: KeyPressEvent) -> None:
        if buffer.selection_state:
            buffer.exit_selection()
        else:
            buffer.start_selection()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        if buffer.selection_state:
            first, last = sorted(
                (buffer.cursor_position, buffer.selection_state.original_cursor_position)
            )
            event.app.exit(result=_whole_words(text, first, last))

    @keys.add("escape", eager=True)
    @keys.add("q")
    @keys.add("c-c")
    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=None)

    return keys


def wrapped(text: str, columns: int) -> str:
    r"""Return a text whose lines fit, as long as it was: only blanks have become line ends.

    What isn't printable becomes a blank too.

    >>> wrapped("one two three\x07", 8)
    'one two\nthree '
    """
    shown = [char if char == "\n" or char.isprintable() else " " for char in text]
    start, blank = 0, -1
    for at, char in enumerate(shown):
        if char == "\n":
            start, blank = at + 1, -1
        elif at - start >= columns and blank >= 0:
            shown[blank] = "\n"
            start, blank = blank + 1, -1
        if char == " ":
            blank = at
    return "".join(shown)


def _whole_words(text: str, start: int, end: int) -> Extent | None:
    """Return the stretch with the words at its ends made whole; None where it holds none.

    end: of the cursor, whose character is taken in.

    >>> _whole_words("They left early.", 6, 11)
    Extent(start=5, end=15)
    """
    end = min(end + 1, len(text))
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    extent = trim(text, start, end)
    return extent if any(map(str.isalnum, extent.of(text))) else None
