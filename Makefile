# `make` lists what there is to do. Every target first makes .venv where it is missing or out of date.
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test torture check format lock docs gallery fuzz bench mutate clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml .ci/setup
	@PYTHON=$(PYTHON) .ci/setup
	@touch $@

setup: $(READY) ## only .venv, with all that the other targets need

demo: $(READY) ## the example company, from extracts to packs, into ./demo
	@$(BIN)/scorepack demo

test: $(READY) ## all tests (ARGS=tests/unit for some)
	@.ci/test-tools
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

torture: $(READY) ## kill 200 runs at random (ARGS="20 7": how many, seed)
	@$(BIN)/python -m tests.torture $(ARGS)

check: $(READY) ## format, lint, types, import rules of the rooms, advisories
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@.ci/audit

format: $(READY) ## put the code into the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve requirements.lock anew (ARGS=--upgrade: newer ones)
	@.ci/lock $(ARGS)

docs: $(READY) ## reference pages, catalogues, JSON Schemas of the examples
	@$(BIN)/python docs/build.py
	@for file in examples/*/scorecard.yaml; do $(BIN)/scorepack schema --project "$${file%/*}"; done

gallery: $(READY) ## draw docs/gallery anew, where looks were meant to change
	@.ci/test-tools
	@$(BIN)/python -m docs.draw_gallery

fuzz: $(READY) ## load inputs changed at random (ARGS="600 7": seconds, seed)
	@$(BIN)/python -m tests.fuzz $(ARGS)

bench: $(READY) ## time what is promised, and fail where it is not kept
	@failed=0; for part in promises engine ingest backfill packs; do $(BIN)/python -m bench.$$part || failed=1; done; exit $$failed

mutate: $(READY) ## which tests notice changes (ARGS="'transforms.signals.*'")
	@.ci/mutate $(ARGS)

clean: ## remove the environment, the demonstration and all caches
	rm -rf .venv demo mutants dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
