# ketadash: `make run` opens the dashboard, `make help` lists the rest.
# Needs make and Python >= 3.11; everything else goes into .venv, from requirements.lock (to run) and
# requirements-dev.lock (to test), and is fetched once.  From elsewhere: make -C path/to/ketadash run
ifeq ($(wildcard ketadash/core/spec.py),)
$(error run make in the folder of the checkout, or from elsewhere as: make -C path/to/ketadash run)
endif

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
DATA ?=
EXAMPLE ?=
PORT ?=
ARGS ?=
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help run test test-all lint oracle bench fuzz soak screenshots supplement lock clean

help:  ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 @\2/p' Makefile | while IFS=@ read -r name what; do \
	  printf '%-17s %s\n' "$$name" "$$what"; done

run: .venv/ready-to-run  ## open the dashboard on the sample trial (EXAMPLE=xbot, DATA=path, PORT=8501, ARGS=--headless)
	@exec $(PY) -m ketadash app $(if $(DATA),"$(DATA)") $(if $(EXAMPLE),--example "$(EXAMPLE)") $(if $(PORT),--port $(PORT)) $(ARGS)

# Two processes more than cores (tests/conftest.py); files go to them whole, the long ones first (tests/conftest.py).  ARGS="-n 0": one by one.
PYTEST = $(PY) -m pytest -n logical --dist loadfile --no-loadscope-reorder

# Python may keep what it compiled: where the environment forbids it, each of a hundred processes compiled it all anew.
test test-all: export PYTHONDONTWRITEBYTECODE :=

test: .venv/ready-to-test  ## run the tests but for the slow sweeps (ARGS="tests/stats -x" narrows them)
	$(PYTEST) -m "not slow" $(ARGS)

test-all: .venv/ready-to-test  ## run every test, those over dozens of states too
	$(PYTEST) $(ARGS)

lint: .venv/ready-to-test  ## ruff (rules and format) and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

oracle:  ## recompute with R what the tests compare with (needs Rscript and the packages each script names)
	@command -v Rscript >/dev/null || { echo "Rscript is missing: install R to recompute the oracles" >&2; exit 1; }
	@for script in tests/oracle/*.R; do echo "$$script"; Rscript "$$script" || exit 1; done

# those with something to say by themselves; the others here are parts of them
BENCHES = $(wildcard $(patsubst %,benchmarks/%.py,engines sensitivity startup cluster real_size toggle crowd))
bench: .venv/ready-to-test  ## time what README makes claims about
	@for script in $(BENCHES); do echo "$$script"; $(PY) "$$script" || exit 1; done

fuzz: .venv/ready-to-test  ## read 5,000 spoiled files and analyse what can be read (ARGS="--seed 2 --files 500": docs/fuzz.md)
	$(PY) -m tests.fuzz $(ARGS)

soak: .venv/ready-to-test  ## attack a server of its own, within bounds (ARGS="--only 13 --no-crowd": docs/security.md)
	$(PY) -m tests.soak $(ARGS)

screenshots: .venv/ready-to-test  ## picture every page, theme and width into docs/screenshots (ARGS="--readme" for README's)
	$(PY) scripts/screenshots.py $(ARGS)

supplement: .venv/ready-to-run  ## the trial as one HTML file with every toggle (DATA=file or folder, OUT=trial.html)
	$(PY) -m ketadash supplement $(if $(DATA),"$(DATA)") -o "$(or $(OUT),trial.html)" $(ARGS)

lock:  ## write the locks anew from pyproject.toml (needs uv; the only target that does)
	@command -v $(UV) >/dev/null || { echo "uv is missing: pip install uv, or make lock UV=path/to/uv" >&2; exit 1; }
	$(call compile,build,requirements.lock)
	$(call compile,dev,requirements-dev.lock)

clean:  ## remove .venv and everything that was built
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# No header, index or find-links line: a lock names packages and hashes, never where they came from.
compile = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links pyproject.toml --group $(1) -o $(2)

# The stamps: as long as neither lock nor pyproject.toml is newer, nothing is asked of pip or of the network.
.venv/ready-to-run: requirements.lock pyproject.toml
	@sh .ci/venv.sh
	@echo "installing what ketadash needs (once; a few minutes at most)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-to-test: .venv/ready-to-run requirements-dev.lock
	@echo "installing what the tests need (once)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
