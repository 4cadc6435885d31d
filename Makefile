# Everything a newcomer, a developer or CI needs. `make` lists it.
# A fresh Debian or Ubuntu needs: python3 (3.11 or later) with python3-venv, a Java runtime (17 or later), maven, make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PIP := $(BIN)/python -m pip install --disable-pip-version-check
# Prometheus and promtool, for the tests of deploy/: those on the PATH, else Debian's, unpacked here.
PROMTOOL := $(or $(shell command -v promtool),.fundwatch/prometheus/usr/bin/promtool)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo down test check bench bench-compiled test-compiled bench-state coverage chaos long province lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## the virtual environment, from the lock file (at once when it is up to date)

demo: $(INSTALLED) ## start everything and play a year of two prefectures through it; the live feed stays open
	@$(BIN)/fundwatch demo

down: ## stop everything that was started from this folder
	@if [ -x $(BIN)/fundwatch ]; then $(BIN)/fundwatch down --all; else echo "nothing is running"; fi

# Two processes, each with a Kafka and a Redis of its own; one that has no test left takes half of what the other has.
test: $(INSTALLED) $(PROMTOOL) ## all tests, real Kafka and Redis included
	@$(BIN)/pytest -n 2 --dist worksteal

check: $(INSTALLED) ## before each commit: lint, types, import contracts, tests
	@echo "lint";      $(BIN)/ruff check --quiet .
	@echo "format";    $(BIN)/ruff format --quiet --check .
	@echo "types";     $(BIN)/mypy --no-error-summary
	@echo "contracts"; $(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: $(INSTALLED) ## events per second and delays, side by side with the alternatives
	@$(BIN)/python -m bench

# Interpreted is what developers and tests run; the image is compiled (docs/adr/0010).
bench-compiled: PARTS ?= judge faust engine
bench-compiled: $(INSTALLED) ## the judge as it is in the image, compiled, beside plain Faust and the engine (needs gcc); PARTS=…
	@deploy/on_compiled_copy.sh $(BIN)/python -m bench $(PARTS)

# What mypyc compiles, without a broker. The files left out derive classes from compiled ones to listen in.
test-compiled: $(INSTALLED) ## the tests of what is compiled in the image, on a compiled copy (needs gcc)
	@deploy/on_compiled_copy.sh $(BIN)/python -m pytest -m "not broker" \
	  --ignore=tests/rules/test_nothing_is_forgotten.py --ignore=tests/services/test_hearing.py \
	  tests/rules tests/streams tests/services tests/connectors/test_simulator.py

bench-state: $(INSTALLED) ## what a million state rows cost, and a restart with them (minutes)
	@$(BIN)/python -m bench state

coverage: $(INSTALLED) ## the branches of the pure modules that their own tests take
	@$(BIN)/coverage run --branch --source domain,rules -m pytest -q tests/domain tests/rules
	@$(BIN)/coverage report --skip-covered --sort=cover

chaos: $(INSTALLED) ## a million events while processes are killed
	@$(BIN)/pytest -m "chaos and not province" --long

long: $(INSTALLED) ## the contract's samples through the running system in full (minutes)
	@$(BIN)/pytest --long tests/test_replay.py tests/streams/test_intake_broker.py

province: $(INSTALLED) ## two million simulated events judged in order, in disorder, and live while workers are killed (hours)
	@$(BIN)/pytest -m province --long

lock: $(INSTALLED) ## resolve the dependencies of pyproject.toml anew
	@$(BIN)/uv pip compile --quiet pyproject.toml $(LOCKING) --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra dev $(LOCKING) --output-file requirements-dev.lock

# Universal: one file for every Python from 3.11 on. Without a header: it would hold the caller's paths.
LOCKING := --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header

$(INSTALLED): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or later is missing: install python3, or set PYTHON=<its command>" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "Python's venv is missing: install python3-venv" >&2; exit 1; }
	@echo "installing the locked dependencies into $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --progress-bar off --require-hashes --requirement requirements-dev.lock \
	  | awk -v all=$$(grep -c == requirements-dev.lock) '/^Collecting/ && ++n % 20 == 0 { print "  " n " of " all; fflush() }'
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.fundwatch/prometheus/usr/bin/promtool:
	@deploy/prometheus/fetch_debian.sh .fundwatch/prometheus
