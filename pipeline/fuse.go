package pipeline

import (
	"bytes"
	"cmp"
	"slices"
)

// fusionK is the constant of reciprocal rank fusion that its authors found
// (Cormack, Clarke and Büttcher, SIGIR 2009), and that Qdrant and others use: the
// first of a list counts 1/61, the hundredth 1/160.
const fusionK = 60

// Fused is a hit of two lists. The Score of its Hit is the sum of 1/(60 + rank)
// over the lists that hold it.
type Fused struct {
	Hit

	Dense  Ranked // in the list of the nearest by their vectors
	Sparse Ranked // in the list of the best by their sparse vectors
}

// Ranked is a place in a list; the zero Ranked is that of a hit which the list
// does not hold.
type Ranked struct {
	Rank  int // from 1
	Score float64
}

// Fuse makes one list of two by reciprocal rank fusion, best first, at most
// limit: ranks are compared, since a cosine and a sum of weights cannot be.
// Each list holds a point once at most. Hits of equal score come in the order
// of their point ids.
func Fuse(dense, sparse []Hit, limit int) []Fused {
	fused := make([]Fused, 0, len(dense)+len(sparse))
	places := make(map[PointID]int, len(dense))
	for i, hit := range dense {
		places[hit.ID] = len(fused)
		fused = append(fused, Fused{Hit: hit, Dense: Ranked{Rank: i + 1, Score: hit.Score}})
	}
	for i, hit := range sparse {
		place, ok := places[hit.ID]
		if !ok {
			place = len(fused)
			fused = append(fused, Fused{Hit: hit})
		}
		fused[place].Sparse = Ranked{Rank: i + 1, Score: hit.Score}
	}
	for i := range fused {
		fused[i].Score = fused[i].Dense.share() + fused[i].Sparse.share()
	}
	slices.SortFunc(fused, func(a, b Fused) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return fused[:min(max(limit, 0), len(fused))]
}

// share is what a place adds to the score.
func (r Ranked) share() float64 {
	if r.Rank == 0 {
		return 0
	}
	return 1 / float64(fusionK+r.Rank)
}
