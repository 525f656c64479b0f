package main

import (
	"context"
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/pipeline"
)

func verifyCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "tell whether the index is what the corpus says",
		ArgsUsage: "[FILE|FOLDER|GLOB|-]...",
		Description: `Reads the corpus, asks the index for every point and lists all points that it
holds: what is missing, differs or is too much is told. A sample of the chunks
that agree is embedded again and compared with what is stored, and searched for
with and without the help of the index's graph. Nothing is changed.

The exit code is 0 when all agrees and 1 when something does not; vecload run
mends what differs.`,
		Flags: flags(sourceFlags(), embedFlags(), loadFlags(), indexFlags(), []cli.Flag{
			hybridFlag(),
			&cli.IntFlag{Name: "sample", Value: 64, Usage: "embed `N` chunks of each vector again, 0 for none"},
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			if n := c.Int("sample"); n < 0 || n > 10_000 {
				return &usageError{err: errors.New("--sample must be from 0 to 10000"), hint: "64 find a change of the model"}
			}
			a, ctx, stop, release, err := startOver(c, p)
			if err != nil {
				return err
			}
			defer release()
			found, err := a.verify(ctx, stop, c.Int("sample"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				err = found.writeJSON(p.stdout)
			} else {
				found.print(p.stdout)
			}
			if !found.agrees() {
				err = errors.Join(err, errDiffers)
			}
			return err
		},
	}
}

// errDiffers ends `vecload verify`: what differs was told.
var errDiffers = errors.New("the index is not what the corpus says")

// verified is what was found out about an index.
type verified struct {
	Index     string         `json:"index"`
	Agrees    bool           `json:"agrees"`
	Documents int64          `json:"documents"` // of the corpus
	Missing   int64          `json:"missing"`   // documents of which the index holds nothing
	Changed   int64          `json:"changed"`   // documents of which it holds another text or image, or not all
	Updated   int64          `json:"updated"`   // documents that differ beside their vectors
	Rejected  int64          `json:"rejected"`  // records of the corpus that can be in no index
	Left      int64          `json:"left"`      // points of records that are rejected now; 0 where that cannot be told, beside missing or changed documents
	Unsure    bool           `json:"unsure"`    // some records could not be read so far as their id, so that extra is not known
	Extra     int64          `json:"extra"`     // points of documents that the corpus does not hold
	Tails     int64          `json:"tails"`     // points behind the last chunks of documents
	Expected  int64          `json:"expected"`  // points
	Points    int64          `json:"points"`    // that the index holds, counted exactly
	Vectors   []verifiedLane `json:"vectors"`
}

// verifiedLane is what was found out about one vector by a sample.
type verifiedLane struct {
	Vector   string  `json:"vector"`
	Sample   int     `json:"sample"`             // chunks that were embedded again
	Differ   int     `json:"differ"`             // of those: vectors that are not those which are stored
	Cosine   float64 `json:"cosine"`             // the lowest between a stored vector and the new one
	Searches int     `json:"searches,omitempty"` // that recall is the average of
	Recall   float64 `json:"recall"`             // share of the 10 nearest points that a search finds; 1 where all are compared anyway
}

func (v *verified) agrees() bool {
	whole := v.Missing+v.Changed+v.Updated+v.Extra+v.Tails == 0 && v.Points == v.Expected
	return whole && !slices.ContainsFunc(v.Vectors, func(l verifiedLane) bool { return l.Differ > 0 })
}

// verify compares the index with the corpus.
func (a assembly) verify(ctx, stop context.Context, sample int) (*verified, error) {
	read, err := a.corpus(stop)
	if err != nil {
		return nil, err
	}
	models, lanes, release, err := a.unasked()
	if err != nil {
		return nil, err
	}
	defer release()
	target, err := a.existing(stop, models)
	if err != nil {
		return nil, err
	}
	if target == nil {
		return nil, a.misaimed("there is no index", "run vecload run first, or name another index")
	}
	defer target.Close() //nolint:errcheck // nothing was written to it
	plan, err := a.count(ctx, stop, read.Progress, pipeline.Pipeline{
		Source: read, Lanes: lanes, KeepText: a.config.Index.Text,
		Refresh: &pipeline.Refresh{Index: target, Careful: true, DeleteMissing: &pipeline.DeleteMissing{MaxShare: 1}},
	}, sample)
	if err != nil {
		return nil, err
	}
	found := &verified{
		Index: indexName(a.config.Index), Documents: plan.Read, Missing: plan.New, Changed: plan.Changed, Updated: plan.Updated,
		Rejected: plan.Rejected, Extra: plan.Missing, Tails: plan.Tails, Unsure: plan.KeptMissing,
	}
	if found.Points, err = target.Count(stop); err != nil {
		return nil, err
	}
	for i := range lanes {
		found.Expected += plan.Lanes[i].Whole
		one, err := a.compare(stop, target, models[i], &lanes[i], plan.Lanes[i].Done)
		if err != nil {
			err = models[i].lane.named(models[i].lane.explain(stop, err))
			return nil, withHint(err, "--sample 0 compares all but the vectors, without asking the model")
		}
		found.Vectors = append(found.Vectors, one)
	}
	if found.Missing+found.Changed == 0 && !found.Unsure {
		found.Left = max(0, found.Points-found.Expected-found.Extra-found.Tails)
	}
	found.Agrees = found.agrees()
	return found, nil
}

// compare embeds a sample of chunks again, and searches for what is stored of
// them.
func (a assembly) compare(ctx context.Context, target index, m model, l *pipeline.Lane, sample []pipeline.Chunk) (verifiedLane, error) {
	out := verifiedLane{Vector: l.Vector, Cosine: 1, Recall: 1}
	if len(sample) == 0 {
		return out, nil
	}
	ids := make([]pipeline.PointID, len(sample))
	for i := range sample {
		ids[i] = pipeline.NewPointID(l.Vector, sample[i].Doc.ID, sample[i].Index)
	}
	stored, err := target.Vectors(ctx, l.Vector, ids)
	if err != nil {
		return out, err
	}
	for some := range slices.Chunk(slices.Collect(indexes(len(sample))), max(l.Limits.Texts, 1)) {
		inputs := make([]string, len(some))
		for i, at := range some {
			if inputs[i], err = inputOf(ctx, l, &sample[at]); err != nil {
				return out, err
			}
		}
		vectors, err := m.Embed(ctx, inputs)
		if err != nil {
			return out, err
		}
		for i, at := range some {
			out.Sample++
			cosine := stored[at].Cosine(vectors.At(i))
			if !(cosine >= pipeline.SameCosine) { // also what is not stored
				out.Differ++
			}
			out.Cosine = min(out.Cosine, cosine)
		}
	}
	out.Searches, out.Recall, err = a.recall(ctx, target, l.Vector, stored)
	out.Cosine, out.Recall = toMicros(out.Cosine), toMicros(out.Recall)
	return out, err
}

// indexes yields the numbers below n.
func indexes(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// inputOf is what the embedder takes of a chunk.
func inputOf(ctx context.Context, l *pipeline.Lane, c *pipeline.Chunk) (string, error) {
	if !c.Image {
		return c.Text, nil
	}
	return l.Image(ctx, c.Doc.Image, c.Doc.Origin)
}

// recall is the share of the nearest points that a search finds, on average
// over the vectors, where the index may miss some.
func (a assembly) recall(ctx context.Context, target index, name string, vectors []pipeline.Vector) (searches int, recall float64, err error) {
	const nearest, most = 10, 64
	exact, err := a.exactIndex()
	if err != nil || exact == nil {
		return 0, 1, err
	}
	defer func() { err = errors.Join(err, exact.Close()) }()
	sum := 0.0
	for _, vector := range vectors[:min(len(vectors), most)] {
		if vector == nil {
			continue
		}
		all, err := exact.Search(ctx, name, vector, nearest)
		if err != nil {
			return 0, 0, err
		}
		found, err := target.Search(ctx, name, vector, nearest)
		if err != nil {
			return 0, 0, err
		}
		sum += shareFound(all, found)
		searches++
	}
	return searches, sum / float64(max(searches, 1)), nil
}

// shareFound is the share of all that was found. Points as near as the last
// one stand for each other.
func shareFound(all, found []pipeline.Hit) float64 {
	if len(all) == 0 {
		return 1
	}
	const rounding = 1e-5
	last, n := all[len(all)-1].Score, 0
	for _, hit := range found {
		if hit.Score >= last-rounding {
			n++
		}
	}
	return min(1, float64(n)/float64(len(all)))
}
