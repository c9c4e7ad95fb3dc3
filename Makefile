# make demo      a build on two platforms, on a machine with nothing prepared
# make test      every check and every test, on engines of their own
# make checks    of these, the ones that read the code: ruff and mypy
# make messages  BuildKit's messages, generated anew
# make schemas   the JSON Schemas, generated anew
# make docs      the generated pages of docs/
# make bench     pybake beside the reference
# make scenarios every kind of build beside the reference; `make test` has every fourth
# make soak      builds for an hour with everything going wrong (SOAK_SECONDS)
# make clean     remove what the above made in this folder
#
# Each sets up what it lacks: .venv here, the engine's programs in ~/.cache/pybake-tools.

VENV := .venv
PYTHON := $(VENV)/bin/python

.PHONY: demo test checks engine messages schemas docs bench scenarios soak clean
.DEFAULT_GOAL := test

demo: $(VENV)/.installed
	@$(PYTHON) -m tools.demo

# Half of the tests' time is waiting for engines: more processes than processors.
test: $(VENV)/.dev $(VENV)/.messages
	@$(MAKE) --no-print-directory --jobs=2 checks engine
	$(PYTHON) -m pytest -n 4 --dist=worksteal

checks: $(VENV)/.dev $(VENV)/.messages
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy

engine: $(VENV)/.installed
	$(PYTHON) -m tools.engine setup

messages: $(VENV)/.messages
	$(PYTHON) tools/messages.py

schemas: $(VENV)/.installed
	$(PYTHON) -m tools.schemas

docs: $(VENV)/.installed
	$(PYTHON) -m tools.docs

bench: $(VENV)/.dev
	$(PYTHON) -m tools.bench

scenarios: $(VENV)/.dev
	SCENARIOS=all $(PYTHON) -m pytest -n 2 --dist=worksteal tests/engine/test_scenarios.py

soak: $(VENV)/.dev
	$(PYTHON) -m tools.soak

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find bake tests tools -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml
	@sh tools/venv.sh $(VENV)
	@touch $@

# A stamp for each dependency group: .venv/.dev, .venv/.messages.
$(VENV)/.%: $(VENV)/.installed
	$(PYTHON) -m pip install --quiet --group $*
	@touch $@
