# Each target does all of its own set-up; nothing but Python 3.11+, Node 20+ and make is assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
OLDEST := .venv-oldest
ADAPTERS := .venv-adapters

# A test run starts hundreds of processes; where no bytecode is written, each compiles what it imports anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install ui browser demo serve test check check-page lint format pytest outage oldest adapters golden openapi wheel screenshots clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## virtual environment with every dependency

# One of several that are called at the same time installs, and the others wait for it.
ALONE := $(PYTHON) -c 'import fcntl, os, sys; lock = os.open("Makefile", os.O_RDONLY); fcntl.flock(lock, fcntl.LOCK_EX); \
	os.set_inheritable(lock, True); os.execvp(sys.argv[1], sys.argv[1:])'

ifndef IS_ALONE
$(INSTALLED): pyproject.toml constraints.txt
	@$(ALONE) $(MAKE) --no-print-directory IS_ALONE=1 $@
else
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Sightline needs Python 3.11 or newer: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[server,mcp,postgres]' --group dev
	@touch $@
endif

ui: $(INSTALLED) ## build the page (npm ci and Vite, only when its sources changed)
	$(BIN)/python ui/scripts/build_assets.py

browser: install ## a Chromium for the browser tests: the present one, Debian's, or Playwright's
	@tests/ensure_browser $(BIN)

demo: install ui ## start Sightline with a sample app and some history
	$(BIN)/sightline demo $(ARGS)

serve: install ui ## start Sightline
	$(BIN)/sightline serve $(ARGS)

test: ## everything: checks, unit, contract, end-to-end and browser tests
	$(MAKE) --jobs=2 check browser
	$(MAKE) --jobs=2 pytest oldest adapters

pytest: install ui browser
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

outage: install ## a ClickHouse server, then one of two shards, gone for a full minute under load
	OUTAGE_S=60 $(BIN)/python -m pytest tests/contract/test_ingest_faults.py -k stops $(ARGS)

# How spans are sent has nothing to do with the client, but for streams of its that are still open.
oldest: $(OLDEST)/.installed ## the SDK's tests with the oldest supported openai
	PYTHONPATH=instrumentation:semconv $(OLDEST)/bin/python -m pytest tests/instrumentation -p no:cacheprovider \
		-k 'not test_delivery or stream'

$(OLDEST)/.installed: pyproject.toml constraints.txt
	@test -x $(OLDEST)/bin/python || $(PYTHON) -m venv $(OLDEST)
	@grep -v '^openai==' constraints.txt > $(OLDEST)/constraints.txt
	$(OLDEST)/bin/pip install --quiet --no-compile --constraint $(OLDEST)/constraints.txt openai==1.66.0 hypothesis pytest \
		pytest-timeout websockets wrapt opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
	@touch $@

adapters: $(ADAPTERS)/.installed ## the SDK beside LangChain, openai-guardrails, redisvl, Celery, Logfire and tiktoken (0.6 GB)
	PYTHONPATH=instrumentation:semconv $(ADAPTERS)/bin/python -m pytest tests/instrumentation/test_libraries.py \
		-p no:logfire -p no:cacheprovider

$(ADAPTERS)/.installed: pyproject.toml constraints.txt
	@test -x $(ADAPTERS)/bin/python || $(PYTHON) -m venv $(ADAPTERS)
	$(ADAPTERS)/bin/pip install --quiet --no-compile --constraint constraints.txt openai langchain-core openai-guardrails redisvl \
		celery logfire tiktoken hypothesis pytest pytest-timeout websockets wrapt opentelemetry-sdk \
		opentelemetry-exporter-otlp-proto-http
	@touch $@

check: lint check-page ## ruff, mypy, import rules, tsc, oxlint and the front end's unit tests, in about a minute

check-page: ui
	npm --prefix ui run --silent check
	npm --prefix ui run --silent test

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install ## let ruff rewrite the Python files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: install ## regenerate the golden SQL files
	$(BIN)/python -m pytest tests/golden --update-golden

openapi: install ## regenerate api/openapi.json and the page's typed client
	$(BIN)/python -m sightline_api.openapi
	npm --prefix ui run --silent generate

screenshots: install ui browser ## retake the pictures of the documentation from the demo
	$(BIN)/python ui/scripts/take_screenshots.py

wheel: install ## build sdist and wheel into dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove everything that the targets made, except data
	rm -rf $(VENV) $(OLDEST) $(ADAPTERS) dist ui/node_modules ui/sightline_ui/static .mypy_cache .ruff_cache .pytest_cache
