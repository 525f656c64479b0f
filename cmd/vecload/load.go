package main

import (
	"fmt"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
	"github.com/vecload/vecload/pipeline/embedders/tei"
	"github.com/vecload/vecload/pipeline/retry"
)

// endpointLoad is what the policies around one client are made of, beside the
// configuration.
type endpointLoad struct {
	known embedders.Known       // what the server says of itself
	count pipeline.TokenCounter // nil: tokens are estimated
	// others tells that another endpoint can take over: then an endpoint that
	// failed again and again is left at once instead of being waited for.
	others bool
	shared embedders.Places // bounds what all endpoints have in flight; nil for one
}

// batchWindow is how many batches are gathered to put texts of like length
// together, at most: with 16 of 32 texts, what a server fills up is some
// percent. Twice what is in flight is enough to go on with, and bounds what a
// run that is interrupted has still to finish.
func batchWindow(inFlight int) int { return min(2*inFlight, 16) }

// underWay is how many batches are embedded at the same time: as many as there
// may be requests, which [embedders.Load] bounds, and some more that are made
// ready to be sent next, or whose vectors are made of an answer. Who asks for
// one request at a time has one batch under way, too.
func underWay(inFlight int) int {
	const more = 8
	return inFlight + min(inFlight-1, more)
}

// batchesWaiting is how many batches with vectors wait to be written, at most:
// what eight rounds of requests bring. A commit to SQLite on a disk that others
// use as well was seen to take a second, while all requests stood still. More
// would be lost, and paid for again, when a run is killed. The vectors of 64
// batches of 32 texts take 3 MB with 384 dimensions and 32 MB with 4096, which
// is the most that those of larger batches may take; perBatch is that of one.
func batchesWaiting(inFlight, perBatch int) int {
	const most = 32 << 20
	return min(8*inFlight, 64, max(most/max(perBatch, 1), 1))
}

// bounds lowers the bounds of batches to what every endpoint is known to
// take, so that none of them has to cut what was meant for another.
func bounds(endpoints []embedders.Endpoint) pipeline.Bounds {
	var splits []*embedders.Split
	for _, e := range endpoints {
		if split, ok := e.Embedder.(*embedders.Split); ok {
			splits = append(splits, split)
		}
	}
	return func(texts, tokens, bytes int) (int, int, int) {
		for _, split := range splits {
			texts, tokens, bytes = split.Bounds(texts, tokens, bytes)
		}
		return texts, tokens, bytes
	}
}

// batchCounter counts the tokens of a text as the server sees it: with the
// prefix, and with the two that models of this vocabulary put around each.
// The model inside the program takes any number, so that counting them
// exactly would only read every text twice.
func (l lane) batchCounter(count pipeline.TokenCounter) pipeline.TokenCounter {
	if l.Embed.Model == configs.Builtin {
		return pipeline.EstimateTokens
	}
	more := 2
	if count == nil {
		count, more = pipeline.EstimateTokens, 0
	}
	if prefix := l.Embed.Prefix.Document; prefix != "" {
		more += count(prefix)
	}
	return func(text string) int { return count(text) + more }
}

// vocabulary counts the tokens of models that read as the one inside the
// program does; nil for others, whose tokens are estimated.
func (l lane) vocabulary() (pipeline.TokenCounter, error) {
	if l.ofImages() {
		return func(string) int { return 1 }, nil // no server tells tokens of images
	}
	if !builtin.SharesVocabulary(l.Embed.Model) {
		return nil, nil
	}
	table, err := builtin.New()
	if err != nil {
		return nil, err
	}
	return table.CountTokens, nil
}

// stack puts the policies around the client of one endpoint: innermost the
// question what it serves, then the controller of its load, check, retry and
// split. Nothing in it is shared with other endpoints.
func (l lane) stack(client pipeline.Embedder, used *usage, o endpointLoad) *embedders.Split {
	embed := l.Embed
	_, countsTexts := client.(*tei.Client)
	var split *embedders.Split
	asked := embedders.NewAsked(client, func(known embedders.Known) { split.Learn(known) })
	load := embedders.NewLoad(metered{asked, used}, embedders.LoadOptions{
		InFlight:    embed.InFlight,
		CountsTexts: countsTexts,
		Shared:      o.shared,
		MaxPause:    embed.RetryFor,
		Counters:    l.counters,
		Opened: func(wait time.Duration, err error) {
			l.show.waiting("the endpoint is left alone: "+clip(err.Error(), 160), wait)
		},
	})
	policy := retry.Default()
	policy.Budget, policy.WarmBudget = embed.RetryFor, embed.WarmUp
	policy.Share, policy.Succeeded = retry.NewShare(), load.Took
	if o.others {
		policy.GiveUp = embedders.IsOpen
	}
	again := retry.NewEmbedder(embedders.NewCheck(load).Of(used.endpoint), policy, func(e retry.Event) {
		if embedders.IsOpen(e.Err) {
			return // no call was made, and the opening was told
		}
		l.counters.Retries.Add(1)
		l.show.waiting(waitingFor(e), e.Delay)
	})
	split = embedders.NewSplit(again, embedders.SplitOptions{Known: o.known, Load: load, Count: o.count, Probe: l.probeInputs()[0], Counters: l.counters})
	return split
}

func waitingFor(e retry.Event) string {
	switch e.Class {
	case pipeline.Warming:
		return "the model seems to be warming up, " + shortDuration(e.Spent)
	case pipeline.Throttled:
		return "the endpoint asks to wait"
	case pipeline.Transient, pipeline.Fatal, pipeline.Oversize, pipeline.Rejected,
		pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured:
	}
	return fmt.Sprintf("try %d failed: %s", e.Attempt, clip(e.Err.Error(), 160))
}
