# Needs GNU make 3.81, a POSIX sh and Python 3.11, 3.12 or 3.13; `make help` lists what it can do.

PYTHON ?=
PYTEST_ARGS ?= -n 2
ARGS ?=
BENCH_ARGS ?=
UV_VERSION = 0.13.9

BIN = .venv/bin
PREPARE = PYTHON='$(PYTHON)' sh scripts/prepare.sh

# For words to a person: Ctrl-C goes to the command alone, which ends in its own time, and after a failure, of which
# it has told in one line, make itself is ended before it can add "*** [demo] Error 1" to that line.
define alone
@trap 'exit 0' INT; $(1) || { kill -s PIPE $$PPID; exit 1; }
endef

.DEFAULT_GOAL = help
.PHONY: help demo install test coverage lint format words pictures bench lock clean

help: ## List what can be said here
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' Makefile | while read -r name words; do printf '  make %-9s %s\n' "$$name" "$$words"; done

demo: ## Serve the demonstration at 127.0.0.1:8080 (ARGS=--reset begins anew)
	$(call alone,$(PREPARE) run && $(BIN)/balcao demo $(ARGS))

install: ## Make .venv with the dependencies and the tools of development
	$(call alone,$(PREPARE) dev)

test: lint ## Check everything (PYTEST_ARGS is handed to pytest)
	@$(BIN)/pytest $(PYTEST_ARGS)

coverage: install ## Run the tests and name the lines and branches that none reaches (takes twice as long)
	@$(BIN)/pytest --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

lint: install ## Check style, types and doors
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: install ## Put the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

words: install ## Collect the texts of the code into locales/ for translation
	@$(BIN)/python -m bot.core.catalog

pictures: install ## Take the documentation's pictures from the running demo (needs Chromium)
	@$(BIN)/python -m tests.whole.pictures docs/images

bench: install ## Measure Balcão beside other bots (BENCH_ARGS="--only 'Balcão|PTB' --repeat 1" for less)
	$(call alone,sh bench/prepare.sh && bench/.venv/bin/python -m bench.suite $(BENCH_ARGS))

# The locks hold for every Python and system at once, and name no index: each machine uses its own.
LOCK = $(BIN)/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(ARGS) pyproject.toml

lock: install ## Write the lock files anew (ARGS=--upgrade takes newer releases)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## Remove .venv, caches and builds; the data stay
	@rm -rf .venv bench/.venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
