# Seven verbs. `make demo` and `make test` need nothing but Python 3.10-3.13 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0
DEMO := indexes/demo
QUICK := tests/metrics tests/matching tests/datasets tests/test_pages.py

.PHONY: demo test quick check docs bench clean

demo: $(VENV)/installed
	$(BIN)/python scripts/demo.py $(DEMO)

test: $(VENV)/tested
	$(BIN)/ruff check sigsearch scripts tests
	$(BIN)/ruff format --check sigsearch scripts tests
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

# A first look: everything that runs in seconds. `make test` has the rest.
quick: $(VENV)/tested
	$(BIN)/ruff check sigsearch scripts tests
	$(BIN)/python -m pytest $(QUICK)

check: $(VENV)/tested
	$(BIN)/ruff check --fix sigsearch scripts tests
	$(BIN)/ruff format sigsearch scripts tests
	$(BIN)/mypy

docs: $(VENV)/installed
	$(BIN)/python scripts/write_cli_reference.py docs/cli.md
	$(BIN)/python scripts/write_errors.py docs/errors.md
	$(BIN)/python scripts/write_figures.py
	$(BIN)/python scripts/pictures/answer.py

bench: $(VENV)/tested
	$(BIN)/python scripts/benchmarks/embed.py

clean:
	rm -rf $(VENV) $(DEMO) $(DEMO)-drawn $(DEMO)-references .pytest_cache .mypy_cache .ruff_cache

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -e .
	touch $@

$(VENV)/tested: pyproject.toml weights/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet '$(TORCH)'
	$(BIN)/pip install --quiet -e ./weights -e '.[train,dev]'
	touch $(VENV)/installed $@
