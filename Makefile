# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := var/demo
TOMOGRAPHY := var/tomography
PORT   ?= 8400
SIZE   ?= 64
TESTERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)# one more than cores: those that wait for a service leave theirs free

.PHONY: demo demo-tomography serve test check lint types floors openapi docs assets peers faults benchmarks clean

$(VENV)/.server: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Lithoscope needs Python 3.11 (set PYTHON=/path/to/python3.11)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[server]'
	@touch $@

$(VENV)/.test: $(VENV)/.server
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[test]'
	@touch $@

demo: $(VENV)/.server ## main job on real data, prints the outcome
	@$(BIN)/lithoscope demo --data $(DEMO)

demo-tomography: $(VENV)/.server ## four simulated particles, their figures next to what was planted (SIZE=32 for a quick look)
	@$(BIN)/lithoscope demo-tomography --data $(TOMOGRAPHY) --size $(SIZE)

serve: $(VENV)/.server ## the same service, running for the browser
	@$(BIN)/lithoscope serve --data $(DEMO) --port $(PORT)

test: $(VENV)/.test ## all tests
	$(BIN)/python -m pytest tests -n $(TESTERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test ## everything a reviewer would run; the short ones at the same time
	$(MAKE) --jobs=2 types lint floors
	$(MAKE) test

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

floors: $(VENV)/.test
	$(BIN)/lint-imports

openapi: $(VENV)/.server ## write openapi/openapi.json from the code
	$(BIN)/lithoscope admin openapi --write openapi/openapi.json

docs: openapi ## write every document that is made from the code
	$(BIN)/lithoscope admin docs --write docs/methods
	$(BIN)/python -m app.lab.doors.catalogue > docs/problems.md.new && mv docs/problems.md.new docs/problems.md

.venv-peers/.made: constraints-peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --no-compile -r constraints-peers.txt
	@touch $@

peers: .venv-peers/.made ## the judges of exports that tests/contract asks: pynxtools, RO-Crate's validator, prov

frontend/node_modules: frontend/package-lock.json
	cd frontend && npm ci --silent
	@touch $@

assets: frontend/node_modules ## build what browsers are given from frontend/src (needs Node)
	cd frontend && node build.mjs

faults: $(VENV)/.test ## the full storm of kills, cuts and losses
	$(BIN)/python -m pytest tests -m faults --timeout 3600

benchmarks: $(VENV)/.test
	$(BIN)/pip install --quiet -c constraints.txt -e '.[benchmark]'
	for script in benchmarks/bench_*.py; do $(BIN)/python -m benchmarks.$$(basename $$script .py) || exit 1; done

clean:
	rm -rf $(VENV) var
