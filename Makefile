# make run: a running Yulan on a machine with only Python ≥ 3.11 and make. make test: everything, on both databases.
PYTHON ?= python3
PORT ?= 8000
VAR ?= var
WORKERS ?= 3

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# One worker more than the usual two cores: browsers and disks are waited for.
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: run install check test lint bench shots lock parts
.NOTPARALLEL:

run: install
	@YULAN_VAR="$(VAR)" exec $(BIN)/yulan serve --demo --port $(PORT)

install: .venv/.installed
	@$(BIN)/python build_hook.py

check: .venv/.tools install lint
	$(PYTEST) -m "not slow and not browser"

test: .venv/.tools install parts lint
	$(PYTEST) --db=sqlite
	$(PYTEST) --db=postgres

lint: .venv/.tools
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint src --lint --quiet

bench: .venv/.bench install
	$(BIN)/python -m benchmarks

shots: .venv/.tools install parts
	YULAN_VAR="$(VAR)" $(BIN)/python tools/shots.py

parts:
	@sh tools/parts.sh

# New versions: make lock UPGRADE=--upgrade
lock: .venv/.installed
	$(PIP) uv
	for part in "" -build -dev -bench; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    $(UPGRADE) requirements$$part.in -o requirements$$part.txt || exit 1; \
	done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python's venv is needed. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }

.venv/.installed: requirements.txt requirements-build.txt pyproject.toml | .venv/bin/python
	@echo "Installing Yulan into .venv: some minutes the first time, nothing later"
	@$(PIP) --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tools: requirements-dev.txt .venv/.installed
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.bench: requirements-bench.txt .venv/.installed
	@$(PIP) --require-hashes -r requirements-bench.txt
	@touch $@
