# make demo   sets up and runs the main job on the bundled demo book
# make test   sets up and runs every check there is
# `make help` lists the rest. Only git, python3 and make have to be on the machine.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
TOOLS  := .venv-tools
VENV   := .venv
UV     := $(TOOLS)/bin/uv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

export UV_NO_PROGRESS ?= 1
# A cache on another file system than the environment is copied from without a warning.
export UV_LINK_MODE ?= copy

.PHONY: help setup demo
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Argosy needs Python 3.11 or newer, found " + sys.version.split()[0] + ": install it and run make again with PYTHON=python3.11")'
	@echo "setting up: installer"
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'

$(BIN)/python: | $(UV)
	@$(UV) venv --quiet --python $(PYTHON) $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(UV) $(BIN)/python
	@echo "setting up: packages"
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --only-binary :all: --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --editable .
	@touch $@

# Bytecode is made here, so that a command starts as fast where the environment may not be written to later.
setup: $(STAMP) ## make the environment in .venv (quick when nothing changed)
	@$(BIN)/python -m compileall -q src

lock: | $(UV) ## renew requirements.lock from pyproject.toml
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --all-extras --group dev --upgrade --output-file requirements.lock pyproject.toml

	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --all-extras --group dev --group peers --constraint requirements.lock --output-file requirements-peers.lock pyproject.toml

peers: setup ## add the peers that only benchmarks run
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --only-binary :all: --no-binary peewee --no-deps --requirement requirements-peers.lock

demo: setup ## value and measure the bundled demo book
	@$(BIN)/argosy demo

lint: setup ## format, lint, types and the floors of the architecture
	@$(BIN)/ruff format --quiet --check . || { echo "some files are not formatted: run make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## format the code and mend what can be mended
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

check: lint ## the fast loop: lint, then the tests that take moments
	@$(BIN)/pytest -q -n 2 --dist loadgroup -m 'not slow and not postgres'

test: lint ## every check: lint, all tests, examples in docstrings and guides, coverage of financial logic
	@$(BIN)/pytest -q -n 2 --dist loadgroup --doctest-modules --cov --cov-report=term --cov-fail-under=95 tests src

bench: peers ## measure every promise about speed, beside peers and bounds
	@$(BIN)/python -m bench

crash-full: setup ## kill writers and fail every I/O operation in turn, at full length
	@ARGOSY_FULL=1 $(BIN)/pytest -q -n 2 -m crash tests

powerloss-full: setup ## simulate losses of power at full length
	@ARGOSY_FULL=1 $(BIN)/pytest -q -n 2 -m powerloss tests

mutation: setup ## change the code in small ways and see whether the tests notice (hours)
	@$(BIN)/mutmut run
	@$(BIN)/mutmut results

clean: ## remove the environment and what tools left behind
	@rm -rf $(VENV) $(TOOLS) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov mutants

.PHONY: lock peers lint format check test bench crash-full powerloss-full mutation clean
