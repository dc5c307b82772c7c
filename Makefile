# Argus' verbs. `make help` lists them; everything lands in .venv/, build/ and argus-data/.

PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 8000
DATA   ?= argus-data

BIN       := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
DASHBOARD := argus/server/static/index.html
PACKAGING := setup.cfg setup.py pyproject.toml
NATIVE    := $(shell find native argus/aggregate \( -name '*.cc' -o -name '*.h' -o -name 'cffi_build.py' \) -not -path '*/tests/*' 2>/dev/null)
FRONTEND  := $(shell find dashboard -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help run demo dashboard test check sdk bench format clean
.DELETE_ON_ERROR:

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(BIN)/.server $(DASHBOARD) ## build what is missing and start the server on 127.0.0.1:8000
	@$(BIN)/argus serve --host $(HOST) --port $(PORT) --data $(DATA)

demo: $(BIN)/.dev $(DASHBOARD) ## the same with a snake game and a flight over a terrain, which play by themselves
	@$(BIN)/python -m examples.demo --port $(PORT) --data $(DATA)

dashboard: $(DASHBOARD) ## build the dashboard

test: $(BIN)/.dev ## prove everything: lint, types, unit, integration, native, browser
	@$(BIN)/python tests/everything.py

check: $(BIN)/.dev ## lint, types, and known vulnerabilities of what we depend on
	@$(BIN)/python tests/everything.py lint types audit

sdk: $(BIN)/.dev ## build and test what runs in your program, on any system: libargus and the Python package
	@cmake -S native/libargus -B build/native/sdk -DARGUS_BENCH=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON
	@cmake --build build/native/sdk --config Release --parallel 2
	@ctest --test-dir build/native/sdk -C Release --output-on-failure
	@ARGUS_NATIVE_BUILD=sdk $(BIN)/python -m pytest -q tests/aggregate tests/client tests/native/test_processes.py

bench: $(BIN)/.dev ## print every speed claim with its figure; run it alone on the machine
	@$(BIN)/python -m pytest benchmarks -o python_files='bench_*.py' -o timeout=0 -q -s

format: $(BIN)/.dev ## rewrite Python and C++ in the project's style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@command -v clang-format >/dev/null && git ls-files '*.cc' '*.h' '*.hpp' '*.c' | xargs clang-format -i || echo "clang-format is missing: C++ not formatted"

clean: ## remove what was built; your data stay
	rm -rf .venv build dist *.egg-info argus/aggregate/*.so argus/wire/*.so argus/aggregate/_cffi.c dashboard/node_modules argus/server/static test-artifacts

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Argus needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv || { echo "on Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(BIN)/.server: $(BIN)/python $(PACKAGING) $(NATIVE)
	@echo "installing Argus with its native extension"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server]'
	@touch $@

$(BIN)/.dev: $(BIN)/python $(PACKAGING) $(NATIVE)
	@echo "installing Argus and what its tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server,dev]'
	@touch $@ $(BIN)/.server

dashboard/node_modules/.package-lock.json: dashboard/package-lock.json dashboard/package.json | $(BIN)/python
	@echo "installing the dashboard's packages"
	@$(BIN)/python dashboard/npm.py ci --no-fund --no-audit --loglevel=error
	@touch $@

$(DASHBOARD): dashboard/node_modules/.package-lock.json $(FRONTEND)
	@echo "building the dashboard"
	@$(BIN)/python dashboard/npm.py run build --silent
	@touch $@
