# Thin on purpose: each target is one script, and each script runs without make as well.
.POSIX:
.NOTPARALLEL:
.PHONY: help site test lint lock bench clean

PORT ?= 8000
SERVE ?= 1

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

site: ## Check the catalog, build the site, serve it (PORT=8000; SERVE=0 only builds)
	@PORT='$(PORT)' SERVE='$(SERVE)' sh scripts/site.sh

test: ## Run the linters and all tests
	@sh scripts/test.sh

lint: ## Run ruff, mypy and import-linter
	@sh scripts/lint.sh

lock: ## Write requirements/*.txt anew from pyproject.toml
	@sh scripts/lock.sh

bench: ## Run the benchmarks
	@sh scripts/bench.sh

clean: ## Remove what was built, and the caches; keep .venv
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
