# `make` lists the targets. Nothing needs to be installed but Python 3.11 or newer, and make.

.DEFAULT_GOAL := help
.PHONY: help run test lint types check format lock bench drill screenshots clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := config leads timeline tests manage.py

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) \
		| awk -F '|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: $(VENV)/installed-base ## Start everything, with demo data: http://localhost:8000 (PORT=…)
	@exec $(BIN)/python manage.py serve --demo

test: $(VENV)/installed-test ## Run the tests (ARGS="-k webhook" for some of them)
	@CHROMIUM=$$($(BIN)/python -m tests.browser.chromium) && export CHROMIUM && \
		exec $(BIN)/python -m pytest -q -n auto $(ARGS)

lint: $(VENV)/installed-dev ## Check style and who imports whom
	@$(BIN)/python -m ruff check --quiet $(SOURCES)
	@$(BIN)/python -m ruff format --quiet --check $(SOURCES)
	@$(BIN)/lint-imports --no-logo

types: $(VENV)/installed-dev ## Check the types
	@$(BIN)/python -m mypy $(SOURCES)

# Checks the settings as production has them; no value here is one.
check: $(VENV)/installed-dev ## Check production settings and that no migration is missing
	@LEADLINE_PUBLIC_URL=https://leads.example.com \
		LEADLINE_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/installed-dev ## Format the code and fix what can be fixed
	@$(BIN)/python -m ruff check --quiet --fix-only $(SOURCES)
	@$(BIN)/python -m ruff format $(SOURCES)

# Each file is constrained by the former, so that one version is right everywhere.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock" pyproject.toml
lock: $(VENV)/installed-dev ## Pin the newest versions that pyproject.toml allows (ARGS=--upgrade)
	@$(COMPILE) $(ARGS) -o requirements/base.txt
	@$(COMPILE) $(ARGS) --group test -c requirements/base.txt -o requirements/test.txt
	@$(COMPILE) $(ARGS) --group test --group dev -c requirements/test.txt -o requirements/dev.txt

bench: $(VENV)/installed-base ## Measure what a page of history costs (ARGS="--scale 0.1" for less)
	@exec $(BIN)/python manage.py bench_history $(ARGS)

drill: $(VENV)/installed-base ## Kill servers and database under webhooks: none lost (ARGS="--seconds 20")
	@exec $(BIN)/python -m tests.drill $(ARGS)

screenshots: $(VENV)/installed-test ## Photograph every page into screenshots/
	@CHROMIUM=$$($(BIN)/python -m tests.browser.chromium) && export CHROMIUM && \
		exec $(BIN)/python -m tests.browser.screenshots $(ARGS)

clean: ## Remove .venv, caches and the data of `make run`
	@if [ -e var/postgres ]; then $(BIN)/python -m config.embedded_postgres.remove var/postgres; fi
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		screenshots var $(VENV)

# --- The virtual environment -------------------------------------------------------------------

# A stamp says what is installed; an interrupted installation leaves none.
$(VENV)/installed-%: requirements/%.txt $(VENV)/made
	@echo "Installing $< …"
	@$(PIP) install --quiet --quiet --require-hashes -r $<
	@touch $@

# Not every python3 on a PATH runs, is recent enough, or is whole: Debian packages ensurepip apart.
# A virtual environment that works is kept, whoever made it.
$(VENV)/made:
	@recent='import sys; sys.exit(sys.version_info < (3, 11))'; found=; partial=; \
	if $(BIN)/python -c "import pip; $$recent" 2>/dev/null; then touch $@; exit; fi; \
	for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
		"$$python" -c "$$recent" 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
		partial=$$python; \
	done; \
	if [ -n "$$found" ]; then \
		"$$found" -m venv --clear $(VENV) && touch $@; \
	elif [ -n "$$partial" ]; then \
		echo "$$partial has no venv: install it (Debian, Ubuntu: apt install python3-venv)." >&2; \
		exit 1; \
	else \
		echo "Python 3.11 or newer is needed; PYTHON=/path/to/python names one." >&2; \
		exit 1; \
	fi
