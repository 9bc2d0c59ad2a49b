# make demo     the main job on an invented company, nothing needed but Python 3.11+
# make test     everything CI checks, in minutes
# make bench    what pulls and reports cost, beside other tools; ALL=1 for the large ones too
# make peers    whether other tools read the sandbox, and say of its deals what connector says
# make faults   every fault a CRM or a machine can have against real pulls, as a table per CRM
# make worlds   what reports find in worlds of known truth; WORLDS=200 is how many
# make kills    kill -9 at hundreds of points; POINTS=100000 takes every one
# make mutants  whether the tests notice a broken planner
# make leads    the confidence of 2,000 leads: applied among people, killed, resumed, undone; LEADS=n

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test bench peers faults worlds kills mutants leads clean

demo: $(VENV)/installed
	$(BIN)/connector demo

test: $(VENV)/installed-for-tests
	$(BIN)/ruff check --output-format concise .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

bench: $(VENV)/installed-for-tests
	$(BIN)/python -m tests.bench $(if $(ALL),--all)

peers: $(VENV)/installed-for-tests
	$(BIN)/python -m tests.peers

faults: $(VENV)/installed-for-tests
	$(BIN)/python -m tests.faults.table $(ONLY)

worlds: $(VENV)/installed-for-tests
	$(BIN)/python -m tests.worlds $(WORLDS)

kills: $(VENV)/installed-for-tests
	KILL_POINTS=$(or $(POINTS),300) $(BIN)/pytest tests/jobs/test_kills.py tests/store/test_kill.py

mutants: $(VENV)/installed-for-tests
	$(BIN)/python tests/reconcile/mutants.py

leads: $(VENV)/installed-for-tests
	LEADS=$(or $(LEADS),2000) $(BIN)/pytest -s tests/cli/test_lead_confidence.py -k killed

clean:
	rm -rf $(VENV) .venv-peers connector-demo

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/installed-for-tests: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/installed
