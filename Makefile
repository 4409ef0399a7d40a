# Verbs: demo test ui lint fix lock bench clean. Each sets up what it needs; git, make and any Python 3.9+ suffice.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# uv is used where it is found; otherwise it is installed into .tools, a folder of its own.
UV := $(or $(shell command -v uv 2>/dev/null),$(CURDIR)/.tools/uv/bin/uv)
PYTHON := $(CURDIR)/.venv/bin/python
MIXHOUSE := $(CURDIR)/.venv/bin/mixhouse
READY := .venv/.ready
DBT_SOURCES := $(shell find dbt -name '*.sql' -o -name '*.yml' -o -name '*.csv' -o -name '*.md' 2>/dev/null | grep -v /target/)
MANIFEST := dbt/target/manifest.json

.PHONY: help setup demo test ui lint fix lock bench clean

help: ## what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(CURDIR)/.tools/uv/bin/uv:
	@echo "uv not found: installing it into .tools/uv"
	@mkdir -p .tools
	@(python3 -m venv .tools/uv && .tools/uv/bin/python -m pip install --quiet uv) \
	  || (rm -rf .tools/uv && python3 -m pip install --quiet --target .tools/uv uv)

$(READY): requirements.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --allow-existing --python "$$(cat .python-version)" .venv
	$(UV) pip sync --quiet --compile-bytecode --require-hashes --python $(PYTHON) requirements.lock
	$(UV) pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	@touch $@

# The manifest is parsed here once, so that no Dagster process has to.
$(MANIFEST): $(READY) $(DBT_SOURCES)
	@$(MIXHOUSE) manifest

setup: $(READY) $(MANIFEST) ## install everything into .venv

demo: setup ## sample exports -> whole asset graph -> budget plan, beside the known truth
	@$(MIXHOUSE) demo

test: setup ## all tests, two files at a time, with coverage of the science and the warehouse
	@scripts/install_postgres
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

ui: setup ## Dagster UI with sensors and schedules, MLflow UI beside it
	@$(MIXHOUSE) ui

lint: $(READY) ## ruff and sqlfluff
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/sqlfluff lint dbt/models dbt/tests

fix: $(READY) ## let ruff and sqlfluff mend what they can
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format . ; .venv/bin/sqlfluff fix dbt/models dbt/tests

lock: | $(UV) ## compile requirements.lock: all platforms, with hashes, without an index address
	$(UV) pip compile pyproject.toml --group dev --python-version 3.12 --universal --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock

bench: setup ## speed, truth and scale, each as a ratio to a named peer
	@$(PYTHON) -m benchmarks

clean: ## remove the environment and the state; landing files of your own are under MIXHOUSE_HOME, too
	rm -rf .venv .tools dbt/target dbt/logs warehouse/data .pytest_cache .ruff_cache .coverage*
