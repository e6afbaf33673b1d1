# The project's verbs: people and CI run the same ones. `make` alone lists them.
# A step's name goes to stderr, what the tools say to stdout.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
VENV ?= .venv
ROUNDS ?= 31
SLACK ?= 0
SAMPLE ?= mappings/99minds/samples/giftcard-issued.json

BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
step = @printf '\n== %s\n' '$(1)' >&2

.PHONY: help
help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: $(STAMP) ## Make .venv with the pinned tools and this package (again only when a pin has changed)

$(STAMP): pyproject.toml requirements/dev.txt hatch_build.py src/mapforge/values/_quick.pyx
	@$(PYTHON) -c 'import sys; sys.exit("mapforge needs Python 3.11 or newer: make setup PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: demo
demo: setup ## Map a sample event of 99minds to Klaviyo and to Omnisend
	$(BIN)/mapforge map 99minds --to klaviyo $(SAMPLE)
	$(BIN)/mapforge map 99minds --to omnisend $(SAMPLE)

.PHONY: check
check: style types imports mappings schemas ## Everything but the tests: style, types, imports, mappings, schemas

.PHONY: style
style: setup
	$(call step,ruff)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: setup
	$(call step,mypy --strict)
	$(BIN)/mypy --strict

.PHONY: imports
imports: setup
	$(call step,import contracts)
	$(BIN)/lint-imports

.PHONY: mappings
mappings: setup
	$(call step,mapforge check)
	$(BIN)/mapforge check
	$(call step,mapforge test)
	$(BIN)/mapforge test

EVENTS = -name '*.yaml' ! -name vendor.yaml ! -name profile.yaml

# check-jsonschema refuses to run without a file, so a list that is empty by mistake fails.
.PHONY: schemas
schemas: setup
	$(call step,mapforge schema --check)
	$(BIN)/mapforge schema --check
	$(call step,check-jsonschema)
	$(BIN)/check-jsonschema --schemafile schemas/mapping/vendor.schema.json $$(find mappings -name vendor.yaml | sort)
	$(BIN)/check-jsonschema --schemafile schemas/mapping/events.schema.json $$(find mappings $(EVENTS) | sort)
	$(BIN)/check-jsonschema --schemafile schemas/mapping/profile.schema.json $$(find mappings -name profile.yaml | sort)
	for vendor in $$(find mappings -name vendor.yaml | sort | xargs -n 1 dirname); do \
		$(BIN)/check-jsonschema --schemafile schemas/mapping/$$(basename "$$vendor").events.schema.json \
			$$(find "$$vendor" $(EVENTS) | sort); \
	done
	for profile in $$(find mappings -name profile.yaml | sort); do \
		$(BIN)/check-jsonschema --schemafile schemas/mapping/$$(basename "$$(dirname "$$profile")").profile.schema.json "$$profile"; \
	done
	$(BIN)/check-jsonschema --check-metaschema $$(find mappings -name contract.schema.json | sort)
	$(BIN)/check-jsonschema --check-metaschema $$(find schemas -name '*.json' | sort)

.PHONY: test
test: setup ## Run the tests
	$(BIN)/pytest -n auto --dist worksteal

.PHONY: differential
differential: setup ## Hold generated code against the interpreter, with 10,000 generated events a vendor
	$(call step,generated code against the interpreter)
	MAPFORGE_EXAMPLES=10000 $(BIN)/pytest -n auto tests/differential

.PHONY: pure
pure: setup ## Hold them, and the rules of values, with none of these compiled
	$(call step,rules in Python)
	$(BIN)/python -c 'import sys; from mapforge.values import quick; sys.exit(None if quick.COMPILED else "no rule is compiled")'
	MAPFORGE_NO_EXTENSIONS=1 $(BIN)/pytest -n auto tests/differential tests/golden tests/values tests/vendors

.PHONY: snapshots
snapshots: setup ## Rewrite the snapshots after a wanted change; then read the diff
	$(BIN)/mapforge test --update
	$(BIN)/pytest --snapshot-update

NODE_STAMP := bench/js/node_modules/.ready

$(NODE_STAMP): bench/js/package-lock.json
	@command -v npm >/dev/null || { echo "the benchmark's peers in JavaScript need Node.js 20 with npm" >&2; exit 1; }
	npm ci --prefix bench/js --no-audit --no-fund --silent
	@touch $@

.PHONY: bench
bench: setup $(NODE_STAMP) ## Measure against what people use in its place, and write docs/performance.md (ROUNDS=31)
	$(call step,bench)
	$(BIN)/python bench/run.py --rounds $(ROUNDS) --slack $(SLACK) --docs docs/performance.md
	$(BIN)/python bench/load.py
	$(BIN)/python bench/batches.py

.PHONY: bench-quick
bench-quick: setup $(NODE_STAMP) ## The same without every entry, and without the page; fails below a floor
	$(call step,bench)
	$(BIN)/python bench/run.py --quick --rounds $(ROUNDS) --slack $(SLACK)

.PHONY: holds
holds: setup ## Show what the service promises: 50 kills, one platform that hangs, real limits, webhooks a second (20 minutes)
	$(call step,webhooks onto the disk)
	$(BIN)/python bench/ingest.py
	$(call step,kills)
	$(BIN)/python bench/crash.py --kills 50
	$(call step,a platform that hangs)
	$(BIN)/python bench/isolation.py
	$(call step,steady rates)
	$(BIN)/python bench/steady.py

.PHONY: holds-quick
holds-quick: setup ## Webhooks onto the disk, and two of the steady rates, with slack for a shared machine (2 minutes)
	$(call step,webhooks onto the disk)
	$(BIN)/python bench/ingest.py --rounds 5 --seconds 1 --least 0.55
	$(call step,steady rates)
	$(BIN)/python bench/steady.py --only klaviyo-events omnisend-events-bulk --least 0.9

.PHONY: docs
docs: setup ## Rewrite what is generated for editors and readers
	$(BIN)/mapforge schema
	$(BIN)/python -m mapforge.codes > docs/errors.md
	$(BIN)/python -m mapforge.cli.reference docs/mapping-reference.md

# Both files are compiled by the oldest Python we support, and hold no address to install from.
PIP_COMPILE = $(VENV)-pins/bin/pip-compile pyproject.toml --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

.PHONY: pins
pins: ## Compile requirements/*.txt anew from pyproject.toml, to the newest versions
	$(PYTHON) -m venv $(VENV)-pins
	$(VENV)-pins/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	CUSTOM_COMPILE_COMMAND='make pins' $(PIP_COMPILE) --output-file requirements/run.txt
	CUSTOM_COMPILE_COMMAND='make pins' $(PIP_COMPILE) --extra dev --extra bench --extra otel --extra service --constraint requirements/run.txt --output-file requirements/dev.txt
