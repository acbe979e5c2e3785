"""Where the marks of the plots stand: confusion matrices and the reliability plot, as numbers.

The templates draw them as SVG; lengths are in SVG units, one of which is about a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.calibration import Bin

LEFT, TOP, RIGHT, WIDTH = 84, 84, 36, 328  # room for the labels; the whole plot fits a phone
SIDE, EDGE = 260, 40  # the square of the reliability plot, and what is left and below


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix. share: of its row, 0 to 1; agrees: it lies on the diagonal."""

    x: float
    y: float
    n: float
    share: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A confusion matrix laid out. labels: (name, centre) for rows and columns alike."""

    size: float
    width: float
    height: float
    labels: list[tuple[str, float]]
    cells: list[Cell]
    rows: list[tuple[str, list[float]]]


def lay_grid(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> Grid:
    """Return the layout of a matrix without the labels that neither side uses.

    >>> lay_grid(["a", "b", "c"], [[1, 0, 0], [0, 0, 0], [1, 0, 0]]).labels
    [('a', 20.0), ('c', 60.0)]
    """
    used = [i for i in range(len(labels)) if any(matrix[i]) or any(row[i] for row in matrix)]
    size = min(40.0, (WIDTH - LEFT - RIGHT) / max(len(used), 1))
    cells = [
        Cell(
            x=column * size,
            y=row * size,
            n=matrix[i][j],
            share=matrix[i][j] / total if (total := sum(matrix[i])) else 0.0,
            agrees=i == j,
        )
        for row, i in enumerate(used)
        for column, j in enumerate(used)
    ]
    return Grid(
        size=size,
        width=LEFT + len(used) * size + RIGHT,
        height=TOP + len(used) * size + 2,
        labels=[(labels[i], (at + 0.5) * size) for at, i in enumerate(used)],
        cells=cells,
        rows=[(labels[i], [matrix[i][j] for j in used]) for i in used],
    )


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the reliability plot in SVG units, with its Wilson interval."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    bin: Bin


def lay_points(bins: Sequence[Bin]) -> list[Point]:
    """Return the points of the plot: the larger the bin, the larger the point.

    >>> [(p.x, p.y, p.radius) for p in lay_points([Bin(0.5, 1.0, 0.8, 1.0, 25)])]
    [(130.0, 0.0, 5.5)]
    """
    return [
        Point(
            x=SIDE * b.score,
            y=SIDE * (1 - b.accuracy),
            low=SIDE * (1 - b.low),
            high=SIDE * (1 - b.high),
            radius=3 + min(b.n, 100) ** 0.5 / 2,
            bin=b,
        )
        for b in bins
    ]
