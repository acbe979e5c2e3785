"""Trees put right where the parser is known to err (agent/repairs.py, agent/truecase.py)."""

from __future__ import annotations

import pytest

from agent.extract import Resources
from agent.quotation import Extent
from agent.truecase import truecased
from readings import by_tree, claims_of


@pytest.mark.parametrize(
    ("attribution", "content", "text"),
    [
        ("the warden, Marta Voss (told)", "Nobody drowned",
         "“Nobody drowned,” the warden, Marta Voss, told reporters."),
        ("Marta Voss, the warden (said)", "The dam is safe",
         "The dam is safe, Marta Voss, the warden, said."),
        ("Farmers (called)", "the new levy and the demand for their land a shameless grab",
         "Farmers called the new levy and the demand for their land a shameless grab."),
        ("the warden (proposing)", "some regional counter-measures to protect local farms",
         "The warden reacted by proposing some regional counter-measures to protect local farms."),
        ("A Selby poll (showed)", "a slimmer lead for Voss with 46 percent",
         "A Selby poll showed a slimmer lead for Voss with 46 percent."),
        ("An inquiry (found)", "no sign of a leak", "An inquiry found no sign of a leak."),
    ],
)  # fmt: skip
def test_attribution_is_read_where_the_parser_errs(
    resources: Resources, attribution: str, content: str, text: str
) -> None:
    """Source, cue and content come out right in sentences whose plain parse is wrong."""
    found = [(a.lower(), c) for a, c in claims_of(by_tree(resources, text))]
    assert (attribution.lower(), content) in found


def test_person_who_finds_a_thing_reports_nothing(resources: Resources) -> None:
    """What only documents do with a noun phrase is no report of a person."""
    assert [("", "Marta Voss found the key")] == claims_of(
        by_tree(resources, "Marta Voss found the key.")
    )


@pytest.mark.parametrize(
    ("expected", "heading", "body"),
    [
        ("Warden denies leak at Voss dam", "Warden Denies Leak At Voss Dam", "The Voss dam holds."),
        ("Warden denies leak at Voss dam", "WARDEN DENIES LEAK AT VOSS DAM", "The Voss dam holds."),
        ("NATO chief wary of ‘big risk’", "NATO Chief Wary Of ‘Big Risk’", "It is no risk."),
        ("Dam holds: ‘We are safe,’ says Voss’s aide", "Dam Holds: ‘We Are Safe,’ Says Voss’s Aide",
         "An aide of Voss spoke."),
        ("Marta Voss leaves Selby", "Marta Voss leaves Selby", "It was dark."),
    ],
)  # fmt: skip
def test_headline_in_title_case_is_written_as_a_sentence(
    expected: str, heading: str, body: str
) -> None:
    """Only what the body writes in capitals, or is made of capitals, keeps them."""
    text = f"{heading}\n\n{body}"
    at = len(heading)
    assert f"{expected}\n\n{body}" == truecased(text, [Extent(0, at)], [Extent(at + 2, len(text))])


def test_headline_in_title_case_has_its_speaker(resources: Resources) -> None:
    """The strings stay as the headline has them."""
    text = "Dam Warden Denies Plans For New Levy\n\nThe dam warden spoke on Monday."
    assert ("Dam Warden (Denies)", "Plans For New Levy") == claims_of(by_tree(resources, text))[0]
