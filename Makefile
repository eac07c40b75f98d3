# One target per task. `make demo` and `make test` install what they need.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/academy-worker
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= ap-northeast-2
export PYTHONDONTWRITEBYTECODE := 1

DEBIAN_PACKAGES := tesseract-ocr tesseract-ocr-kor fonts-nanum fonts-noto-cjk \
	libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
PIP_AUDIT := pip-audit==2.10.1
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help
help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# --- environments -----------------------------------------------------------------------------
.PHONY: env debian browser
env: debian .venv/.ready .venv-engine/.ready .venv-tools/.ready  ## Install everything the project needs

# $(call apt,PACKAGES) installs what is missing of them.
define apt
	@missing=$$(for p in $(1); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing Debian packages:" $$missing; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

debian:
	$(call apt,$(DEBIAN_PACKAGES))

browser:
	$(call apt,chromium) || echo "no Chromium to be had: how the report lies on a phone is not tested"

.venv/uv: requirements/uv.txt
	@echo "creating .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@$(PYTHON) -m venv .venv || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@ln -sf bin/uv $@

.venv/.ready: .venv/uv requirements/dev.txt
	@echo "installing the project's packages"
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/python -c 'import pathlib, sysconfig; \
	  root = pathlib.Path.cwd(); \
	  pathlib.Path(sysconfig.get_path("purelib"), "academy.pth").write_text("\n".join(str(root / p) \
	  for p in (".", "layers/jobs/python", "layers/analysis/python", "cli")) + "\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m academy_worker "$$@"\n' > $(RUN) && chmod +x $(RUN)
	@touch $@

.venv-engine/.ready: .venv/uv requirements/engine.txt
	@echo "installing the embedded AWS engine"
	@$(PYTHON) -m venv .venv-engine
	@$(BIN)/uv pip install -q --compile-bytecode --python .venv-engine/bin/python --require-hashes -r requirements/engine.txt
	@touch $@

.venv-tools/.ready: .venv/uv requirements/tools.txt
	@echo "installing the template tools"
	@$(PYTHON) -m venv .venv-tools
	@$(BIN)/uv pip install -q --python .venv-tools/bin/python --require-hashes -r requirements/tools.txt
	@touch $@

.PHONY: lock
lock: .venv/uv  ## Resolve requirements/*.in anew, with hashes
	@for name in uv dev jobs analysis gpu engine tools; do \
	  case $$name in jobs|analysis|gpu) as_tested="-c requirements/dev.txt";; *) as_tested=;; esac; \
	  $(BIN)/uv pip compile $$as_tested -q --universal --generate-hashes --python-version 3.11 --no-header \
	    --no-emit-index-url --no-annotate --no-strip-extras \
	    requirements/$$name.in -o requirements/$$name.txt || exit 1; done

# --- the main job -----------------------------------------------------------------------------
.PHONY: demo submit job stop invoke
demo: env  ## Run the whole system here and send jobs through it; KEEP=1 leaves it up
	@$(RUN) demo $(if $(KEEP),--keep)

submit: .venv/.ready  ## Send a file to the running demo: make submit JOB=omr_grading FILE=sheet.jpg
	@$(RUN) submit $(JOB) $(if $(FILE),"$(FILE)") $(if $(TIER),--tier $(TIER)) $(if $(PAYLOAD),--payload '$(PAYLOAD)')

job: .venv/.ready  ## Show a job of the running demo: make job ID=...
	@$(RUN) job $(ID)

stop: .venv/.ready  ## End a demo that was left up by KEEP=1
	@$(RUN) stop

invoke: .venv/.ready .venv-engine/.ready .venv-tools/.ready  ## Run one function on an event: make invoke FUNCTION=ocr EVENT=events/ocr.json
	@$(RUN) invoke $(FUNCTION) --event $(EVENT)

# --- checks -----------------------------------------------------------------------------------
.PHONY: test check format
test: env browser  ## Unit, protocol, template and integration tests
	@$(BIN)/python -m pytest --junitxml=out/tests.xml $(TESTS)

check: .venv/.ready .venv-tools/.ready  ## Style, types and the template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.venv-tools/bin/sam validate --lint
	.venv-tools/bin/cfn-lint template.yaml -r $(AWS_DEFAULT_REGION)
	$(BIN)/python -m pytest -q tests/template

.PHONY: results soak load capacity
results: env  ## Every reader against its bars: docs/results.md; FULL=1 for the nightly size
	@$(BIN)/python -m benchmarks.results $(if $(FULL),--full)

soak: .venv/.ready  ## The protocol under faults: 100,000 jobs; SCHEDULES=100 for fewer
	@$(BIN)/python -m tests.protocol.soak $(if $(SCHEDULES),--schedules $(SCHEDULES))

load: env  ## 2,000 jobs through the whole stack here, failures mixed in; JOBS=200 for fewer
	@$(BIN)/python -m benchmarks.load $(if $(JOBS),--jobs $(JOBS))

capacity: .venv/.ready  ## Simulate an evening's peak from the template's numbers: docs/capacity.md
	@$(BIN)/python -m benchmarks.capacity

format: .venv/.ready  ## Let ruff mend what it can
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

# --- supply chain and attack ------------------------------------------------------------------
.PHONY: fuzz sbom audit image-report
fuzz: .venv/.ready  ## A million hostile inputs for each parser; INPUTS=10000 for fewer
	@$(BIN)/python -m tests.fuzz $(if $(INPUTS),--inputs $(INPUTS))

sbom: .venv/.ready  ## Write the image's bill of materials to out/sbom.json (CycloneDX)
	@$(RUN) sbom --out out/sbom.json

image-report: .venv/.ready  ## The CPU image's size and its largest packages, without a container engine
	@$(BIN)/python -m benchmarks.image_size

audit: .venv/uv  ## Look the shipped packages up in the vulnerability database (network)
	@for name in analysis jobs gpu; do \
	  echo "requirements/$$name.txt"; \
	  $(BIN)/uv tool run $(PIP_AUDIT) --strict --require-hashes --disable-pip \
	    -r requirements/$$name.txt || \
	    { echo "requirements/$$name.txt: a package is vulnerable, or the database was not reached: see above"; exit 1; }; \
	done

# --- observing and cost -----------------------------------------------------------------------
.PHONY: dashboard cost
dashboard: .venv/.ready  ## Draw the last run's metrics to out/dashboard.html
	@$(RUN) dashboard

cost: .venv/.ready  ## What a month of jobs costs: make cost JOBS=10000
	@$(RUN) cost $(if $(JOBS),--jobs $(JOBS))

# --- the project's own nets --------------------------------------------------------------------
.PHONY: models
models: .venv/.ready  ## Train the small nets anew, or some: make models NETS=number_glyphs
	@layers/analysis/training/train_all.sh $(NETS)

.PHONY: clean
clean:  ## Remove what was built and installed here
	@rm -rf .venv .venv-engine .venv-tools .aws-sam out .mypy_cache .ruff_cache .pytest_cache .hypothesis
