# The words of the README: `make up` runs the whole stack here, `make test` proves it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PY := $(BIN)/python

# The log of real dossiers, where it lies beside the checkout; without it the simulator makes dossiers up.
RECEIPT := $(wildcard ../shared/domain/data/receipt.csv)

.PHONY: help setup up down test check bench lock packages-up packages-test programs-up programs-test

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: packages-up ## Install what the stack needs: Debian packages where it may, .venv, Kafka's jars, the wall's scripts

up: packages-up ## Start the whole stack here and stay until Ctrl-C
	@exec $(BIN)/ioc up $(if $(RECEIPT),--log $(RECEIPT))

down: ## Stop a stack that was started elsewhere or with --detach
	@$(BIN)/ioc down

test: packages-test ## Run all tests
	@exec $(BIN)/pytest

check: .venv/.python ## Formatting, lint, types, import rules, the catalogue, the dashboards
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/ioc catalogue check
	$(BIN)/ioc dashboards check

bench: packages-test ## Measure throughput, latency and memory, and print the figures
	@exec $(BIN)/pytest -m bench -s --timeout=1800 tests/bench

lock: .venv/.python ## Resolve the dependencies anew into requirements.lock
	@$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --all-extras --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --python-version 3.11 --upgrade pyproject.toml -o requirements.lock

packages-up packages-test: packages-%: programs-% .venv/.python
	@$(PY) -m deploy.embedded.kafka_jars >/dev/null
	@$(PY) -m dashboards.wall.vendor >/dev/null

programs-up programs-test: programs-%:
	@deploy/setup.sh $*

.venv/.python: requirements.lock pyproject.toml | programs-up
	@deploy/python.sh
	@touch $@
