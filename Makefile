# Every target sets up what it needs by itself; Python 3.11 or newer and make are enough.

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
PY := $(VENV)/bin/python
LOCK := requirements.lock
READY := $(VENV)/.installed-$(shell cksum < $(LOCK) | tr ' ' '-')
CODE := services shared deploy tests
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo up down test check features perf faults contracts office-kit lock format

help: ## Say what can be done here
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
		awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

demo: $(READY) ## Live through the whole programme and compare every figure
	@$(PY) -m deploy.demo $(ARGS)

up: $(READY) ## Run the whole system until Ctrl-C
	@$(PY) -m deploy.local up $(ARGS)

down: $(READY) ## End what an earlier up or demo left running
	@$(PY) -m deploy.local down

test: $(READY) ## Run the tests: unit, contracts, integration, end to end
	@$(PY) -m pytest $(ARGS)

check: $(READY) ## Check style, types, imports and the rules of the house
	@$(VENV)/bin/ruff check $(CODE)
	@$(VENV)/bin/ruff format --check $(CODE)
	@$(VENV)/bin/mypy $(CODE)
	@PYTHONPATH=. $(VENV)/bin/lint-imports
	@$(PY) -m pytest -q tests/unit/test_house.py

features: $(READY) ## Say which rows of the table are proved by tests that passed
	@$(PY) -m tests.features

perf: $(READY) ## Measure; ONLY=name measures one thing
	@$(PY) -m tests.perf $(if $(ONLY),--only $(ONLY)) $(ARGS)

faults: $(READY) ## Kill and freeze processes and the broker, and look what came of it
	@$(PY) -m pytest tests/faults $(ARGS)

contracts: $(READY) ## Write schemas, examples and AsyncAPI anew from the catalogue
	@$(PY) -m tests.contracts.freeze $(ARGS)

office-kit: $(READY) ## Write build/office-kit: what an office needs to begin
	@$(PY) -m deploy.office_kit

format: $(READY) ## Lay the code out as the checker wants it
	@$(VENV)/bin/ruff check --fix $(CODE)
	@$(VENV)/bin/ruff format $(CODE)

lock: $(READY) ## Pin what pyproject.toml asks for, with hashes; ARGS=--upgrade takes newer
	@$(VENV)/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url \
		--no-header --python-version 3.11 --extra dev $(ARGS) pyproject.toml --output-file $(LOCK)

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --compile-bytecode \
		--require-hashes -r $(LOCK)
	@rm -f $(VENV)/.installed-*
	@touch $@
