"""Mentions to entities (agent/resolve.py)."""

from __future__ import annotations

import pytest

from agent.extract import Resources
from agent.names import fold_name
from readings import by_tree


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(
            ["Peter Miller", "Peter Miller"],
            "Peter Miller said it rained. Miller said it snowed.",
            id="surname",
        ),
        pytest.param(
            ["Marta Voss", "Marta Voss"],
            "Mayor Marta Voss said it rained. Mayor Voss said it snowed.",
            id="title and surname",
        ),
        pytest.param(
            ["Marta Voss", "Marta Voss"],
            "Mayor Marta Voss said it rained. The mayor said it snowed.",
            id="title for the name",
        ),
        pytest.param(
            ["Ana Costa", "Ana Costa"],
            "Prime Minister Ana Costa said it rained. The prime minister said it snowed.",
            id="title of two words",
        ),
        pytest.param(
            ["Marta Voss", "Marta Voss"],
            "Marta Voss, the mayor, said it rained. The mayor said it snowed.",
            id="office in apposition",
        ),
        pytest.param(
            ["Marta van der Berg"] * 2,
            "Marta van der Berg said it rained. Van der Berg said it snowed.",
            id="surname of three words",
        ),
        pytest.param(
            ["Anna Weld", "Anna Weld"],
            "Anna Weld said John Carter had lied. “It was a lie,” she told reporters.",
            id="who speaks goes before who is spoken of",
        ),
        pytest.param(
            ["John Carter", "John Carter"],
            "John Carter said Anna Weld had lied. “It was a lie,” he said.",
            id="and the other way round",
        ),
        pytest.param(
            ["Anna Weld", "Anna Weld"],
            "Anna Weld said Mr Carter had lied. She called it a disgrace.",
            id="a gender that is known",
        ),
        pytest.param(
            ["Nobby Earle", "Nobby Earle"],
            "Nobby Earle slammed the club. “Gary might have lost the dressing room,” he said.",
            id="nobody speaks of himself by name",
        ),
        pytest.param(
            ["spokesman for Mr Reyes"],
            "A spokesman for Mr Reyes left. “There is no report,” he said.",
            id="a noun for a person",
        ),
        pytest.param(
            ["Tim Hale", "Tim Hale"],
            "Governor Tim Hale said it rained. The governor, a Republican, said it snowed.",
            id="office with a description",
        ),
        pytest.param(
            ["Selby Herald", "Apple"],
            "The Selby Herald reported that Apple plans a plant. The company said it will hire.",
            id="company that was only spoken of, and no newspaper",
        ),
        pytest.param(
            ["Paul Dean", "Paul Dean"],
            "His neighbour, Paul Dean, told the jury he feared for his life. “I ran,” he said.",
            id="apposition",
        ),
        pytest.param(
            ["Omar Haddad", "Omar Haddad"],
            "It rained, said Omar Haddad of the Red Crescent. Haddad said it snowed.",
            id="body behind the name",
        ),
        pytest.param(
            ["Marta Voss", "Marta Voss"],
            "Marta Voss said it rained. MARTA VOSS said it snowed.",
            id="capitals",
        ),
        pytest.param(
            ["Marta Voss", "Marta Voss"],
            "Marta Voss said it rained. She said it snowed.",
            id="she",
        ),
        pytest.param(
            ["Marta Voss", "Marta Voss", "Marta Voss"],
            "“It rained,” Marta Voss said. “It was cold.” She said it snowed.",
            id="she, after a quotation that goes on",
        ),
        pytest.param(
            ["spokesman for the ministry"] * 2,
            "A spokesman for the ministry said it rained. He said it snowed.",
            id="he, unnamed",
        ),
        pytest.param(
            ["engineers", "engineers"],
            "The engineers said it rained. They said it snowed.",
            id="they",
        ),
        pytest.param(
            ["Harbour Authority", "Harbour Authority"],
            "The Harbour Authority said it rained. It said it snowed.",
            id="it, an institution",
        ),
        pytest.param(
            ["report", "report"],
            "The report said it rained. It said it snowed.",
            id="it, a document",
        ),
        pytest.param(
            ["World Health Organization"] * 2,
            "The World Health Organization said it rained. The WHO said it snowed.",
            id="abbreviation",
        ),
        pytest.param(
            ["spokesman for the ministry"] * 2,
            "A spokesman for the ministry said it rained. The spokesman said it snowed.",
            id="shorter description",
        ),
        pytest.param(
            ["Two officials", "Two officials"],
            "Two officials said it rained. The officials said it snowed.",
            id="the same group",
        ),
        pytest.param(
            ["company", "company"],
            "The company said it rained. The company said it snowed.",
            id="the company, unnamed",
        ),
        pytest.param(
            ["Marta Voss", "Jan Voss", "Jan Voss"],
            "Marta Voss said it rained. Jan Voss said it snowed. Jan Voss said it froze.",
            id="two with one surname",
        ),
        pytest.param(
            ["Ana Costa", "Costa’s spokesman"],
            "President Ana Costa said it rained. Costa’s spokesman said it snowed.",
            id="whose spokesman",
        ),
        pytest.param(
            ["Marta Voss", "police"],
            "Marta Voss said it rained. The police said it snowed.",
            id="somebody else",
        ),
        pytest.param(
            ["unspecified source", "unspecified source"],
            "It was reported that it rained. It was reported that it snowed.",
            id="nobody",
        ),
    ],
)
def test_mentions_lead_to_their_entity(
    resources: Resources, expected: list[str], text: str
) -> None:
    """Each claim's source is the entity that the article lets its mention mean."""
    found = by_tree(resources, text)
    names = {entity.id: entity.name for entity in found.entities}
    sources = [c.attribution.chain[-1].entity for c in found.claims if c.attribution.chain]
    assert expected == [names[source] for source in sources]


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        ("person", "Marta Voss"),
        ("person", "President Ana Costa"),
        ("person", "She"),
        ("organization", "The Harbour Authority"),
        ("organization", "The World Health Organization"),
        ("anonymous", "A witness"),
        ("anonymous", "Two officials"),
        ("anonymous", "American officials"),
        ("document", "The report"),
        ("document", "A leaked memo"),
    ],
)
def test_entity_has_its_type(resources: Resources, type_: str, source: str) -> None:
    """A name is a person's or a body's, a description is anonymous, a paper is a document."""
    (entity,) = by_tree(resources, f"{source} said that it rained in the valley.").entities
    assert type_ == entity.type


def test_entity_lists_its_mentions_and_aliases(resources: Resources) -> None:
    """Mentions are in text order; aliases are the other ways to name it, pronouns left out."""
    text = "Mayor Marta Voss said it rained. She said it froze. The mayor said it snowed."
    (entity,) = by_tree(resources, text).entities
    assert ["Mayor Marta Voss", "She", "The mayor"] == [span.text for span in entity.mentions]
    assert ["Mayor Marta Voss", "The mayor"] == entity.aliases


def test_entity_without_a_claim_is_left_out(resources: Resources) -> None:
    """Whoever is only named, and says nothing, is no entity of the record."""
    found = by_tree(resources, "Marta Voss said that Jan Lind had seen the lake.")
    assert ["Marta Voss"] == [entity.name for entity in found.entities]


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("ministry", "The Ministry’s"),
        ("ministry", "the Ministry's"),
        ("jean-luc voß".casefold(), "Jean-Luc VOSS"),
        ("u s", "U.S."),
        ("voss", "Ｖoss"),
        ("", "The"),
        ("", "“”"),
    ],
)
def test_folded_name_has_no_case_article_or_possessive(expected: str, name: str) -> None:
    """What may differ between two mentions of one name is folded away."""
    assert expected == fold_name(name)
