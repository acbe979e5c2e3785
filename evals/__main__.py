"""`python -m evals …` is `sayso eval …`."""

from __future__ import annotations

import sys

from agent.cli import main

if __name__ == "__main__":
    main(["eval", *sys.argv[1:]])
