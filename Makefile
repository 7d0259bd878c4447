# Every command is one word. `make up` and `make test` are the two a newcomer needs.
.PHONY: help test lint env up down clean demo bench e2e template
export UV_PYTHON_DOWNLOADS = never

PYTHON := $(shell PYTHON="$(PYTHON)" cli/find-python)
UV := .local/uv/bin/uv
RUN := .venv/bin
PORT := 4566

help:  ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 12

test: env  ## run the default tests: no account, no Docker, no emulator
	$(RUN)/pytest -n 2

lint: env  ## what a reviewer would say first
	$(RUN)/ruff check && $(RUN)/ruff format --check && $(RUN)/mypy

env: .venv/.complete

up: env .local/emulator/.complete .local/sam/.complete  ## the whole loop on this machine: prints a URL and a key
	@$(RUN)/python -m cli local up --port $(PORT)

demo: up  ## watch it learn: two data sets as bandits, over HTTP
	@$(RUN)/python -m cli demo

bench: up  ## every figure: name, value, goal
	@$(RUN)/python -m benchmarks

template: .local/sam/.complete  ## check the template
	AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .local/sam/bin/sam validate --lint

e2e: env .local/emulator/.complete .local/sam/.complete .local/runtime/.complete  ## end to end, on the local stack
	$(RUN)/pytest -rs tests/e2e

down: env  ## stop it; the next `make up` finds everything as it was
	@$(RUN)/python -m cli local down

clean: down  ## forget the local stack: its events, its models, its key
	rm -rf .local/state .local/key .aws-sam

$(UV): requirements/uv.txt
	test -n "$(PYTHON)"
	$(PYTHON) -m venv .local/uv
	.local/uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt
	touch $@

.venv/.complete: requirements/dev.txt $(UV)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --require-hashes --python .venv/bin/python requirements/dev.txt
	echo "$(CURDIR)/layers/shared" > .venv/lib/python3.13/site-packages/personalizer.pth
	echo "$(CURDIR)" >> .venv/lib/python3.13/site-packages/personalizer.pth
	touch $@

# Tools have environments of their own: two pin the botocore they need, and beside Lambda's runtime
# (runtime) nothing may be importable that the layers lack.
.local/emulator/.complete .local/sam/.complete .local/runtime/.complete: .local/%/.complete: requirements/%.txt $(UV)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .local/$*
	$(UV) pip sync --quiet --require-hashes --python .local/$*/bin/python requirements/$*.txt
	touch $@
