package qdrant

import (
	"context"
	"maps"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// holder returns the run that is at a build, and whether there is one: a run
// whose claim changes while it is looked at, and the one that began a build so
// short a time ago that it may not have taken the lease yet. Clocks are
// compared for the latter only, and by the length of a term.
func (p *Publisher) holder(ctx context.Context, name string, info *pb.CollectionInfo) (pipeline.Holder, bool, error) {
	first := decodeNotices(info.GetConfig().GetMetadata()).claims
	if len(first) == 0 {
		n, _ := p.readNote(info)
		_, lent := info.GetConfig().GetMetadata()[cleanKey] // to a run, which gave it back
		young := n.state == Building && !lent && time.Since(n.since) < p.term()
		return pipeline.Holder{Run: n.run, Since: n.since}, young, nil
	}
	// Each is asked for once, since that may be a look at processes.
	maps.DeleteFunc(first, func(_ string, c claim) bool { return p.isDead(c.holder) })
	began := time.Now()
	for len(first) > 0 {
		if err := sleep(ctx, p.term()/looks); err != nil {
			return pipeline.Holder{}, false, err
		}
		asked := time.Now()
		now, err := p.index.collectionInfo(ctx, name)
		if err != nil {
			return pipeline.Holder{}, false, err
		}
		waits := false
		for name, c := range decodeNotices(now.GetConfig().GetMetadata()).claims {
			before, known := first[name]
			if !known && p.isDead(c.holder) {
				continue
			}
			if !known || !c.same(before) {
				return c.holder, true, nil
			}
			term := c.term
			if term <= 0 {
				term = p.term()
			}
			waits = waits || asked.Sub(began) <= term+term/slack
		}
		if !waits {
			break
		}
	}
	return pipeline.Holder{}, false, nil
}

// term is that of a lease.
func (p *Publisher) term() time.Duration {
	if p.index.options.LeaseTerm > 0 {
		return p.index.options.LeaseTerm
	}
	return defaultTerm
}
