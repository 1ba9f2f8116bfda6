# Tollgate. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .ci/bin
OUT := reports/out
# RTT is the network round trip that the scenarios add on both transports; SEED 0 takes the profile's seed.
RTT ?= 5ms
SEED ?= 0
VERIFY = go run ./scenarios/cmd/verify --rtt $(RTT) --seed $(SEED) --out $(OUT)

.PHONY: help verify verify-phase1 verify-phase2 test test-race lint fmt generate ci clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

verify: ## run every phase's scenario on 1000 jobs and judge it
	$(VERIFY) phase1 phase2

verify-phase1: ## cache and limiters over REST: connections, commands, errors, latency (R6)
	$(VERIFY) phase1

verify-phase2: ## all queues on one shared connection: connections, commands, job success (R12)
	$(VERIFY) phase2

test: ## run the unit and scenario tests
	go test -timeout 10m ./...

test-race: ## the same under the race detector
	go test -race -timeout 20m ./...

lint: $(BIN)/golangci-lint ## check style, import rules and common mistakes
	$(BIN)/golangci-lint run
	.ci/check-sleeps

fmt: $(BIN)/golangci-lint ## format all Go files
	$(BIN)/golangci-lint fmt

generate: $(BIN)/mockery ## write the mocks of fakes/mocks anew
	$(BIN)/mockery

ci: ## all that guards main
	.ci/run

clean: ## remove reports and built tools
	rm -rf $(OUT) $(BIN)

# The tools are built from the versions pinned in .ci/tools/go.mod.
$(BIN)/golangci-lint: .ci/tools/go.mod .ci/tools/go.sum
	cd .ci/tools && go build -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(BIN)/mockery: .ci/tools/go.mod .ci/tools/go.sum
	cd .ci/tools && go build -o ../bin/mockery github.com/vektra/mockery/v2
