# Everything a developer does, in one place. `make` alone lists it.

PORT ?= 8000
DATA_DIR ?= ./data
PYTHON3 ?= python3
ARGS ?=

BIN := .venv/bin
PYTHON := $(BIN)/python
export PORT DATA_DIR

# The suite has its own data folder: `make run` may go on beside it.
TEST_ENV := DATA_DIR=.cache/test

.DEFAULT_GOAL := help
.PHONY: help setup run test oracle leaks mutants fuzz coverage bench check fix lint types \
	contracts templates \
	requirements changelog reset ci

help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) \
		| sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' \
		| awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo
	@echo "  PORT=$(PORT) DATA_DIR=$(DATA_DIR) can be set, as in: make run PORT=9000"

setup: .venv/.installed ## Make .venv with everything in it; starts nothing
	@$(PYTHON) scripts/build_frontend.py
	@$(PYTHON) -m scripts.compile_messages

run: setup ## Start the wiki with its demo content; ^C stops it
	@$(PYTHON) -m scripts.run

test: setup ## Run the whole suite (ARGS="-k name" chooses)
	@$(TEST_ENV) $(PYTHON) -m pytest --figures $(ARGS)

# ORACLE_HISTORIES, ORACLE_PAIRS, ORACLE_EXAMPLES and ORACLE_SEED make it longer or repeat it.
oracle: setup ## Ask for everything as everybody, over many random histories (ARGS as in test)
	@$(TEST_ENV) ORACLE=all ORACLE_EXAMPLES=$${ORACLE_EXAMPLES:-100} \
		ORACLE_HISTORIES=$${ORACLE_HISTORIES:-200} ORACLE_PAIRS=$${ORACLE_PAIRS:-100} \
		$(PYTHON) -m pytest --figures tests/oracle $(ARGS)

leaks: setup ## Take protections away one by one; the oracle must notice (ARGS="name…" chooses)
	@$(TEST_ENV) $(PYTHON) -m scripts.leaks $(ARGS)

fuzz: setup ## Look for texts, folders and files that break what reads them (ARGS="--seconds 900")
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --only-binary :all: --group fuzz || true
	@nice -n 10 $(PYTHON) -m tests.fuzz $(ARGS)

mutants: setup ## Count which small mistakes in the access rule the tests notice (ARGS="--every 5")
	@$(TEST_ENV) $(PYTHON) -m scripts.mutants $(ARGS)

coverage: setup ## Run the suite and show what it does not reach
	@$(TEST_ENV) $(PYTHON) -m pytest --cov --cov-report=term $(ARGS)

bench: setup ## Measure at 5,000 and 25,000 pages, half an hour (ARGS=timing, ARGS=search: more)
	@$(PYTHON) -m scripts.bench $(ARGS)

check: setup ## Run all checks that need no test: style, types, imports, templates
	@$(TEST_ENV) $(PYTHON) -m scripts.check

lint: setup ## Check style and spelling
	@$(TEST_ENV) $(PYTHON) -m scripts.check --only style format spelling

types: setup ## Check types
	@$(TEST_ENV) $(PYTHON) -m scripts.check --only types

contracts: setup ## Check who imports whom
	@$(TEST_ENV) $(PYTHON) -m scripts.check --only contracts

templates: setup ## Check templates
	@$(TEST_ENV) $(PYTHON) -m scripts.check --only djade djhtml djlint

fix: setup ## Repair what the checks can repair by themselves
	@$(PYTHON) -m scripts.check --fix

requirements: setup ## Compile requirements.in to requirements.txt
	@CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet \
		--generate-hashes --strip-extras --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --output-file requirements.txt requirements.in

changelog: setup ## Show the changelog of the next release
	@$(BIN)/towncrier build --draft

reset: ## Delete the data of `make run`, after asking
	@printf 'Delete %s with its database and files? [y/N] ' "$(DATA_DIR)"; \
		read answer; test "$$answer" = y && rm -rf "$(DATA_DIR)" \
		&& echo Deleted. || echo Kept.

ci: ## Do what the continuous integration does
	@.ci/run

.venv/.installed: requirements.txt pyproject.toml
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Deelplein needs Python 3.11 or newer; $(PYTHON3) is" \
		"$$($(PYTHON3) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON3=python3.12"; \
		exit 1; }
	@test -x $(PYTHON) || $(PYTHON3) -m venv .venv
	@echo "Installing packages (once, and when requirements change)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check \
		--requirement requirements.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@
