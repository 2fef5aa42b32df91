# Each target creates .venv and installs its requirements if pyproject.toml or constraints.txt has
# changed. With KNOWN= they install the newest versions that pyproject.toml allows.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# .ci/run says COMPILE=--no-compile: pip would compile 25,000 modules one by one, of which few are used.
COMPILE ?=
PIP := $(BIN)/pip install --quiet --disable-pip-version-check $(COMPILE)
# Each line of constraints.txt applies to the Python version it was tested with; pip ignores it on others.
KNOWN := --constraint constraints.txt

.PHONY: run attack accessibility test test-fast coverage lint format constraints bench bench-more bench-crawl release-model train clean help

help:
	@echo "make run    crawl the sample shop, assess it, open the review console"
	@echo "make test   run the tests"
	@echo "make test-fast  run the tests that need no server, browser or training, and are not slow"
	@echo "make coverage  run the fast tests of inference, labels and service/store: lines covered,"
	@echo "            with a floor for each; CI does not run it"
	@echo "make attack  stress tests: kills, a full disk, hostile pages and requests"
	@echo "make accessibility  axe-core on every page and after every action, in five windows, light and dark"
	@echo "make lint   check format, lint, types and import contracts"
	@echo "make bench  benchmark classification against its peers: tables, and a chart in bench.svg;"
	@echo "            with ARGS=--write the tables go into docs/speed.md"
	@echo "make bench-more  the other tables of docs/speed.md: graphs, Ray, store and service, with ARGS=--write too"
	@echo "make bench-crawl  benchmark the crawler against plain fetching"
	@echo "make constraints  update constraints.txt to the newest versions; then run make test"
	@echo "make train  fine-tune the compact model on the shipped synthetic dataset"
	@echo "make release-model  build the shipped model from its base; needs the real texts"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Ruthan needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	-@$(PIP) --upgrade pip

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing Ruthan ..."
	@$(PIP) $(KNOWN) --editable '.[images]'
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing Ruthan with its training and test requirements ..."
	@$(PIP) $(KNOWN) --editable '.[train,test]'
	@touch $@ $(VENV)/.run

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing Ruthan with its development requirements ..."
	@$(PIP) $(KNOWN) --editable '.[train,test,dev]'
	@touch $@ $(VENV)/.run $(VENV)/.test

run: $(VENV)/.run
	@$(BIN)/python -m inference.pictures.missing
	@$(BIN)/ruthan demo $(ARGS)

# Rounds of kills; make test does one.
ROUNDS ?= 15

attack: $(VENV)/.test
	@RUTHAN_TEST_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -m attack -rP $(ARGS)

# make test does a part of it: fewer windows, and axe-core on fewer of the states.
accessibility: $(VENV)/.test
	@RUTHAN_TEST_WINDOWS=all $(BIN)/python -m pytest $(addprefix tests/service/console/every_page/test_,accessibility.py walk.py actions.py) $(ARGS)

test: $(VENV)/.test
	@$(BIN)/python -m pytest $(ARGS)

# For use while working, on two cores.
FAST := not (slow or costly or attack or needs_app or needs_browser or needs_postgres or needs_redis or needs_train or needs_tesseract)

COVERED := not (slow or attack or needs_app or needs_browser or needs_postgres or needs_redis or needs_train)

# The tests of service/store, and of its callers whose tests run the rest of its lines.
STORE_TESTS := $(addprefix tests/service/,store alerts batches campaigns complaints second_look teamwork trusted_time webhooks)

# On Python 3.12 and newer, coverage.py takes little time with this; older versions ignore it.
coverage: export COVERAGE_CORE = $(shell $(PYTHON) -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")')
coverage: $(VENV)/.test
	@$(BIN)/python -m coverage run -m pytest -m "$(COVERED)" tests/inference tests/labels $(STORE_TESTS) $(ARGS)
	@$(BIN)/python -m coverage report --skip-covered
	@$(BIN)/python -m coverage report --include 'inference/*' --fail-under 87 --format total
	@$(BIN)/python -m coverage report --include 'labels/*' --fail-under 72 --format total
	@$(BIN)/python -m coverage report --include 'service/store/*' --fail-under 93 --format total

test-fast: $(VENV)/.test
	@$(BIN)/python -m pytest -n 2 -m "$(FAST)" $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Meant to take under ten minutes on two cores, without VNNI too.
bench: $(VENV)/.test
	@$(BIN)/python -m benchmarks.model.engine --listings 20 --full-listings 4 --repeats 2 $(ARGS)
	@$(BIN)/python -m benchmarks.model.stages --listings 12 --repeats 2 $(ARGS)
	@$(BIN)/python -m benchmarks.model.operators $(ARGS)
	@$(BIN)/python -m benchmarks.model.runtimes --windows 6 --repeats 3 --texts 50 $(ARGS)
	@$(BIN)/python -m benchmarks.model.bulk $(ARGS)
	@$(BIN)/python -m benchmarks.model.screen --listings 40 --repeats 2 $(ARGS)

bench-more: $(VENV)/.test
	@$(BIN)/python -m benchmarks.model.graphs --windows 8 --repeats 2 $(ARGS)
	@$(BIN)/python -W ignore -m benchmarks.model.workers --listings 384 $(ARGS)
	@$(BIN)/python -m benchmarks.service.store $(ARGS)
	@$(BIN)/python -m benchmarks.service.throughput $(ARGS)

bench-crawl: $(VENV)/.test
	@$(BIN)/python -m benchmarks.crawl $(ARGS)

release-model: $(VENV)/.test
	@$(BIN)/ruthan release-model $(ARGS)

train: $(VENV)/.test
	@$(BIN)/ruthan train --base compact $(ARGS)

# pip freeze gives file paths for wheels that were not downloaded, and local versions (+cpu): make both plain versions.
constraints: $(VENV)/.dev
	@$(PIP) --upgrade --upgrade-strategy eager --editable '.[train,test,dev]'
	@{ echo "# Versions that the tests passed with; make constraints writes this file."; \
	  $(BIN)/python -m pip freeze --all --exclude pip --exclude wheel --exclude-editable | sed "s/ @ .*-\([0-9][0-9.]*\)-.*/==\1/; s/+cpu$$//; \
	  s/$$/ ; python_version == \"$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')\"/"; \
	} > constraints.new && mv constraints.new constraints.txt
	@touch $(VENV)/.run $(VENV)/.test $(VENV)/.dev

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
