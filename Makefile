# Two commands: `make run` shows a small dairy live, `make test` runs every test. The rest is for developers.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
NODE_OK := $(shell node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a==20&&b>=19)?0:1)' 2>/dev/null && command -v npm >/dev/null && echo yes)

.PHONY: run test check bench faults page lock system clean help

help:
	@echo 'make run     a small fleet, live, with simulated data (ARGS="--port 9000" …)'
	@echo 'make test    every test'
	@echo 'make check   format, lint, types, import contracts, page types'
	@echo 'make faults  300 kills and hangs, record by record, and the controls that must fail'
	@echo 'make bench   every figure beside its limit'
	@echo 'make lock    pin the dependencies again (needs uv)'

run: $(VENV)/.stamp-run page
	@$(BIN)/coldchain demo $(ARGS)

# --- installing ---------------------------------------------------------------------------------------------

$(BIN)/python:
	@echo 'python: making $(VENV)…'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 …'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'no venv module: apt-get install python3-venv (or your system'"'"'s package of it)'; exit 1; }

$(VENV)/.stamp-run: requirements.txt pyproject.toml | $(BIN)/python
	@echo 'python: installing what requirements.txt pins (PIP_INDEX_URL names a mirror)…'
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements.txt
	@$(MAKE) --no-print-directory -s node-wheel
	@$(BIN)/python hatch_build.py
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.txt pyproject.toml $(VENV)/.stamp-run
	@echo 'python: installing what requirements-dev.txt pins…'
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: node-wheel
node-wheel:
ifneq ($(NODE_OK),yes)
	@test -f dashboards/static/index.html -a ! -d dashboards/page || { \
	  echo 'page: no Node >= 20.19 here; installing it as a wheel (about 200 MB, build time only)…'; \
	  $(PIP) install --quiet --progress-bar on --require-hashes -r requirements-page.txt; }
endif

page: $(VENV)/.stamp-run
	@$(BIN)/python hatch_build.py 2>&1 | { grep -v 'up to date' || true; }

# Debian's packages that the tests start for real. As root they are installed, otherwise named.
system:
	@missing=''; \
	command -v mosquitto >/dev/null || test -x /usr/sbin/mosquitto || missing="$$missing mosquitto"; \
	command -v mosquitto_sub >/dev/null || missing="$$missing mosquitto-clients"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	test -z "$$missing" && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "debian: installing$$missing…"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "missing:$$missing — install them (apt-get install$$missing) and run again"; exit 1; fi

# --- developing ---------------------------------------------------------------------------------------------

check: $(VENV)/.stamp-dev page
	@$(BIN)/ruff format --check --quiet . || { echo 'run: $(BIN)/ruff format .'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >$(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; exit 1; }
	@$(BIN)/python -m tests.npm run --silent check
	@echo 'check: all clean'

test: system $(VENV)/.stamp-dev page
	@$(BIN)/python -m tests.npm run --silent test
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not faults"
	@$(BIN)/python -m pytest -q -m faults

faults: system $(VENV)/.stamp-dev page
	@$(BIN)/python -m tests.faults $(ARGS)

bench: system $(VENV)/.stamp-dev page
	@$(BIN)/python -m bench $(ARGS)

lock:
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml --group build -q -o requirements.txt
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml --group dev -q -o requirements-dev.txt
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --group page --no-deps -q -o requirements-page.txt

clean:
	@rm -rf $(VENV) dashboards/static dashboards/page/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis coldchain-demo
