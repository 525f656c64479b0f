# `make` lists the targets. Tools are installed into ./bin at these versions;
# Go and, for the race detector, a C compiler are all that is needed before.
GOLANGCI_LINT_VERSION := v2.15.0
GOVULNCHECK_VERSION   := v1.8.0

# The installed Go is used as it is: a build never downloads another one.
export GOTOOLCHAIN := local

BIN         := $(CURDIR)/bin
LINT        := $(BIN)/golangci-lint-$(GOLANGCI_LINT_VERSION)
GOVULNCHECK := $(BIN)/govulncheck-$(GOVULNCHECK_VERSION)

VERSION ?= $(shell git describe --tags --dirty 2>/dev/null)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# The race detector needs a C compiler; without one the tests run without it.
RACE     := $(if $(shell command -v $(firstword $(shell go env CC)) 2>/dev/null),-race)
FUZZTIME ?= 20s
KILLS    ?= 200
SCHEDULES ?= 100000
SEED     ?= 1
# Tests that tell stories wait more than they compute, so that more of them than
# there are processors run at a time.
PARALLEL ?= 4
# Of a package; on a fresh machine some compile programs first.
TIMEOUT  ?= 20m
SOAK     ?= 30m
BASE     ?= main

.DEFAULT_GOAL := help
.PHONY: help build demo test race faults fuzz soak torture schedules cover bench bench-scale bench-compare memory fmt fmt-check vet lint tidy-check vuln check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build ./bin/vecload, one static file
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/vecload ./cmd/vecload

# $(call ask,QUESTION) shows a search and what it finds.
ask = @printf '\n$$ vecload search -c configs/godocs.yaml -k 3 "%s"\n' $(1) && $(BIN)/vecload search -c configs/godocs.yaml -k 3 $(1)

demo: build ## index the documentation of Go's standard library, and search it
	@CGO_ENABLED=0 go run -trimpath ./cmd/godocs -out demo
	@printf '\n$$ vecload run -c configs/godocs.yaml\n' && $(BIN)/vecload run -c configs/godocs.yaml
	$(call ask,"copy bytes from a reader to a writer")
	$(call ask,"remove leading and trailing white space from a string")
	$(call ask,"walk a directory tree and visit every file")

# Before a merge, property tests try what they tried the last time, so that a
# failure is of the change; SEED=0 has them try something new, as schedules does.
test race cover: export RAPID_SEED = $(SEED)

test: ## run all tests, with the race detector where there is a C compiler
	@$(if $(RACE),true,echo "note: no C compiler found, so the tests run without the race detector")
	go test $(RACE) -shuffle=on -parallel $(PARALLEL) -timeout $(TIMEOUT) ./...

race: ## run all tests with the race detector, or fail
	go test -race -shuffle=on -parallel $(PARALLEL) -timeout $(TIMEOUT) ./...

faults: ## meet every fault of an endpoint in every way, over every protocol
	go test -count=1 -parallel $(PARALLEL) -run 'Fault|Endpoint|Redirects|UsableVector' ./cmd/vecload -all-faults

fuzz: ## run each fuzz target for FUZZTIME (20s, or a number: 500x)
	./.ci/fuzz $(FUZZTIME)

soak: ## refresh indexes under faults for SOAK (30m), and one run beside it
	go test -count=1 -v -run 'TestRoundsOfFaults' -timeout 3h ./cmd/vecload -soak $(SOAK) & \
	rounds=$$!; go test -count=1 -v -run 'TestOneLongRun' -timeout 3h ./cmd/vecload -soak $(SOAK); \
	one=$$?; wait $$rounds && exit $$one

torture: build ## kill the program KILLS times (200) at random moments, some minutes (QDRANT_URL, TORTURE=-help)
	go build -o $(BIN)/torture ./cmd/torture
	$(BIN)/torture -vecload $(BIN)/vecload -kills $(KILLS) $(TORTURE)

schedules: ## try SCHEDULES random schedules of faults, interrupts and restarts in virtual time
	go test -timeout 3h -v ./cmd/vecload -run TestWhateverHappensNothingIsLost -rapid.checks=$$(( $(SCHEDULES) / 3 ))

cover: | $(BIN) ## run all tests and show how much of each package they reach
	go test -coverpkg=./... -coverprofile=$(BIN)/cover.out ./...
	go tool cover -func=$(BIN)/cover.out | tail -n 1

bench: build ## measure documents a second, CPU time and memory, some ten minutes (BENCH=-help)
	go build -o $(BIN)/bench ./cmd/bench
	$(BIN)/bench -vecload $(BIN)/vecload -json $(BIN)/bench.json $(BENCH)

bench-scale: build ## measure what a document costs in corpora of 10,000 to a million, some minutes (BENCH=-help)
	go build -o $(BIN)/bench ./cmd/bench
	$(BIN)/bench scale -vecload $(BIN)/vecload -json $(BIN)/scale.json $(BENCH)

bench-compare: ## compare the functions that most time is spent in with those of BASE (main), some minutes
	.ci/bench-compare $(BASE)

memory: build ## watch the memory of runs of ten million documents, most of an hour (BENCH=-large or -wide: large documents, wide files)
	go build -o $(BIN)/bench ./cmd/bench
	$(BIN)/bench memory -vecload $(BIN)/vecload -json $(BIN)/memory.json -sizes 10000000 -index qdrant $(BENCH)

fmt: $(LINT) ## format all code
	$(LINT) fmt

fmt-check: $(LINT) ## fail where the code is not formatted
	$(LINT) fmt --diff

vet: ## run go vet
	go vet ./...

lint: $(LINT) ## run the linters, which also check who may import whom
	$(LINT) run ./...

# -e: what only the tests of a dependency import may be out of a mirror's reach.
tidy-check: ## fail where go.mod or go.sum are not tidy
	go mod tidy -e -diff

vuln: $(GOVULNCHECK) ## look for known vulnerabilities, which needs the network
	$(GOVULNCHECK) ./...

check: ## everything that is checked before a change is merged
	./.ci/run

clean: ## remove what was built
	rm -rf $(BIN) demo dist

$(BIN):
	mkdir -p $@

$(LINT): | $(BIN)
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv $(BIN)/golangci-lint $@

$(GOVULNCHECK): | $(BIN)
	GOBIN=$(BIN) go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
	mv $(BIN)/govulncheck $@
