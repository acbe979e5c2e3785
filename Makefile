# Needs git, make and Python 3.11 or newer; everything else is set up in .venv by `make setup`.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix record lock clean

help:  ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "sayso needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "setting up .venv (a minute or two the first time) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

setup: .venv/ready  ## set up .venv from the lock, fetch the weights and check them
	@$(BIN)/sayso models fetch

demo: setup  ## read the sample article with the embedded model
	$(BIN)/sayso extract examples/seed.txt

# The real model first and alone: a second busy process slows it tenfold.
test: setup  ## run the tests
	$(BIN)/python -m pytest -m model
	$(BIN)/python -m pytest -m "not model"

check: .venv/ready  ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: .venv/ready  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

record: setup  ## record the cassettes again, from the embedded server
	$(BIN)/python -m pytest --record -m "cassette and not model"

# uv isn't part of the set-up: only who changes a dependency needs it.
COMPILE := uv pip compile pyproject.toml --extra evals --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
lock:  ## write the locks again after a change of dependencies (needs uv)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:  ## remove .venv and caches; the weights stay in the user's cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
