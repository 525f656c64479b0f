package main

import (
	"fmt"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
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
}

// stack puts the policies around the client of one endpoint: the controller
// of its load innermost, then check, retry and split. Nothing in it is shared
// with other endpoints.
func (a assembly) stack(client pipeline.Embedder, o endpointLoad) *embedders.Split {
	embed := a.config.Embed
	_, countsTexts := client.(*tei.Client)
	load := embedders.NewLoad(client, embedders.LoadOptions{
		InFlight:    embed.InFlight,
		CountsTexts: countsTexts,
		MaxPause:    embed.RetryFor,
		Counters:    a.counters,
		Opened: func(wait time.Duration, err error) {
			a.show.waiting("the endpoint is left alone: "+clip(err.Error(), 160), wait)
		},
	})
	policy := retry.Default()
	policy.Budget, policy.WarmBudget = embed.RetryFor, embed.WarmUp
	policy.Share, policy.Succeeded = retry.NewShare(), load.Took
	if o.others {
		policy.GiveUp = embedders.IsOpen
	}
	again := retry.NewEmbedder(embedders.NewCheck(load), policy, func(e retry.Event) {
		if embedders.IsOpen(e.Err) {
			return // no call was made, and the opening was told
		}
		a.counters.Retries.Add(1)
		a.show.waiting(waitingFor(e), e.Delay)
	})
	return embedders.NewSplit(again, embedders.SplitOptions{Known: o.known, Load: load, Count: o.count, Counters: a.counters})
}

func waitingFor(e retry.Event) string {
	switch e.Class {
	case pipeline.Warming:
		return "the model is warming up, " + shortDuration(e.Spent)
	case pipeline.Throttled:
		return "the endpoint asks to wait"
	case pipeline.Transient, pipeline.Fatal, pipeline.Oversize, pipeline.Rejected,
		pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured:
	}
	return fmt.Sprintf("try %d failed: %s", e.Attempt, clip(e.Err.Error(), 160))
}
