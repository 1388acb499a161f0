# `make run` and `make test` work on a fresh machine with Python 3.11 or newer; everything lives in .venv.
PYTHON ?= python3
BIN := .venv/bin

RUNS ?= 20
SECONDS ?= 60

.PHONY: help install browser apprise parquet telemetry workers run test lint check format bench chaos fuzz audit sbom docs linkcheck demo requirements vendor clean

help:  ## Show the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: .venv/installed  ## Make the environment (.venv) with the command .venv/bin/monitor

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/developing: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

browser: install  ## Add what renders pages for sources that need it; Chromium is the system's
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-browser.txt

apprise: install  ## Add Feishu, DingTalk, WeCom, e-mail, Teams and others as channels (Apprise)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-apprise.txt

parquet: install  ## Add Parquet to what `monitor export` writes (pyarrow)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-parquet.txt

telemetry: install  ## Add Sentry and OpenTelemetry, each used where its variable is set
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-telemetry.txt

workers: install  ## Add what shares visits among machines (Procrastinate)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-workers.txt

run: install  ## Watch the news: archive in SQLite, alerts on the console until Slack is configured
	$(BIN)/monitor config init --if-missing
	$(BIN)/monitor run

test: lint  ## Run all checks and tests
	@# The tests start the program often: it is compiled once. Many wait for one, so two more at a time than there are cores.
	@# Their archives lie in memory where that can be had: on a disk, much of the time goes into waiting for it.
	@folder=$$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d); chmod 755 $$folder; trap 'rm -rf '$$folder EXIT; \
	TMPDIR=$$folder PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --dist worksteal -n $$(( $$(nproc 2>/dev/null || echo 2) + 2 ))

lint: .venv/developing  ## Check style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/developing  ## Put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/developing  ## Measure speed
	$(BIN)/python -m benchmarks

chaos: .venv/developing  ## Faults of machines, networks and databases with many seeds: kills, crashes, full disks, false clocks
	CHAOS_RUNS=$(RUNS) $(BIN)/python -m pytest tests/chaos -n 2
	$(BIN)/python -m benchmarks.chaos $(RUNS)
	$(BIN)/python -m benchmarks.workers

fuzz: .venv/developing  ## Look for inputs that break what reads them, a minute for each kind (Linux on x86-64)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

audit: .venv/developing  ## Ask the advisory database for faults in the pinned libraries (needs the internet)
	for file in requirements*.txt; do $(BIN)/pip-audit --strict --require-hashes --disable-pip -r $$file || exit 1; done

sbom: .venv/developing  ## Write what the image holds as a bill of materials (CycloneDX) to build/sbom.json
	@mkdir -p build
	cat requirements.txt requirements-workers.txt requirements-telemetry.txt > build/image.txt
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --of JSON -o build/sbom.json build/image.txt 2> /dev/null
	@rm build/image.txt

docs: .venv/developing  ## Build the documentation as pages in build/docs; a dead link inside is an error
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs

linkcheck: .venv/developing  ## Look whether links to other sites work (needs the internet)
	$(BIN)/sphinx-build -q -b linkcheck docs build/linkcheck

demo: .venv/developing  ## Show everything at work without a network
	$(BIN)/python -m tests.demo

PINNED := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade --extra postgres --extra build

OPTIONAL := --extra browser --extra apprise --extra parquet --extra telemetry --extra workers

requirements: .venv/developing  ## Renew the pinned requirements
	$(PINNED) pyproject.toml -o requirements.txt > /dev/null
	$(PINNED) --constraint requirements.txt --extra browser pyproject.toml -o requirements-browser.txt > /dev/null
	$(PINNED) --constraint requirements.txt --extra apprise pyproject.toml -o requirements-apprise.txt > /dev/null
	$(PINNED) --constraint requirements.txt --extra parquet pyproject.toml -o requirements-parquet.txt > /dev/null
	$(PINNED) --constraint requirements.txt --extra telemetry pyproject.toml -o requirements-telemetry.txt > /dev/null
	$(PINNED) --constraint requirements.txt --extra workers pyproject.toml -o requirements-workers.txt > /dev/null
	$(PINNED) --constraint requirements.txt $(OPTIONAL) --extra dev pyproject.toml -o requirements-dev.txt > /dev/null

VENDORED := monitor/web/static/vendor

vendor:  ## Renew the scripts of others that the pages use (needs npm)
	cd $(VENDORED) && npm pack --silent htmx.org@2.0.11 chart.js@4.6.1 >/dev/null
	cd $(VENDORED) && tar -xzOf htmx.org-*.tgz package/dist/htmx.min.js > htmx.min.js
	cd $(VENDORED) && tar -xzOf chart.js-*.tgz package/dist/chart.umd.min.js | sed '/sourceMappingURL/d' > chart.umd.min.js
	cd $(VENDORED) && tar -xzOf htmx.org-*.tgz package/LICENSE > htmx-LICENSE.txt
	cd $(VENDORED) && tar -xzOf chart.js-*.tgz package/LICENSE.md > chart.js-LICENSE.txt && rm *.tgz

clean:  ## Remove the environment and caches (never the archive)
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache
