# Needs only Python 3.11 or newer (with venv) and make. `make run` starts everything, Ctrl-C stops it.

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .bench-venv
IN := $(VENV)/bin/python
UV_VERSION := 0.13.9
COMPILE := $(IN) -m uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url \
	--no-emit-find-links --no-annotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint migrate bench fuzz requirements chromium clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.runtime ## start everything and print the addresses; Ctrl-C stops it
	@$(IN) -m backend.embedded --with-parent

test: $(VENV)/.development ## run the whole test suite
	$(IN) -m pytest

lint: $(VENV)/.development ## check style, types, imports, templates and migrations
	$(IN) -m ruff check .
	$(IN) -m ruff format --check .
	$(IN) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(IN) -m djlint backend sandbox --lint --quiet --profile=jinja
	$(IN) -m tests.guards.migration_files

migrate: $(VENV)/.runtime ## bring the database up to date (DATABASE_URL, or the one of `make run`)
	@$(IN) -m backend.embedded flask --app wsgi db upgrade

bench: $(BENCH_VENV)/.bench ## print the benchmark table
	$(BENCH_VENV)/bin/python -m bench

fuzz: $(VENV)/.development ## let a coverage-guided fuzzer push and send files for FUZZ_SECONDS (300)
	$(IN) -m pip install --quiet --disable-pip-version-check -r tests/fuzz/requirements.txt
	$(IN) -m tests.fuzz -max_total_time=$(or $(FUZZ_SECONDS),300)

requirements: $(VENV)/.created ## pin requirements*.txt again from requirements*.in
	$(IN) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(COMPILE) --output-file requirements.txt requirements.in
	$(COMPILE) --output-file requirements-dev.txt --constraint requirements.txt requirements-dev.in
	for set in requirements requirements-dev; do \
		{ echo "# Compiled from $$set.in by 'make requirements'. Do not edit."; grep -v '^#' $$set.txt; } > $$set.new \
		&& mv $$set.new $$set.txt || exit 1; \
	done

chromium: ## install the browser that the browser tests drive (Debian or Ubuntu, as root)
	@if command -v chromium >/dev/null; then echo "chromium is there"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; \
	else echo "Install Chromium and a Chinese font (Debian: chromium fonts-noto-cjk)."; fi

clean: ## remove the virtual environments and caches; the data in .data stays
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment without pip is one whose making was interrupted.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@[ -x $(VENV)/bin/pip ] || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv is needed (Debian or Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.created
	@echo "Installing requirements.txt ..."
	@$(IN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.created
	@echo "Installing requirements-dev.txt ..."
	@$(IN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The peers that we measure ourselves against stay out of the product's own environment.
$(BENCH_VENV)/.bench: requirements.txt bench/requirements.txt $(VENV)/.created
	@$(IN) -m venv $(BENCH_VENV) && echo '*' > $(BENCH_VENV)/.gitignore
	@echo "Installing requirements.txt and bench/requirements.txt ..."
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r bench/requirements.txt
	@touch $@
