# Two commands are enough: `make demo` and `make test`. Both need Python 3.11+ and make, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test pytest bench prove lint clean

demo: $(STAMP)
	$(BIN)/python docs/demo/demo.py $(if $(KEEP),--keep)

# The linters use one core: beside the tests they cost no time of their own.
test: $(STAMP)
	$(MAKE) --no-print-directory -j 2 lint pytest

pytest: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

prove: $(STAMP)
	SYNCER_KILLS=200 SYNCER_EXAMPLES=4000 SYNCER_STEPS=30 SYNCER_SCALE=10 SYNCER_GAPS=1000 SYNCER_STEP=1 \
	$(BIN)/python -m pytest -n 2 --dist worksteal -p tests.prove.record --promises docs/promises.md
	$(BIN)/python -m tests.prove.mutate --again all --page

bench: $(STAMP)
	$(BIN)/python -m benchmarks --out benchmarks/results.md

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("syncer needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .demo dist build
