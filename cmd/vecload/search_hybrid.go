package main

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/vecload/vecload/pipeline"
)

// found is what a search found: hits by their vectors or, where words were
// asked for too, those of both.
type found struct {
	hits  []pipeline.Hit
	fused []pipeline.Fused // nil: words were not asked for, or there were none
}

// searchBoth searches by the vector and by the words of a query. Each list is
// longer than what is shown: a hit that is in the middle of both may be better
// than one that leads one of them.
func searchBoth(ctx context.Context, target index, name string, vector pipeline.Vector, words pipeline.Sparse, limit int) (found, error) {
	each := max(10*limit, 100)
	dense, err := target.Search(ctx, name, vector, each)
	if err != nil {
		return found{}, err
	}
	sparse, err := target.SearchSparse(ctx, name, words, each)
	if err != nil {
		return found{}, err
	}
	return found{fused: pipeline.Fuse(dense, sparse, limit)}, nil
}

// print shows what was found to a person.
func (f found) print(w io.Writer) {
	if f.fused == nil {
		printHits(w, f.hits)
		return
	}
	lines := make([]hitLine, len(f.fused))
	for i, hit := range f.fused {
		lines[i] = hitLine{
			Hit: hit.Hit, score: fmt.Sprintf("%.4f", hit.Score),
			note: fmt.Sprintf("  (%s, %s)", placeIn("vector", hit.Dense), placeIn("words", hit.Sparse)),
		}
	}
	printLines(w, lines)
}

// placeIn tells where a hit stands in a list.
func placeIn(list string, r pipeline.Ranked) string {
	if r.Rank == 0 {
		return list + " –"
	}
	return fmt.Sprintf("%s #%d", list, r.Rank)
}

// printJSON prints what was found as a JSON array, one hit a line.
func (f found) printJSON(w io.Writer) error {
	var objects [][]pipeline.Field
	for _, hit := range f.hits {
		objects = append(objects, hitFields(hit))
	}
	for _, hit := range f.fused {
		objects = append(objects, hitFields(hit.Hit,
			pipeline.Field{Name: "dense", Value: rankedValue(hit.Dense)}, pipeline.Field{Name: "sparse", Value: rankedValue(hit.Sparse)}))
	}
	out := []byte("[")
	for i, object := range objects {
		if i > 0 {
			out = append(out, ',')
		}
		out = pipeline.AppendJSONFields(append(out, "\n  "...), object)
	}
	_, err := w.Write(append(out, "\n]\n"...))
	return err
}

// rankedValue is the place in a list for machines; null where the list does
// not hold the hit.
func rankedValue(r pipeline.Ranked) pipeline.Value {
	if r.Rank == 0 {
		return pipeline.Null()
	}
	return pipeline.Object([]pipeline.Field{
		{Name: "rank", Value: pipeline.Int(int64(r.Rank))},
		{Name: "score", Value: pipeline.Float(math.Round(r.Score*1e6) / 1e6)},
	})
}
