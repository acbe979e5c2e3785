"""The REPL as a whole: commands from a pipe, progress, stopping, keeping, resuming."""

from __future__ import annotations

import io
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.document import Article
from agent.engine import Request
from agent.engines.scripted import ScriptedEngine
from agent.extract import Event, Resources, extract
from agent.repl import kept
from agent.repl.desk import Desk
from agent.repl.lines import Piped
from agent.repl.loop import greet
from agent.repl.session import Session
from agent.rows import json_text
from agent.schema import Extraction
from evals.gold import load_case
from input_samples import ARTICLE, page
from page_server import PageServer, send
from readings import document
from repl_desk import LAKE, make_desk, play, play_desk, silent_engine, written
from sample_records import sample

OPEN_QUESTION = "Residents are furious that the library will shut at weekends."


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder with one article and a home of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SAYSO_MODEL", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("lake.txt").write_text(LAKE, encoding="utf-8")


# ---- a pipe -----------------------------------------------------------------------------------


def test_pipe_opens_and_lists(resources: Resources) -> None:
    """Commands come from lines; results go one way, what is said besides another."""
    code, out, notes = play(resources, "/open lake.txt", "/claims")
    assert 0 == code
    assert "Ann Lee said that [1?: the lake may rise]. “[2: It is deep],” Lee said." in out
    assert "1?  Ann Lee: the lake may rise\n    reported: “said”; raised as possible: “may”" in out
    assert "reading with" in notes
    assert all(line == line.rstrip() for line in out.splitlines())


def test_pipe_ends_with_1_if_a_command_failed(resources: Resources) -> None:
    """What follows the failed command is done all the same."""
    code, out, notes = play(resources, "/open lake.txt", "/show 99", "/sources")
    assert 1 == code
    assert "sayso: there's no claim 99: the record has c01 to c03" in notes
    assert "Ann Lee  person; 2 claims" in out


def test_article_can_not_steer_the_terminal(resources: Resources) -> None:
    """Escape sequences in text, title and file name are shown and not obeyed."""
    evil = "\x1b]0;owned\x07\x1b[2J[red]"
    Path(f"{evil}.txt").write_text(f"Rain {evil} fell\n\n{evil} said: “{evil} {LAKE}”\n")
    steps = [f"/open {evil}.txt", "/claims", "/show 1", "/sources", "/gold", "l", "q", f"/{evil}"]
    _, out, notes = play(resources, *steps)
    assert not set("\x1b\x07\r") & set(out + notes)
    assert "\\x1b[2J[red]" in out


@pytest.mark.parametrize("last", [[], [".", "/cost"]])
def test_pipe_takes_an_article(resources: Resources, last: list[str]) -> None:
    """A line that is no command begins an article; a dot or the end of the pipe ends it."""
    code, out, _ = play(resources, *LAKE.replace(". ", ".\n").split("\n"), *last)
    assert 0 == code
    assert "[3: The lake froze in 1963]." in out


def test_paste_takes_a_line_that_looks_like_a_command(resources: Resources) -> None:
    """After /paste, even a line with a slash is of the article."""
    _, out, _ = play(resources, "/paste", "/who, asked Ann Lee. The lake froze in 1963.", ".")
    assert "/who" in out


@pytest.mark.parametrize(
    "command",
    "/claims /article /sources /rejected /gold /eval /save /read /filter /who /ok".split(),
)
def test_command_without_an_article_says_so(resources: Resources, command: str) -> None:
    """Nothing is open at the start, and the message tells what to do."""
    code, _, notes = play(resources, command)
    assert (1, "sayso: no article is open: paste one, or /open FILE\n") == (code, notes)


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ("there's no file nowhere.txt: check the path", "/open nowhere.txt"),
        ("open what?", "/open"),
        ("standard input holds the commands", "/open -"),
        ("nobody is called 'Bob' here; the article names Ann Lee", "/who Bob"),
        ("which claim?", "/wrong"),
        ("there's no prompt nothing", "/prompt nothing"),
        ("export to where?", "/export"),
        ("there's no folder", "/export no/where.json"),
        ("there's no form .pdf", "/export x.pdf"),
        ("would overwrite the article", "/export lake.txt"),
        ("a session ends in .json", "/save x.txt"),
        ("nothing is kept here", "/forget"),
        ("no other session is kept", "/resume 1"),
        ("there's no gold yet", "/eval"),
        ("none.json: can't read the gold file", "/eval none.json"),
    ],
)
def test_command_that_can_not_be_done_says_why(
    resources: Resources, message: str, command: str
) -> None:
    """The message names what is wrong; the session goes on."""
    code, out, notes = play(resources, "/open lake.txt", command, "/claims")
    assert 1 == code
    assert message in notes
    assert "3 claims" in out


def test_address_is_opened_and_a_private_one_only_if_asked(resources: Resources) -> None:
    """/open fetches a page; the message of a refusal says what to add, and that works."""
    with PageServer({"/story": send(page(ARTICLE))}) as server:
        url = f"{server.url}/story"
        code, out, notes = play(resources, f"/open {url}", f"/open {url} --allow-private")
    assert "127.0.0.1 isn't public: to fetch from this machine" in notes
    assert "add --allow-private" in notes
    assert (1, True) == (code, "the bridge would close on Monday]" in out)


@pytest.mark.parametrize("line", ["?", "/help", "/filter ?", "? gold", "/gold\n?", "/gold\nf ?"])
def test_question_mark_helps_everywhere(resources: Resources, line: str) -> None:
    """? tells what can be done here, after a command what that is for."""
    code, out, _ = play(resources, "/open lake.txt", *line.split("\n"))
    assert 0 == code
    told = out.rpartition("nothing rejected")[2]
    assert any(words in told for words in ("narrow", "walk", "a command", "fix a field"))


def test_verdicts_are_kept_and_exported(resources: Resources) -> None:
    """A mark with its note, reviewer and time is in the record that /export writes."""
    code, out, notes = play(
        resources,
        "/open lake.txt",
        "/ok 1 as printed",
        "/wrong 2",
        "/unmark 2",
        "/wrong 3 not a fact",
        "/filter review=ok,wrong",
        "/claims",
        "/export x.json",
        "/export x.csv",
    )
    assert 0 == code
    assert "claim 1: ok: as printed (1 of 3 reviewed)" in notes
    assert "2 of 3 claims: review=ok,wrong" in out
    record = Extraction.model_validate_json(Path("x.json").read_text(encoding="utf-8"))
    marks = [c.review and (c.review.status, c.review.by, c.review.note) for c in record.claims]
    assert [("ok", "ann", "as printed"), None, ("wrong", "ann", "not a fact")] == marks
    assert record.claims[0].review is not None
    assert "T" in record.claims[0].review.at


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ('"note": "not a fact"', "x.json"),
        ('"note": "not a fact"', "x.jsonl"),
        (",wrong,not a fact", "x.csv"),
        ("| wrong: not a fact |", "x.md"),
        ("reviewed: wrong", "x.txt"),
        ("✗ reviewed: wrong", "x.html"),
        ('"note": "not a fact"', "x.jsonld"),
        ('"text": "read wrongly: not a fact"', "x.json claim"),
    ],
)
def test_verdict_is_in_every_form(resources: Resources, words: str, name: str) -> None:
    """Whatever /export writes tells what a person said of the reading."""
    steps = ("/open lake.txt", "/wrong 3 not a fact", f"/export {name}")
    assert 0 == play(resources, *steps).code
    assert words in Path(name.split(maxsplit=1)[0]).read_text(encoding="utf-8")


def test_saved_session_is_taken_up_again(resources: Resources) -> None:
    """/open takes what /save wrote, verdicts, filter and gold work included."""
    steps = ["/open lake.txt", "/ok 2", "/filter confidence=certain", "/gold", "a", "q", "/save"]
    assert 0 == play(resources, *steps).code
    code, out, _ = play(resources, "/open lake.session.json", "/claims", "/gold")
    assert 0 == code
    assert "2 of 3 claims: confidence=certain" in out
    assert "Claim 2, 2 of 3; core, not decided; 2 to decide" in out
    assert "[2 ok: It is deep]" in out


def test_record_of_extract_is_taken_up(resources: Resources) -> None:
    """/open takes a record in JSON; no model is asked."""
    Path("tunnel.json").write_text(json_text(sample()), encoding="utf-8")
    code, out, notes = play(resources, "/open tunnel.json", "/show 7", "/cost")
    assert 0 == code
    assert "no position taken, since the source declines to comment" in out
    assert "reading with" not in notes


def test_compare_reads_the_other_article(resources: Resources) -> None:
    """What is told in both is paired, and what changed is said."""
    Path("other.txt").write_text("The lake will rise. It froze in 1963.", encoding="utf-8")
    code, out, _ = play(resources, "/open lake.txt", "/compare other.txt", "/claims")
    assert 0 == code
    assert "Source lost (1)\n1 = 1  here   Ann Lee: the lake may rise\n" in out
    assert "→      firmer: raised as possible → stated as fact (“may” → “will”)" in out
    assert "3 claims" in out.rpartition("only there")[2]


def test_gold_walk_writes_what_check_accepts(resources: Resources) -> None:
    """Accept, fix, reject, split, add and write, all from lines; /eval scores against it."""
    code, out, notes = play(
        resources,
        "/open lake.txt",
        "/gold",
        "f confidence probable",
        "a",
        "r",
        "a optional",
        "+ The lake froze",
        "a",
        "w lake.json",
        "/eval",
        "/eval lake.json",
    )
    assert (0, 2) == (code, out.count("confidence: possible for probable"))
    assert "`sayso eval check lake.json` accepts it" in notes or not Path("lake.json").exists()
    claims = load_case(Path("lake.json")).gold.claims
    assert [("c01", "core"), ("c03", "optional"), ("new-2", "core")] == sorted(
        (claim.id, claim.status) for claim in claims
    )


def test_gold_and_sessions_overwrite_no_other_file(resources: Resources) -> None:
    """Gold that is there already stays, but for what this walk wrote; /save takes a free name."""
    Path("old.json").write_text("{}", encoding="utf-8")
    steps = ["/open lake.txt", "/gold", "A", "w old.json", "w new.json", "w new.json", "/save"]
    code, _, notes = play(resources, *steps, "/save", "/open lake.txt", "/save")
    assert (1, "{}") == (code, Path("old.json").read_text(encoding="utf-8"))
    assert "old.json is there already" in notes
    assert 2 == notes.count("new.json holds the gold")
    assert ["lake-2.session.json", "lake.session.json"] == sorted(
        path.name for path in Path().glob("*.session.json")
    )


def test_prompt_of_a_file_is_asked(resources: Resources) -> None:
    """/prompt FILE takes the place of the shipped one, and the record says so."""
    shipped = resources.prompts["attribution"]
    text = (
        f'+++\nname = "attribution"\nversion = 9\nwhy = "a try"\nschema = ""\n'
        f"params = {{ max_tokens = {shipped.max_tokens}, temperature = 0.0 }}\n+++\n"
        "# system\nBe brief.\n# user\nWho? $passage\n"
    )
    Path("mine.md").write_text(text, encoding="utf-8")
    Path("open.txt").write_text(OPEN_QUESTION, encoding="utf-8")
    engine = silent_engine()
    stream = io.StringIO("/prompt mine.md\n/open open.txt\n/prompt\n")
    code, out, _ = play_desk(make_desk(resources, Piped(stream), engine=engine))
    assert 0 == code
    assert f"Who? {OPEN_QUESTION}" == engine.requests[0].messages[-1].content
    assert "attribution  version 9" in out
    assert "used for this record" in out


def test_cost_of_the_embedded_model_is_nothing(resources: Resources) -> None:
    """Of the record too, not only since the start: "$0.0000" would look like a bill."""
    record = sample()
    usage = record.provenance.usage.model_copy(update={"cost_usd": 0.0})
    how = record.provenance.model_copy(update={"engine": "local", "usage": usage})
    free = record.model_copy(update={"provenance": how})
    Path("free.json").write_text(json_text(free), encoding="utf-8")
    _, out, _ = play(resources, "/open free.json", "/cost")
    told = " ".join(out[out.index("this record") :].split())
    assert (2, False) == (told.count("nothing to pay"), "$" in told)


def test_model_tells_where_the_text_goes(resources: Resources) -> None:
    """/model changes who reads, and says where the text goes from then on."""
    code, out, notes = play(resources, "/model", "/model m http://127.0.0.1:9/v1", "/model")
    assert 0 == code
    assert "on this machine; nothing leaves it" in out
    assert "from now on sending the text to 127.0.0.1:9 on this machine (model m)" in notes


def test_article_in_another_language_needs_force(resources: Resources) -> None:
    """What the message asks for can be typed here."""
    german = "Der Bürgermeister sagte gestern, dass der Tunnel wieder geöffnet wird. " * 3
    code, out, notes = play(resources, german, ".", "/read --force")
    assert 1 == code
    assert "only English is read well; read it anyway with --force" in notes
    assert "Read by script" in out


# ---- progress ---------------------------------------------------------------------------------


def test_event_tells_what_is_settled(resources: Resources) -> None:
    """While the model is asked about one sentence, the claims before it are there already."""
    text = f"Ann Lee said that the lake rose. {OPEN_QUESTION} The lake froze in 1963."
    told: list[list[str]] = []

    def listen(event: Event) -> None:
        record = event.so_far()
        if record:
            told.append([claim.content[0].text for claim in record.claims])

    final = extract(document(text), resources, silent_engine(), listen)
    whole = [claim.content[0].text for claim in final.claims]
    assert ["the lake rose"] == told[0]
    assert whole == told[-1]


def test_article_appears_while_it_is_read(resources: Resources) -> None:
    """Paragraphs before the open question stand on the screen before it's answered."""
    seen: list[str] = []
    desks: list[Desk] = []

    def answer(request: Request) -> str:
        time.sleep(0.5)  # for the waiting thread to print
        seen.append(written(desks[0].console))
        return "none"

    text = f"{LAKE}\n\nPer Lund said that ice is thin.\n\n{OPEN_QUESTION}"
    stream = io.StringIO(f"{text}\n.\n")
    desks.append(make_desk(resources, Piped(stream), engine=ScriptedEngine(answer)))
    done = play_desk(desks[0])
    assert "[1?: the lake may rise]" in seen[-1]
    assert "library" not in seen[-1]
    assert 1 == done.out.count("[1?: the lake may rise]")


@pytest.fixture
def _ctrl_c_counts() -> Iterator[None]:
    """Let Ctrl-C interrupt: what a shell starts in the background is deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_counts")
def test_ctrl_c_stops_the_reading_and_not_the_program(resources: Resources) -> None:
    """The next command is obeyed at once, though the model's answer hasn't come."""
    come = threading.Event()

    def answer(request: Request) -> str:
        signal.raise_signal(signal.SIGINT)
        assert come.wait(30)
        return "none"

    Path("open.txt").write_text(OPEN_QUESTION, encoding="utf-8")
    stream = io.StringIO("/open open.txt\n/cost\n")
    desk = make_desk(resources, Piped(stream), engine=ScriptedEngine(answer))
    code, out, notes = play_desk(desk)
    assert (0, True) == (code, desk.reader.busy)
    assert "stopped; /read reads the article from its beginning" in notes
    assert "since the start: 0 calls" in out
    come.set()


# ---- what is kept -----------------------------------------------------------------------------


def test_session_is_kept_after_each_step(resources: Resources, tmp_path: Path) -> None:
    """Whoever starts after a crash is told of the session, and has it whole."""
    folder = tmp_path / "data" / "sessions"
    stream = io.StringIO("/open lake.txt\n/ok 2 checked\n/gold\na\n")
    play_desk(make_desk(resources, Piped(stream), folder=folder))  # no end, as in a crash
    stream = io.StringIO("/resume\n/resume 1\n/show 2\n/gold\n")
    desk = make_desk(resources, Piped(stream), folder=folder)
    greet(desk)
    code, out, notes = play_desk(desk)
    assert 0 == code
    assert "Ann Lee said that the lake may rise." in notes
    assert "(3 claims, 1 reviewed). /resume 1 takes it up again." in notes
    assert "review    ok: checked (ann " in out
    assert "Claim 2, 2 of 3; core, not decided; 2 to decide" in out
    assert 1 == len(list(folder.iterdir()))
    assert 0o700 == folder.stat().st_mode & 0o777


def test_other_article_begins_another_session(resources: Resources, tmp_path: Path) -> None:
    """What was judged before stays kept; the newest ten sessions do."""
    folder = tmp_path / "sessions"
    Path("b.txt").write_text("Per Lund said ice is thin.", encoding="utf-8")
    steps = ["/open lake.txt", "/ok 1", "/open b.txt", *["/read"] * 10, "/resume"]
    stream = io.StringIO("\n".join(steps))
    _, out, _ = play_desk(make_desk(resources, Piped(stream), folder=folder))
    assert kept.KEPT_AT_MOST == len(list(folder.iterdir()))
    assert "9  " in out
    assert "lake" not in out.rpartition("Read by script")[2]


def test_session_without_a_reading_is_said_to_have_none(
    resources: Resources, tmp_path: Path
) -> None:
    """An article whose reading failed or was stopped isn't shown as one without claims."""
    session = Session(article=Article("The lake rose.", title="Lake"))
    kept.keep(tmp_path / "x.json", session)
    desk = make_desk(resources, Piped(io.StringIO()), folder=tmp_path)
    greet(desk)
    assert "Lake (not read yet). /resume 1" in written(desk.notes)


def test_damaged_session_is_no_hindrance(resources: Resources, tmp_path: Path) -> None:
    """A file that holds no session isn't offered."""
    (tmp_path / "x.json").write_text('{"format":"sayso-session/1","article":3}', encoding="utf-8")
    desk = make_desk(resources, Piped(io.StringIO()), folder=tmp_path)
    greet(desk)
    assert "Kept from" not in written(desk.notes)


def test_forget_deletes_what_is_kept(resources: Resources, tmp_path: Path) -> None:
    """Sessions and history are gone."""
    folder = tmp_path / "data" / "sessions"
    stream = io.StringIO("/open lake.txt\n/forget\n")
    folder.mkdir(parents=True)
    (folder.parent / "history").write_text("+/claims\n", encoding="utf-8")
    _, _, notes = play_desk(make_desk(resources, Piped(stream), folder=folder))
    assert "deleted: 1 kept session, and the history of commands" in notes
    assert [folder] == list(folder.parent.iterdir())
    assert [] == list(folder.iterdir())
