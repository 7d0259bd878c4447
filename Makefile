# Every command is one word. `make up` and `make test` are the two a newcomer needs.
.PHONY: help test learner lint env up down status clean demo bench study open-bandit e2e simulate-faults mutants kill-matrix soak template pins
export UV_PYTHON_DOWNLOADS = never

## PYTHON=  which Python 3.13 to use, if none is on the PATH
PYTHON := $(shell PYTHON="$(PYTHON)" cli/find-python)
## ROWS=    of the kill matrix: short for some of every kind, or ids such as F5
ROWS :=
## PORT=    where `make up` listens, if its usual port is taken
PORT :=
## HISTORIES= how many `make simulate-faults` runs, and `make mutants` at most for each bug
HISTORIES := 1000
## SECONDS= how long `make soak` goes on
SECONDS := 600
UV := .local/uv/bin/uv
RUN := .venv/bin
SITE_PACKAGES := -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
# Our own packages, where the Python of an environment finds them.
importable = printf '%s\n' "$(CURDIR)/layers/shared" "$(CURDIR)" > "$$($(1) $(SITE_PACKAGES))/personalizer.pth"

help:  ## this list
	@{ sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile; \
	  sed -n 's/^## \([A-Z]*=\) */\1\t/p' Makefile; } | expand -t 18

test: env  ## run the default tests: no account, no Docker, no emulator
	$(RUN)/pytest -n 2

learner: env  ## every policy, hostile feature and whole life of a loop, on the real learner
	$(RUN)/pytest -n 2 tests/learner

lint: env  ## what a reviewer would say first
	$(RUN)/ruff check && $(RUN)/ruff format --check && $(RUN)/mypy

env: .venv/.complete  ## install what all the others need

up: env .local/emulator/.complete .local/sam/.complete  ## the whole loop on this machine: prints a URL and a key
	@$(RUN)/python -m cli local up $(PORT:%=--port %)

demo: up  ## watch it learn: two data sets as bandits, over HTTP
	@$(RUN)/python -m cli demo

bench: up .local/study/.complete  ## every figure: name, value, goal
	@.local/study/bin/python -m benchmarks

study: .local/study/.complete .local/study/.peers  ## how well it learns, next to others: writes docs/learning.md (an hour)
	@.local/study/bin/pytest tests/study
	@.local/study/bin/python -m benchmarks.learning

open-bandit: env .local/open-bandit/.complete  ## evaluate policies on real logs of a shop, next to the package obp
	@$(RUN)/pytest tests/study/test_open_bandit.py
	@$(RUN)/python -m benchmarks.evaluation.open_bandit

template: .local/sam/.complete .local/gates/.complete  ## what AWS's linter and checkov say of template.yaml, and of what SAM makes of it
	@AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .local/sam/bin/sam validate --lint
	@AWS_DEFAULT_REGION=us-east-1 .local/sam/bin/python tests/e2e/translate.py > .local/gates/translated.json
	@CKV_SKIP_PACKAGE_UPDATE_CHECK=true .local/gates/bin/checkov --file template.yaml .local/gates/translated.json

e2e: env .local/emulator/.complete .local/sam/.complete .local/runtime/.complete  ## end to end, on the local stack
	$(RUN)/pytest -rs tests/e2e

simulate-faults: env  ## crash, lose, repeat and reorder everything, a thousand times
	$(RUN)/python -m tests.simulation --all-kinds --histories $(HISTORIES) --shrinking $$(( $(HISTORIES) / 5 ))

mutants: env  ## plant bugs in the protocol and show what catches each
	$(RUN)/python -m tests.mutants --histories $(HISTORIES)

kill-matrix: env .local/emulator/.complete .local/kinesis/.complete  ## kill or stop a process at every step, and see what was learned
	@$(RUN)/python -m tests.kill $(ROWS)

soak: up  ## SECONDS of traffic on the local stack while its workers are killed, and the accounts
	@$(RUN)/python -m tests.soak --seconds $(SECONDS)

down: env  ## stop it; the next `make up` finds everything as it was
	@$(RUN)/python -m cli local down

status: env  ## does it run, and how is it used?
	@$(RUN)/python -m cli local status

clean: down  ## forget the local stack: its events, its models, its key
	rm -rf .local/state .local/key .aws-sam

pins: $(patsubst %.in,%.pins,$(wildcard layers/*/requirements.in requirements/*.in))  ## renew every requirements.txt from its .in

# What is pinned to what others pin comes after them.
requirements/study.pins: requirements/dev.pins
requirements/peers.pins requirements/peers-build.pins: requirements/study.pins

# Data in a package whose code is for an older Python, and never runs.
requirements/open-bandit.pins: pinned_for := --no-deps --python-version 3.12

%.pins: pinned_for = --universal --python-version 3.13
%.pins: $(UV)
	@echo "Pinning $*.txt ..."
	@cd $(@D) && $(CURDIR)/$(UV) pip compile --quiet --upgrade --generate-hashes --no-emit-index-url \
	  --no-header $(pinned_for) $(*F).in --output-file $(*F).txt

$(UV): requirements/uv.txt
	@test -n "$(PYTHON)"
	@echo "Installing uv ..."
	@$(PYTHON) -m venv .local/uv
	@.local/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.complete: requirements/dev.txt $(UV)
	@echo "Installing the layers' packages, the command line's and the tests' ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .venv/bin/python requirements/dev.txt
	@$(call importable,$(RUN)/python)
	@touch $@

# Tools have environments of their own: two pin the botocore they need, and beside Lambda's runtime
# (runtime) nothing may be importable that the layers lack.
.local/emulator/.complete .local/sam/.complete .local/runtime/.complete .local/gates/.complete: .local/%/.complete: requirements/%.txt $(UV)
	@echo "Installing the $* tools ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .local/$*
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .local/$*/bin/python requirements/$*.txt
	@touch $@

# What the learning study needs besides the developer's environment: data sets and peers, one of which
# is compiled here.
.local/study/.complete: requirements/study.txt $(UV)
	@echo "Installing the study's tools ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .local/study
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .local/study/bin/python requirements/study.txt
	@$(call importable,.local/study/bin/python)
	@rm -f .local/study/.peers
	@touch $@

.local/study/.peers: requirements/peers.txt requirements/peers-build.txt .local/study/.complete
	@if ! command -v c++ >/dev/null; then echo "No C++ compiler here: contextualbandits is left out."; else \
	  echo "Compiling contextualbandits ..." && DONT_SET_MARCH=1 $(UV) pip install --quiet --no-deps --require-hashes \
	    --build-constraints requirements/peers-build.txt --python .local/study/bin/python -r requirements/peers.txt && \
	  touch $@; fi

.local/open-bandit/.complete: requirements/open-bandit.txt $(UV)
	@echo "Fetching the Open Bandit Dataset ..."
	@$(UV) pip install --quiet --no-deps --require-hashes --python-version 3.12 --target $(@D) -r $<
	@touch $@

# The emulator whose shards split and merge. Nobody but the kill matrix needs it, or Node.js.
.local/kinesis/.complete: tests/kill/kinesis/package-lock.json
	@if ! command -v npm >/dev/null; then echo "No npm here: rows that reshard the hub are skipped."; else \
	  echo "Installing the kinesis tools ..." && mkdir -p $(@D) && cp tests/kill/kinesis/package*.json $(@D) && \
	  (cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund) && touch $@; fi
