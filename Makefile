# The commands of this project. `make` shows them; each sets up what it needs by itself.

SHELL := /bin/sh
.DEFAULT_GOAL := help

ORDERS ?= 300
SEED ?= 4
KEEP ?=
SCHEDULES ?= 10000
MINUTES ?= 3
FORM ?= both
BROKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# The first Python that is new enough; `make PYTHON=/path/to/python3.12 setup` names another.
CANDIDATES := python3.13 python3.12 python3.11 python3 python
WILL_DO := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
ifeq ($(origin PYTHON), undefined)
PYTHON = $(shell for p in $(CANDIDATES); do $$p -c '$(WILL_DO)' >/dev/null 2>&1 && { echo $$p; break; }; done)
endif

.PHONY: help setup test coverage check simulate chaos demo run lock schemas diagrams clean

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with exactly the locked packages (the others do it by themselves)
	@echo "$(VENV) is ready."

$(STAMP): $(INSTALLED) pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(INSTALLED): requirements/dev.lock
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 with venv and ensurepip was found (tried: $(CANDIDATES))." >&2; \
		echo "Debian, Ubuntu: sudo apt install python3 python3-venv; Fedora: sudo dnf install python3;" >&2; \
		echo "macOS: brew install python@3.13; or name one: make PYTHON=/path/to/python3.12 setup" >&2; exit 1; fi
	@"$(PYTHON)" -c '$(WILL_DO)' || { \
		echo "PYTHON=$(PYTHON) will not do: it must be Python 3.11, 3.12 or 3.13 with venv and ensurepip" >&2; \
		echo "(Debian, Ubuntu: sudo apt install python3-venv)." >&2; exit 1; }
	@echo "Making $(VENV) with $$("$(PYTHON)" --version): some 90 locked packages, a Java runtime for Kafka among them."
	@echo "This takes about a minute, once."
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(PIP) --require-hashes --only-binary :all: -r requirements/dev.lock || { \
		echo "The packages could not be installed: is there a network, and an index that pip may use (pip config list)?" >&2; \
		exit 1; }
	@touch $@

test: $(STAMP) ## All tests: quick ones first, then those on real Kafka (TESTS="tests/unit -k name" for some)
	@$(BIN)/python -m pytest $(TESTS)

coverage: $(STAMP) ## The tests again, with branch coverage of this and all child processes
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(TESTS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

check: $(STAMP) ## Format, lint, types, layers
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

simulate: $(STAMP) ## The engine under drawn schedules of faults, in virtual time (SCHEDULES=10000 SEED=4)
	@$(BIN)/python tests/simulation/simulate.py --schedules $(SCHEDULES) --seed $(SEED)

demo: $(STAMP) ## Play a day of orders on real Kafka (ORDERS=300 SEED=4; KEEP=1 leaves it running)
	@$(BIN)/b2b2c-saga demo --orders $(ORDERS) --seed $(SEED) $(if $(KEEP),--keep)

chaos: $(STAMP) ## Break everything by a seed, and count (MINUTES=3 FORM=engine|orders|both BROKERS=1|3 SEED=...)
	@set -e; for form in $(if $(filter both,$(FORM)),engine orders,$(FORM)); do \
		$(BIN)/b2b2c-saga chaos $$form --minutes $(MINUTES) --brokers $(BROKERS) \
			$(if $(filter-out file default,$(origin SEED)),--seed $(SEED)); done

run: $(STAMP) ## The same without the play: everything up, for events of your own
	@$(BIN)/b2b2c-saga up

lock: $(STAMP) ## Resolve the dependencies anew into requirements/*.lock
	@$(BIN)/python -m venv --clear $(VENV)-lock && $(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(VENV)-lock/bin/uv pip compile pyproject.toml --group build --upgrade $(LOCKING) --output-file requirements/runtime.lock
	@$(VENV)-lock/bin/uv pip compile pyproject.toml --group dev --upgrade --constraint requirements/runtime.lock $(LOCKING) --output-file requirements/dev.lock
	@rm -rf $(VENV)-lock
LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

schemas: $(STAMP) ## Write schemas/, docs/openapi.json and docs/settings.md anew from the code
	@$(BIN)/b2b2c-saga schemas
	@$(BIN)/b2b2c-saga openapi
	@$(BIN)/b2b2c-saga settings

diagrams: $(STAMP) ## Draw docs/diagrams/ anew from the steps
	@$(BIN)/b2b2c-saga diagram --out docs/diagrams

clean: ## Stop the broker; remove .venv, local data and caches (the jars in the user's cache stay)
	@if [ -x $(BIN)/b2b2c-saga ]; then $(BIN)/b2b2c-saga broker down || true; fi
	@rm -rf $(VENV) .b2b2c .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
