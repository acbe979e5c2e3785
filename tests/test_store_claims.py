"""Store.claims: the claims of all records, found by source, words, confidence, kind and date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.schema import Extraction
from agent.store import Query, Store
from sample_records import claim, sample


def named(name: str, *texts: str, date: str | None = "2024-03-04") -> Extraction:
    """Return a record of a document with claims of these texts, and no source."""
    record = sample()
    claims = [claim(n, "opened in 1974", [], text=text) for n, text in enumerate(texts, 1)]
    document = record.document.model_copy(update={"id": name, "date": date})
    return record.model_copy(update={"document": document, "claims": claims})


@pytest.fixture
def store(store_place: str) -> Iterator[Store]:
    """Yield an empty store, on each database."""
    with Store(store_place) as opened:
        yield opened


def ids(store: Store, **query: object) -> list[str]:
    """Return the ids of the claims that are found."""
    return [row.id for row in store.claims(Query(**query))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "query"),
    [
        ("01 02 03 04 05 06 07 08 09 10", {}),
        ("05 06 07 08 09", {"source": "asta lind"}),
        ("05 06 07 08 09", {"source": "LIND"}),
        ("04", {"source": "Tarnholm Courier"}),
        ("04", {"source": "engineers"}),
        ("", {"source": "asta"[:3]}),
        ("05 08", {"kind": ["direct", "mixed"]}),
        ("01 02 03", {"kind": ["none"]}),
        ("01 04", {"confidence": ["possible"]}),
        ("10", {"confidence": ["probable"], "kind": ["indirect"]}),
        ("01 02 03", {"contains": "harbour tunnel"}),
        ("03", {"contains": "  TUNNEL opened "}),
        ("", {"contains": "tunnel harbour"}),
        ("04", {"contains": "months", "source": "courier", "confidence": ["possible"]}),
        ("", {"contains": "months", "source": "lind"}),
        ("01 02 03 04 05 06 07 08 09 10", {"since": "2024-03-04"}),
        ("", {"since": "2024-03-05"}),
    ],
)
def test_claims_are_found(store: Store, found: str, query: dict[str, object]) -> None:
    """Each condition narrows the search, on both databases alike."""
    store.keep("w", sample())
    assert [f"c{number}" for number in found.split()] == ids(store, **query)


@pytest.mark.parametrize(
    ("found", "term"),
    [
        ("c01", "Élysée"),
        ("c01", "elysee palace"),
        ("c02", "don't"),
        ("c02", "DON’T"),
        ("c03", "5 %"),
        ("c03", "%"),
        ("c04", "a_b"),
        ("c05", "C++"),
        ("c05", '"c"'),
        ("c06", "\\"),
        ("", "_"),
        ("", "'; DROP TABLE claims; --"),
        ("", "* OR text_words : x"),
        ("", "NEAR(a b)"),
        ("", "(((("),
        ("", "^"),
        ("c01", "-"),
        ("", "\0"),
        ("", "\ud800"),
    ],
)
def test_claims_are_found_by_any_term(store: Store, found: str, term: str) -> None:
    """Accents, case and special characters are no obstacle, and no syntax of a database's."""
    texts = "The Élysée-Palace spoke.", "They don’t know.", "It rose 5 %.", "a b", "C++", "a\\z"
    store.keep("w", named("d", *texts))
    assert found.split() == ids(store, contains=term)


def test_claims_tell_their_document(store: Store) -> None:
    """A row has what a reader needs to know where it stands and who says it."""
    store.keep("w", sample())
    (row,) = store.claims(Query(contains="months"))
    assert ("tunnel", "2024-03-04", "Harbour tunnel may close until May") == (
        *(row.document, row.date),
        row.title,
    )
    assert (["Tarnholm Courier", "city engineers"], "possible", "anonymous_via_outlet") == (
        *(row.sources, row.confidence),
        row.sourcing,
    )


def test_claims_of_undated_articles_are_left_out_since(store: Store) -> None:
    """Whoever asks for a date gets no claims of articles that have none."""
    store.keep("w", named("d", "undated", date=None))
    assert (["c01"], []) == (ids(store), ids(store, since="1900-01-01"))


def test_claims_are_of_the_last_reading(store: Store) -> None:
    """Of a document that was read twice, the record that was kept last counts."""
    store.keep("1", named("d", "old", "older"))
    store.keep("2", named("d", "new"))
    store.keep("3", named("e", "other"))
    assert ["new", "other"] == [row.text for row in store.claims(Query())]
    store.keep("1", named("d", "again"))
    assert ["other", "again"] == [row.text for row in store.claims(Query())]
    assert ["c01"] == ids(store, contains="again")
    assert [] == ids(store, contains="older")


def test_claims_of_many_documents_all_come(store: Store) -> None:
    """A search goes through all pages."""
    texts = [f"sentence {number}" for number in range(1203)]
    store.keep("w", named("d", *texts))
    assert texts == [row.text for row in store.claims(Query())]


def test_claims_may_be_long(store: Store) -> None:
    """A claim longer than PostgreSQL can index is kept, and found by its first words."""
    store.keep("w", named("d", " ".join(f"ж{number}" for number in range(200_000))))
    assert ["c01"] == ids(store, contains="ж17 ж18")
