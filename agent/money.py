"""What calls cost. Only user of genai_prices.

The table of prices is the one that the library brings; it isn't fetched, so nothing leaves the
machine, and it's as old as its newest entry says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from agent.engine import Usage
from agent.errors import ConfigError

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What the calls of one model cost. table: whose price it is, and of which day."""

    table: str
    cost_usd: Callable[[Usage], float]


FREE = Price("the embedded engine is free", lambda _: 0.0)


def find_price(model: str, base_url: str) -> Price | None:
    """Return what a model costs at an endpoint, None where the table doesn't know it.

    base_url: "" is the embedded engine. The endpoint counts, not the model's name alone: the same
    model costs something else at somebody else's.
    """
    if not base_url:
        return FREE
    from genai_prices import Usage as Tokens  # noqa: PLC0415  (0.3 s of import)
    from genai_prices import calc_price  # noqa: PLC0415

    def cost_usd(usage: Usage) -> float:
        tokens = Tokens(
            input_tokens=usage.input_tokens,
            cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
            output_tokens=usage.output_tokens,
        )
        return float(calc_price(tokens, model, provider_api_url=base_url).total_price)

    try:
        cost_usd(Usage())
    except LookupError:
        return None
    return Price(_table(), cost_usd)


def told_price(text: str) -> Price:
    """Return the price that "INPUT,OUTPUT" tells, in US dollars for a million tokens.

    >>> told_price("2,10").cost_usd(Usage(input_tokens=1000, output_tokens=100))
    0.003

    Raises:
        ConfigError: it isn't two numbers of 0 or more.
    """
    try:
        in_usd, out_usd = (float(part) for part in text.split(","))
    except ValueError:
        in_usd = out_usd = -1.0
    if not (0 <= in_usd <= MILLION and 0 <= out_usd <= MILLION):
        raise ConfigError(
            f"the price {text!r} must be two numbers, US dollars for a million tokens of input and "
            "of output: 0.15,0.60"
        )
    return Price(
        f"${in_usd:g} and ${out_usd:g} for a million tokens, as you say",
        lambda u: (u.input_tokens * in_usd + u.output_tokens * out_usd) / MILLION,
    )


@cache
def _table() -> str:
    """Return the name, version and age of the library's table."""
    from importlib.metadata import version  # noqa: PLC0415

    today = datetime.now(tz=UTC).date()
    newest = max((day for day in _days() if day <= today), default=None)
    of = f", newest price of {newest}" if newest else ""
    return f"genai-prices {version('genai-prices')}{of}"


def _days() -> Iterator[date]:
    """Yield the days on which prices of the table begin; some lie in the future."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    for provider in get_snapshot().providers:
        for model in provider.models:
            dated: list[Any] = [*(model.price_variants or ())]
            if isinstance(model.prices, list):
                dated += model.prices
            for entry in dated:
                day = getattr(entry.constraint, "start_date", None)
                if isinstance(day, date):
                    yield day
