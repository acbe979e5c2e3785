# Needs git, make and Python 3.11 or newer; everything else is set up in .venv by `make setup`.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.PHONY: help setup demo repl test test-slow soak fuzz check fix eval docs record lock audit clean

help:  ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

repl: setup  ## open, look at and judge articles in the terminal
	@$(BIN)/sayso

# The real model first and alone: a second busy process slows it tenfold.
test: setup  ## run the tests
	$(BIN)/python -m pytest -m model
	$(BIN)/python -m pytest -m "not model and not soak"

test-slow: setup  ## run the tests that take minutes
	$(BIN)/python -m pytest -m soak

soak: setup  ## watch memory, handles, threads and store over long runs (an hour)
	$(BIN)/python benchmarks/soak.py loopback
	$(BIN)/python benchmarks/soak.py embedded

CASES ?= 10000
fuzz: setup  ## try damaged files and any text, 15 minutes: make fuzz [CASES=N]
	SAYSO_FUZZ_CASES=$(CASES) $(BIN)/python -m pytest --timeout 7200 \
		tests/test_fuzz.py tests/test_properties.py

# The last one takes minutes and all cores. PEER: an interpreter that has langextract.
bench: setup  ## measure batch runs: make bench [PEER=python]; docs/batch.md explains
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/throughput.py --sentences 29 --workers 1,4,16
	$(BIN)/python benchmarks/replay.py
	$(BIN)/python benchmarks/replay.py --sentences 29 --documents 300
	$(BIN)/python benchmarks/faults.py $(if $(PEER),--peer $(PEER))
	$(BIN)/python benchmarks/slots.py evals/gold/*.txt

check: .venv/ready  ## lint, formatting, types, and the figures in README and docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m evals.docs --check

fix: .venv/ready  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Over our own gold a recording is replayed: no model, no network. Elsewhere the model reads.
GOLD ?= evals/gold
RUN := evals/runs/main.json
REPLIES := evals/gold/recording.jsonl
OTHER := build/$(notdir $(patsubst %/,%,$(GOLD)))
eval: .venv/ready  ## score against gold: make eval [LIVE=1] [GOLD=folder]
ifneq ($(GOLD),evals/gold)
	@mkdir -p build
	@$(BIN)/sayso models fetch
	$(BIN)/sayso eval run $(GOLD) --figures-only -o $(OTHER).json \
		--recording $(OTHER).replies.jsonl $(if $(LIVE),--anew)
else ifdef LIVE
	@$(BIN)/sayso models fetch
	$(BIN)/sayso eval run $(GOLD) -o $(RUN) --recording $(REPLIES) --anew
else
	@$(BIN)/sayso models fetch en_core_web_sm
	$(BIN)/sayso eval run $(GOLD) --replay --recording $(REPLIES) --expect $(RUN)
endif

docs: .venv/ready  ## write figures, tables and the transcript into README and docs
	@$(BIN)/sayso models fetch en_core_web_sm
	$(BIN)/python -m evals.docs
	$(BIN)/python tests/shown.py

record: setup  ## record the cassettes again, from the embedded server
	$(BIN)/python -m pytest --record -m "cassette and not model"

# uv isn't part of the set-up: only who changes a dependency needs it.
COMPILE := uv pip compile pyproject.toml --extra evals --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
lock:  ## write the locks again after a change of dependencies (needs uv)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra cluster --extra parquet --extra postgresql --group dev --constraint requirements.lock --output-file requirements-dev.lock

# pip-audit has an environment of its own: what it needs is no business of ours. --strict: a package
# that no list knows is an error, not a package without vulnerabilities.
audit:  ## compare the locked dependencies with known vulnerabilities (needs network)
	@$(PYTHON) -m venv build/audit
	@build/audit/bin/python -m pip --disable-pip-version-check -qq install "pip-audit>=2.9,<3"
	@{ echo "# Audit of the dependencies"; echo; \
		echo "pip-audit on requirements-dev.lock, $$(date -u +%Y-%m-%d)."; echo; } > build/audit.md
	@build/audit/bin/pip-audit --requirement requirements-dev.lock --require-hashes --disable-pip \
		--strict --format markdown >> build/audit.md && echo "Nothing known." >> build/audit.md; \
	if tail -n +5 build/audit.md | grep -q .; then mv build/audit.md docs/audit.md; cat docs/audit.md; \
	else echo "some package couldn't be looked up: docs/audit.md stays as it was"; exit 1; fi

clean:  ## remove .venv and caches; the weights stay in the user's cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
