# Tollgate. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .ci/bin
OUT := reports/out
# REDIS is what holds the data behind the fake Upstash: embedded, container (needs Docker) or the redis:// URL of
# an empty database. REDIS_IMAGE is the name of the image that `make redis-image` builds.
REDIS ?= embedded
REDIS_IMAGE ?= tollgate-redis:local
# RTT is the network round trip that the scenarios add on both transports; SEED 0 takes the profile's seed.
RTT ?= 5ms
SEED ?= 0
VERIFY = $(BIN)/verify --redis '$(REDIS)' --rtt $(RTT) --seed $(SEED) --out $(OUT)

.PHONY: help verify verify-phase1 verify-phase2 verify-month verify-all signoff redis-image js test test-race test-crash test-conformance check-report fuzz bench-fake bench-thrift lint $(BIN)/verify $(BIN)/signoff $(BIN)/benchthrift fmt generate ci clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

verify: $(BIN)/verify ## both phases on 1000 jobs, judged, and one report to sign before a deploy
	@$(VERIFY) phase1 phase2

# MONTH has more flags of the month, such as --stage phase2, --seeds 1, --faults or --profile my-month.yaml.
verify-all: $(BIN)/verify ## both phases and both months, and one report over all of them
	@$(VERIFY) phase1 phase2 month $(MONTH)

verify-phase1: $(BIN)/verify ## cache and limiters over REST: connections, commands, errors, latency (R6)
	@$(VERIFY) phase1

verify-phase2: $(BIN)/verify ## all queues on one shared connection: connections, commands, job success (R12)
	@$(VERIFY) phase2

verify-month: $(BIN)/verify ## 30 days of phase2 and phase3 in virtual time, every command counted (R12, R19, R21)
	@$(BIN)/verify month --rtt $(RTT) --seed $(SEED) --out $(OUT) $(MONTH)

signoff: $(BIN)/signoff ## one report over the results that are in reports/out
	@$(BIN)/signoff report --require phase1,phase2 --out $(OUT)/signoff $(OUT)

redis-image: ## build a Redis image for REDIS=container, without a registry, from the redis-server here
	@fakes/upstash/engine/container/image/build $(REDIS_IMAGE)
	@echo 'To use it: export TOLLGATE_REDIS_IMAGE=$(REDIS_IMAGE) TESTCONTAINERS_RYUK_DISABLED=true'
	@if [ -f /.dockerenv ]; then echo 'and, as this is a container: export TESTCONTAINERS_HOST_OVERRIDE=localhost'; fi

js: ## fetch Upstash's own JavaScript libraries, with which fakes/conformance tests the fake (needs Node.js and npm)
	cd fakes/conformance/js && npm ci

test-conformance: ## the fake against its engines, a redis-server and Upstash's libraries: what is not there is named
	go test -count=1 -v ./fakes/conformance | grep -E '^(---|ok|FAIL|panic| +[a-z_]+_test.go:[0-9]+:|    --- (FAIL|SKIP))'; exit $${PIPESTATUS[0]}

# FUZZTIME is for each of the fuzz tests.
FUZZTIME ?= 20s
fuzz: ## every fuzz test for FUZZTIME each
	@set -e; packages=$$(go list ./...); for package in $$packages; do \
	  all=$$(go test -list '^Fuzz' $$package); \
	  for name in $$(grep '^Fuzz' <<<"$$all" || true); do \
	    echo "$$package $$name"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) $$package; \
	  done; \
	done

bench-fake: ## what the fake costs: RESP before a redis-server, beside toxiproxy; REST beside a bare HTTP handler
	go run ./fakes/cmd/bench
	go test -run '^$$' -bench BenchmarkREST -benchtime 25x ./fakes/upstash/rest

bench-thrift: $(BIN)/benchthrift ## plain asynq beside every level of thrift: commands, connections, speed, CPU (BENCH='--only rest' for a part)
	@$(BIN)/benchthrift $(BENCH)

test: ## run the unit and scenario tests
	go test -timeout 10m ./...

test-race: ## the same under the race detector
	go test -race -timeout 20m ./...

# CRASH has flags of the tests, such as -thrift.seed 100 or -thrift.sequences 2. With -parallel both run at once.
test-crash: ## asynq's processes crash and are killed on redis-servers, under thrift and without (about three minutes)
	go test -count=1 -timeout 15m -parallel 2 -v -run '^(TestEveryKeyAfterCrashesOnRedis|TestKilledProcessesLoseNoJob)$$' \
	  ./system/thrift -thrift.crash $(CRASH) | grep -vE '^ *(===|--- PASS)'; exit $${PIPESTATUS[0]}

check-report: ## open the pages of reports in Chromium; pictures and prints go to reports/out/screenshots
	TOLLGATE_SCREENSHOTS=$(CURDIR)/$(OUT)/screenshots go test -count=1 -run TestPagesInABrowser -v ./reports

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

# Not go run: that turns every exit code into 1.
$(BIN)/verify:
	@go build -buildvcs=false -o $@ ./scenarios/cmd/verify

$(BIN)/signoff:
	@go build -buildvcs=false -o $@ ./reports/cmd/signoff

$(BIN)/benchthrift:
	@go build -buildvcs=false -o $@ ./scenarios/cmd/benchthrift

# The tools are built from the versions pinned in .ci/tools/go.mod.
$(BIN)/golangci-lint: .ci/tools/go.mod .ci/tools/go.sum
	cd .ci/tools && go build -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(BIN)/mockery: .ci/tools/go.mod .ci/tools/go.sum
	cd .ci/tools && go build -o ../bin/mockery github.com/vektra/mockery/v2
