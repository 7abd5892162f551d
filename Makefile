# Each target wraps commands that README.md also gives for PowerShell; nothing here needs root.
# Variables: AS_OF (end of that day), RUN_OPTIONS, SIMULATE_OPTIONS, PYTHON (to create .venv), UV, LOCK_OPTIONS and
# LOCK_AGE_DAYS (for `lock`).

AS_OF ?= 2021-11-07
RUN_OPTIONS ?=
SIMULATE_OPTIONS ?=
UV ?= uv
LOCK_OPTIONS ?=
# Most poisoned releases are found within days: younger ones do not come in.
LOCK_AGE_DAYS ?= 7
RAW = data/raw/$(AS_OF)
VENV_PYTHON = .venv/bin/python
PIP = $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check
NOTEBOOKS = notebooks/*.ipynb notebooks/tutorial/*.ipynb
# What .venv was built from: the lock, in this folder (a copied .venv points elsewhere), the project's own metadata, this file.
LOCK_STAMP = $$(cksum < requirements.lock) $$(pwd -P)
PROJECT_STAMP = $$(cat pyproject.toml Makefile | cksum)
# What JupyterLab notes of the kernel when a notebook is saved: with it every look would be a change.
STRIPPED_KEYS = metadata.language_info.codemirror_mode \
	metadata.language_info.file_extension \
	metadata.language_info.mimetype \
	metadata.language_info.nbconvert_exporter \
	metadata.language_info.pygments_lexer \
	metadata.language_info.version

.PHONY: help setup .venv-from-lock .venv-project briefing test setup-spark test-spark lint lab wheel bench lock audit clean
.DEFAULT_GOAL := help

help:
	@echo "make briefing   the weekly job for AS_OF=$(AS_OF): reports/current/index.html (simulates an intake if none is there)"
	@echo "make test       every check: lint, format, types, notebooks without outputs, tests"
	@echo "make setup      build .venv from requirements.lock (the targets here do it when it is missing or stale)"
	@echo "make setup-spark  install pyspark into .spark beside .venv (docs/cluster.md; Java 17 or newer is not in it)"
	@echo "make test-spark every check of a Spark cluster of this machine's own (minutes; needs Java)"
	@echo "make lint       the checks of 'make test' that take seconds"
	@echo "make lab        open JupyterLab on notebooks/"
	@echo "make wheel      build dist/baophu-….whl, to install where there is no clone"
	@echo "make bench      run the benchmarks (see benchmarks/README.md)"
	@echo "make lock       renew both locks from pyproject.toml (needs uv; LOCK_OPTIONS=--upgrade for newer versions)"
	@echo "make audit      ask a database of known vulnerabilities about requirements.lock (osv-scanner or pip-audit)"
	@echo "make clean      remove .venv and caches; data/ and reports/ are never touched"

setup: .venv-from-lock .venv-project

.venv-from-lock:
	@if [ -x $(VENV_PYTHON) ] && [ "$$(cat .venv/lock-stamp 2>/dev/null)" = "$(LOCK_STAMP)" ]; then exit 0; fi; \
	set -e; \
	python='$(PYTHON)'; \
	for name in python3.11 python3.12 python3.13 python3 python; do \
		[ -n "$$python" ] && break; \
		if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; fi; \
	done; \
	if [ -z "$$python" ]; then echo "setup: Python 3.11 or newer with the venv module is needed; install it or give PYTHON=/path/to/python" >&2; exit 5; fi; \
	echo "setup: building .venv with $$python from requirements.lock (a minute or two)"; \
	"$$python" -m venv --clear .venv; \
	$(PIP) --require-hashes --only-binary :all: -r requirements.lock; \
	echo "$(LOCK_STAMP)" > .venv/lock-stamp

# Also the git filter that keeps notebook outputs out of commits; required: without it such a commit fails.
.venv-project: .venv-from-lock
	@if [ "$$(cat .venv/project-stamp 2>/dev/null)" = "$(PROJECT_STAMP)" ]; then exit 0; fi; \
	set -e; \
	$(PIP) --no-deps --no-build-isolation -e .; \
	if git rev-parse --git-dir >/dev/null 2>&1; then \
		git config filter.nbstripout.clean '$(VENV_PYTHON) -m nbstripout'; \
		git config filter.nbstripout.extrakeys '$(STRIPPED_KEYS)'; \
		git config filter.nbstripout.smudge cat; \
		git config filter.nbstripout.required true; \
	fi; \
	echo "$(PROJECT_STAMP)" > .venv/project-stamp

# A simulation appears whole or not at all: one that was stopped is made again, never run on.
briefing: setup
	@if [ ! -e $(RAW) ]; then \
		set -e; \
		echo "briefing: $(RAW) is not there; simulating an intake (invented people)"; \
		rm -rf $(RAW).part $(RAW).part_truth; \
		$(VENV_PYTHON) -m analysis simulate --as-of $(AS_OF) --out $(RAW).part $(SIMULATE_OPTIONS); \
		rm -rf $(RAW)_truth; mv $(RAW).part_truth $(RAW)_truth; mv $(RAW).part $(RAW); \
	fi
	$(VENV_PYTHON) -m analysis run --as-of $(AS_OF) $(RUN_OPTIONS)

lint: setup
	@failed=0; \
	$(VENV_PYTHON) -m ruff check || failed=1; \
	$(VENV_PYTHON) -m ruff format --check || failed=1; \
	$(VENV_PYTHON) -m mypy || failed=1; \
	$(VENV_PYTHON) -m nbstripout --verify $(NOTEBOOKS) || failed=1; \
	exit $$failed

# Every check runs, so that one round shows all that is wrong; pytest's closing line comes last. Two processes, and a
# file's tests in one of them, because they share what its fixtures made.
test: setup
	@failed=0; \
	$(MAKE) --no-print-directory lint || failed=1; \
	$(VENV_PYTHON) -m pytest -n 2 --dist loadfile || failed=1; \
	exit $$failed

# Beside .venv, because no run needs it but one with --engine. pyspark is published as source alone, and what builds it
# is hashed too: it is put first, in a folder that goes again.
SPARK_STAMP = $$(cat requirements-spark.lock Makefile | cksum) $$(pwd -P)
SPARK_PIP = $(VENV_PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all:

setup-spark: setup
	@if [ "$$(cat .spark/stamp 2>/dev/null)" = "$(SPARK_STAMP)" ]; then exit 0; fi; \
	set -e; \
	echo "setup-spark: building .spark from requirements-spark.lock (450 MB, a few minutes)"; \
	rm -rf .spark; mkdir -p .spark/build; \
	sed -n '/^setuptools==/,/^ *#/p' requirements-spark.lock > .spark/build.lock; \
	$(SPARK_PIP) --target .spark/build -r .spark/build.lock; \
	PYTHONPATH="$$PWD/.spark/build" $(SPARK_PIP) --no-binary pyspark --no-build-isolation --target .spark -r requirements-spark.lock; \
	rm -rf .spark/build .spark/build.lock; \
	echo "$(SPARK_STAMP)" > .spark/stamp

# Twice as fast to start: what runs for seconds need not be compiled for hours.
test-spark: setup-spark
	JAVA_TOOL_OPTIONS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" SPARK_TESTS=all $(VENV_PYTHON) -m pytest tests/spark

lab: setup
	$(VENV_PYTHON) -m analysis lab

# Notebooks with outputs would carry rows of persons to whoever installs the wheel.
wheel: setup
	$(VENV_PYTHON) -m nbstripout --verify $(NOTEBOOKS)
	$(VENV_PYTHON) -m hatchling build -t wheel -d dist

bench: setup
	@for script in benchmarks/*.py; do echo "bench: $$script"; $(VENV_PYTHON) $$script || exit 1; done

lock:
	python='$(or $(PYTHON),python3)'; before=$$($$python -c 'import datetime as d; print(d.date.today() - d.timedelta($(LOCK_AGE_DAYS)))') && \
	$(UV) pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --extra dev --exclude-newer "$$before" $(LOCK_OPTIONS) \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock && \
	echo "-c requirements.lock" > requirements-spark.lock && \
	printf '%s\n' pyarrow pyspark setuptools sqlglot | $(UV) pip compile --quiet --universal --python-version 3.11 \
		--exclude-newer "$$before" $(LOCK_OPTIONS) -c requirements.lock --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header - >> requirements-spark.lock

# Of the two, the one that is here; a database copied beforehand serves osv-scanner without a network.
audit:
	@if command -v osv-scanner >/dev/null; then \
		osv-scanner scan source --offline-vulnerabilities --lockfile requirements.txt:requirements.lock; \
	elif command -v pip-audit >/dev/null; then \
		pip-audit --disable-pip --require-hashes -r requirements.lock; \
	else \
		echo "audit: neither osv-scanner nor pip-audit is here, so no database was asked" >&2; exit 5; \
	fi

clean:
	rm -rf .venv .spark dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find src tests notebooks benchmarks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
