# The front door. Each target does its own set-up; `make setup` alone shows what that installs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build demo test clean

WEFT := build/release/bin/weft

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo "  ./dev help    the developer's commands: one test, sanitizers, simulator, benchmarks"

setup: ## Install the Debian packages that are missing (says which; uses sudo when not root)
	@tools/setup build node test

build: ## Build the program: build/release/bin/weft
	@tools/setup build
	@cmake --preset release $(if $(VERBOSE),,--log-level=WARNING) -Wno-dev
	@cmake --build build/release --target weft

demo: build ## Watermark 1,000 real pictures in one Distributed Map and check the result
	@tools/setup node
	@examples/watermark/demo.sh

test: setup ## Run every test; the last line is "N passed, N failed"
	@node tests/run.mjs

clean: ## Remove what was built and the demo's data
	rm -rf build demo-data
