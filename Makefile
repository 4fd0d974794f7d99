.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY)  ## Start the CRM with a demo company, and say what to open
	$(BIN)/crm-es demo --serve

check: style types layers test  ## Everything CI runs, cheapest first

style: $(READY)  ## Formatting and lint
	$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(READY)  ## Static types, strict
	$(BIN)/mypy

layers: $(READY)  ## Who may import whom
	$(BIN)/lint-imports

test: $(READY)  ## All tests
	$(BIN)/python -m pytest -n $(JOBS)

check-data: $(READY)  ## Import every real data set and compare each published figure
	$(BIN)/python -m benchmarks.check_data

crash: $(READY)  ## Kill -9 and power loss, at full depth
	CRM_ES_CRASH_ROUNDS=1000 $(BIN)/python -m pytest tests/crash

bench: $(READY)  ## The published figures, written to docs/BENCHMARKS.md
	$(BIN)/python -m benchmarks

contracts: $(READY)  ## Pin events, HTTP and the golden history anew
	UPDATE_CONTRACTS=1 $(BIN)/python -m pytest tests/contracts

fix: $(READY)  ## Repair what a machine can repair
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

.PHONY: help run check style types layers test check-data crash bench contracts fix
