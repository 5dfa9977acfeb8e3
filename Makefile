# The commands of README. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PYTHONUTF8 := 1
# dbt starts a third faster from compiled files; some machines switch them off.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup refresh test bench eval-roles docs lock
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

setup: $(READY) ## make .venv and install what requirements/lock.txt names

# --no-deps: the lock names everything, less one optional parser that cannot be installed from a registry alone.
$(READY): requirements/lock.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q $(VENV)/lib || true
	touch $@

# ROOT counts only where it was given to make, and reaches the program unread by any shell.
refresh: export META_REFRESH_ROOT = $(if $(filter command,$(origin ROOT)),$(value ROOT))
refresh: $(READY) ## crawl ROOT=folder (or every folder added before), build, publish, show what to do next
	@$(BIN)/enrich refresh-meta --from-make

test: $(READY) ## pass every test
	$(BIN)/python -m pytest

bench: export META_BENCH_ROOT = $(if $(filter command,$(origin ROOT)),$(value ROOT))
bench: $(READY) ## measure crawl, build and refresh on ROOT=folder, beside plain tools
	@$(BIN)/python -m bench --from-make

eval-roles: export META_LABELLED = $(if $(filter command,$(origin FILES)),$(value FILES))
eval-roles: $(READY) ## measure the roles of files on labelled ones, fetched or in FILES=folder
	@$(BIN)/python -m evaluation measure --from-make

docs: $(READY) ## write the documentation as one file, target/static_index.html
	$(BIN)/dbt docs generate --static
	@echo "open target/static_index.html"

lock: ## resolve requirements/lock.txt anew (needs uv)
	uv pip compile --universal --python-version 3.11 --override requirements/overrides.txt --extra install --extra test \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--quiet pyproject.toml --output-file requirements/lock.txt
