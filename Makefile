# The commands of README. `make help` lists them.

# A value from the command line or the environment is plain text, and nothing in it is executed.
# Without this, make would expand it when it reads it, and again when it passes it to programs.
# (make does not pass on variables with a name like `.name`.)
$(foreach .name,ROOT FILES AGAINST PYTHON $(.VARIABLES),$(if $(findstring $$,$(.name)),,\
	$(if $(filter command,$(origin $(.name))),\
		$(eval override $(.name) := $$(value $(.name)))$(eval export $(.name)))))
ifneq ($(filter environment,$(origin PYTHON)),)
override PYTHON := $(value PYTHON)
endif

override SHELL := /bin/sh
override .SHELLFLAGS := -c
override VENV := .venv
override BIN := .venv/bin
override READY := .venv/.ready
override LINT_READY := .venv/.lint-ready
PYTHON ?= python3

# The recipes name files of this folder; `make -f` would look for them in the current folder.
ifneq ($(filter-out Makefile ./Makefile,$(lastword $(value MAKEFILE_LIST))),)
ifeq ($(findstring $(value CURDIR)/Makefile,$(value MAKEFILE_LIST)),)
$(error run make in the folder of the Makefile: make -C FOLDER)
endif
endif

export PYTHONUTF8 := 1
# dbt starts a third faster from compiled files, which some machines switch off.
unexport PYTHONDONTWRITEBYTECODE
# Modules, compiled files and settings of another project.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONPYCACHEPREFIX PYTHONUSERBASE
unexport $(filter DBT_%,$(.VARIABLES))

# A variable counts only if it was given to make. It reaches the program without a shell between.
override META_REFRESH_ROOT := $(if $(filter override,$(origin ROOT)),$(value ROOT))
override META_BENCH_ROOT := $(value META_REFRESH_ROOT)
override META_BENCH_AGAINST := $(if $(filter override,$(origin AGAINST)),$(value AGAINST))
override META_LABELLED := $(if $(filter override,$(origin FILES)),$(value FILES))
override META_PYTHON := $(value PYTHON)
export META_REFRESH_ROOT META_BENCH_ROOT META_BENCH_AGAINST META_LABELLED META_PYTHON

override RESOLVE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# An upgrade of the system may take away the interpreter that .venv leads to.
override GONE := $(if $(shell [ -L .venv/bin/python ] && ! [ -e .venv/bin/python ] && echo yes),gone)

.PHONY: help setup refresh test lint bench eval-roles eval-technologies docs lock gone
.DEFAULT_GOAL := help

help: ## list all targets
	@while IFS= read -r line; do case $$line in [a-z]*:*' ## '*) \
		printf '  make %s\t%s\n' "$${line%%:*}" "$${line#*## }" ;; esac; done < Makefile

setup: $(READY) ## create .venv and install the versions of requirements/lock.txt

$(READY): requirements/lock.txt pyproject.toml $(GONE)
	@. requirements/setup.sh

gone:

refresh: $(READY) ## crawl ROOT=folder (or every folder added before), build, publish, show what to do next
	@$(BIN)/enrich refresh-meta --from-make

test: export PYTHON_DOTENV_DISABLED := 1
test: $(LINT_READY) ## run every test, `make lint` included
	$(BIN)/python -m pytest

lint: $(LINT_READY) ## check the style: ruff, mypy, sqlfluff and hadolint
	@$(BIN)/python tests/python/support/lint.py

# Only contributors need the linters, so `make setup` does not install them.
$(LINT_READY): requirements/lint.txt $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes -r requirements/lint.txt
	@: > $(LINT_READY)

bench: $(READY) ## measure all steps on ROOT=folder; refreshes also AGAINST=another checkout
	@$(BIN)/python -m bench --from-make

eval-roles: $(READY) ## measure the roles of files on labelled ones, fetched or in FILES=folder
	@$(BIN)/python -m evaluation measure --from-make

eval-technologies: $(READY) ## measure the technologies of the published file on labelled repositories
	@$(BIN)/python -m evaluation technologies

docs: export PYTHON_DOTENV_DISABLED := 1
docs: $(READY) ## write the documentation as one file, target/static_index.html
	$(BIN)/dbt docs generate --static
	@echo "open target/static_index.html"

lock: ## resolve requirements/lock.txt and lint.txt again (needs uv)
	$(RESOLVE) --override requirements/overrides.txt --extra install --extra test \
		pyproject.toml --output-file requirements/lock.txt
	$(RESOLVE) --constraint requirements/lock.txt \
		--group lint --output-file requirements/lint.txt
