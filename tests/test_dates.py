"""Dates as they are written (agent/dates.py)."""

from __future__ import annotations

import pytest

from agent.dates import parse_day


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("2021-03-02", "Tue Mar 02 2021"),
        ("2021-03-02", "Tuesday, March 2, 2021"),
        ("2016-09-07", "7 September 2016"),
        ("2016-09-07", "7th of Sept. 2016"),
        ("2016-09-07", "Sept. 7, 2016"),
        ("2016-09-07", "2016-09-07T08:30:00Z"),
        ("2015-12-25", "25/12/2015"),
        ("2015-12-25", "12/25/2015"),
        ("2015-09-12", "12.ix.2015"),
        ("2015-06-04", "4. VI. 2015"),
        ("2015-01-27", "27 Jan. 2015"),
        (None, "12/09/2015"),
        (None, "12.xiii.2015"),
        (None, "31.vi.2015"),
        (None, "31 February 2015"),
        (None, "May 2015"),
        (None, ""),
    ],
)
def test_parse_day_reads_the_usual_forms(expected: str | None, written: str) -> None:
    """Full dates become ISO days; ambiguous or impossible ones are None."""
    assert expected == parse_day(written)
