# Needs make, Python 3.11 or newer with venv, and, the first time, the network. Nothing else is assumed.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

PY   := .venv/bin/python
DEMO := .venv/.ready-demo
DEV  := .venv/.ready-dev
# With a C compiler at hand, verification's filter is compiled; without one all is the same, only slower.
MADE_FROM := pyproject.toml hatch_build.py audit_tui/fast/kernel.c audit_tui/fast/sha256.h
ARGS :=
JOBS := 2

# Majors that must be here, such as "15 18"; tests that bring two versions together insist on theirs then.
NEEDED_VERSIONS ?=
export NEEDED_VERSIONS

.PHONY: help demo test check unit needed versions fix bench matrix attacks screenshots clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO) ## Open the demo: a throwaway PostgreSQL, six tenants, some of them tampered with
	@$(PY) -m audit_tui demo $(ARGS)

test: needed check unit versions ## Run every check and every test on a real PostgreSQL

# No caches: an import that became possible changes other files' results, and two runs would share one.
check: $(DEV) ## Run the linter, the formatter's check, the type checker and the import contracts
	@$(PY) -m ruff check --no-cache .
	@$(PY) -m ruff format --no-cache --check .
	@$(PY) -m mypy --no-incremental
	@$(PY) .venv/bin/lint-imports

unit: $(DEV) ## Run the tests; ARGS="tests/core -k diff" runs some of them
	@$(PY) -m pytest -n $(JOBS) $(ARGS)

# Asked first, so that a missing version is told before minutes of tests, not after.
needed: $(DEV)
	@$(PY) -m tools.versions needed

versions: $(DEV) ## Repeat the database's tests on every other PostgreSQL of this machine
	@$(PY) -m tools.versions run -q -n $(JOBS)

fix: $(DEV) ## Let the linter mend what it can, and format
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(DEV) ## Measure: verification, browsing, logging (minutes)
	@$(PY) -m tests.bench $(ARGS)

matrix: $(DEV) ## Print who may do what: every verb as every role, expected and got
	@$(PY) -m tests.matrix

attacks: $(DEV) ## Print the table of attacks: what each must give, and what both verifiers said
	@$(PY) -m tests.verify $(ARGS)

screenshots: $(DEV) ## Draw every picture of screenshots/ from the running app over the demo's story
	@$(PY) -m screenshots.make $(ARGS)

clean: ## Remove the environment and everything that can be made again
	rm -rf audit_tui/fast/libkernel.* .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	find audit_tui tests tools -type d -name __pycache__ -prune -exec rm -rf {} +

$(DEMO): $(MADE_FROM)
	@sh tools/with-python.sh tools/set_up.py demo

$(DEV): $(MADE_FROM)
	@sh tools/with-python.sh tools/set_up.py demo dev
