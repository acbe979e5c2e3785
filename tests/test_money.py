"""What calls cost: by the library's table, by what the user says, or unknown."""

from __future__ import annotations

import re
from datetime import date

import pytest

from agent.engine import Usage
from agent.errors import ConfigError
from agent.money import FREE, find_price, told_price

OPENAI = "https://api.openai.com/v1"
MANY = Usage(calls=1, input_tokens=1_000_000, output_tokens=1_000_000)


def test_price_is_that_of_the_endpoint() -> None:
    """A million tokens in and out of gpt-4o at OpenAI cost what OpenAI's list says."""
    price = find_price("gpt-4o", OPENAI)
    assert price is not None
    assert 2.5 + 10 == pytest.approx(price.cost_usd(MANY))


def test_cached_tokens_cost_less() -> None:
    """Input that the server had already evaluated has its own price; it is no more than all."""
    price = find_price("gpt-4o", OPENAI)
    assert price is not None
    assert 0.5 * 2.5 + 0.5 * 1.25 == pytest.approx(
        price.cost_usd(Usage(input_tokens=1_000_000, cached_tokens=500_000))
    )
    assert 1.25 == pytest.approx(price.cost_usd(Usage(input_tokens=10**6, cached_tokens=10**7)))


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("no-such-model", OPENAI),
        ("gpt-4o", "http://127.0.0.1:8080/v1"),
        ("gpt-4o", "https://example.org/v1"),
    ],
)
def test_unknown_price_is_none(model: str, base_url: str) -> None:
    """A model that the table doesn't know at this endpoint has no price, known name or not."""
    assert find_price(model, base_url) is None


def test_embedded_engine_is_free() -> None:
    """Without an endpoint nothing is paid."""
    assert FREE == find_price("qwen2.5-coder-1.5b", "")
    assert 0.0 == FREE.cost_usd(MANY)


def test_table_tells_its_age() -> None:
    """The table's name holds version and day of its newest price, which isn't in the future."""
    price = find_price("gpt-4o", OPENAI)
    assert price is not None
    match = re.fullmatch(r"genai-prices [\d.]+, newest price of (\d{4}-\d\d-\d\d)", price.table)
    assert match is not None
    assert date(2026, 1, 1) <= date.fromisoformat(match[1]) <= date.today()  # noqa: DTZ011


def test_told_price_is_for_a_million_tokens() -> None:
    """What the user says counts, input before output."""
    price = told_price("0.15, 0.6")
    assert 0.15 + 0.6 == pytest.approx(price.cost_usd(MANY))
    assert "as you say" in price.table


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "-1,2", "1,nan", "inf,1"])
def test_told_price_must_be_two_numbers(text: str) -> None:
    """Anything else is refused with an example."""
    with pytest.raises(ConfigError, match=r"0\.15,0\.60"):
        told_price(text)
