package sinktest

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

const (
	image    = "image"
	imageDim = 5
)

// both are the spaces of an index of texts and images.
func both() pipeline.Spaces {
	return pipeline.Spaces{vector: space(), image: imageSpace()}
}

func imageSpace() pipeline.Space {
	return pipeline.Space{Model: "sinktest/images", Revision: "i1", Dim: imageDim, Normalize: true}
}

// pictures makes n points of images that are ever further from the first axis.
func pictures(n int) []pipeline.Point {
	points := make([]pipeline.Point, n)
	for i := range points {
		v := make(pipeline.Vector, imageDim)
		angle := math.Pi * float64(i) / float64(n)
		v[0], v[1] = float32(math.Cos(angle)), float32(math.Sin(angle))
		points[i] = pointIn(image, "picture-"+string(rune('a'+i)), v, pipeline.Field{Name: "n", Value: pipeline.Int(int64(i))})
		points[i].Text = ""
	}
	return points
}

func eachVectorFindsItsOwnPoints(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	if hits := searchIn(t, index, image, pictures(1)[0].Vector, 3); len(hits) != 0 {
		t.Errorf("an empty index has images: %+v", hits)
	}
	texts, images := randomPoints(30, 8), pictures(20)
	// One call may hold points of both, in any order.
	mixed := slices.Concat(texts[:10], images[:10], texts[10:20])
	write(t, index, mixed...)
	write(t, index, texts[20:]...)
	write(t, index, images[10:]...)
	wantCount(t, index, 50)
	for _, handle := range []Index{index, opened(t, open)} {
		hits := search(t, handle, texts[3].Vector, 100)
		if len(hits) != len(texts) || hits[0].ID != texts[3].ID {
			t.Errorf("%d hits of %d texts", len(hits), len(texts))
		}
		for _, p := range texts {
			wantPoint(t, hits, p)
		}
		hits = searchIn(t, handle, image, images[0].Vector, 100)
		if len(hits) != len(images) {
			t.Fatalf("%d hits of %d images", len(hits), len(images))
		}
		for i, p := range images {
			wantPoint(t, hits, p)
			if hits[i].ID != p.ID {
				t.Errorf("image %d is %q, want %q", i, hits[i].Doc, p.Doc)
			}
			if want := float64(p.Vector[0]); math.Abs(hits[i].Score-want) > 1e-5 {
				t.Errorf("score of %q is %v, want %v", p.Doc, hits[i].Score, want)
			}
		}
		if hits := searchIn(t, handle, image, images[0].Vector, 2); len(hits) != 2 {
			t.Errorf("a limit of 2 gives %d hits", len(hits))
		}
	}
}

func oneChunkHasAPointInEachVector(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	payload := pipeline.Field{Name: "title", Value: pipeline.String("of both")}
	text := point("doc", axis(0), payload)
	picture := pointIn(image, "doc", pictures(1)[0].Vector, payload)
	picture.Text = ""
	for range 2 {
		write(t, index, text, picture)
		wantCount(t, index, 2)
	}
	for _, want := range []pipeline.Point{text, picture} {
		hits := searchIn(t, index, want.Name, want.Vector, 5)
		if len(hits) != 1 {
			t.Errorf("%d hits of %s, want 1", len(hits), want.Name)
		}
		wantPoint(t, hits, want)
	}
}

func aPointOfOneVectorIsReplacedAlone(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	text, images := point("doc", axis(0)), pictures(2)
	picture := pointIn(image, "doc", images[0].Vector, pipeline.Field{Name: "old", Value: pipeline.Int(1)})
	write(t, index, text, picture)
	picture.Vector, picture.Payload, picture.Text = images[1].Vector, nil, "new"
	write(t, index, picture)
	wantCount(t, index, 2)
	wantPoint(t, search(t, index, axis(0), 5), text)
	hits := searchIn(t, index, image, images[1].Vector, 5)
	wantPoint(t, hits, picture)
	if len(hits) != 1 || math.Abs(hits[0].Score-1) > 1e-5 {
		t.Errorf("the new vector is not found: %+v", hits)
	}
}

func aVectorNobodyHasIsTold(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	write(t, index, point("a", axis(0)))
	for _, name := range []string{"audio", "", "Text", "points", vector + "\x00"} {
		_, err := index.Search(t.Context(), name, axis(0), 1)
		wantClass(t, err, pipeline.Misconfigured)
		for _, have := range both().Names() {
			if err != nil && !strings.Contains(pipeline.Hint(err), have) {
				t.Errorf("the hint does not name %q: %q", have, pipeline.Hint(err))
			}
		}
		err = index.Write(t.Context(), []pipeline.Point{point("good", axis(1)), pointIn(name, "bad", axis(0))})
		wantClass(t, err, pipeline.Fatal)
	}
	wantCount(t, index, 1)
	if _, err := index.Search(t.Context(), vector, axis(0), 1); err != nil {
		t.Errorf("Search after the refusals: %v", err)
	}
}

func dimensionsDifferByVector(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	picture := pictures(1)[0].Vector
	for _, bad := range []pipeline.Point{pointIn(image, "bad", axis(0)), point("bad", picture)} {
		err := index.Write(t.Context(), []pipeline.Point{
			point("good", axis(1)), pointIn(image, "good", picture), bad,
		})
		wantClass(t, err, pipeline.Fatal)
		if _, err := index.Search(t.Context(), bad.Name, bad.Vector, 1); err == nil {
			t.Errorf("a query of %s with the dimension of another vector was answered", bad.Name)
		}
	}
	wantCount(t, index, 0)
}

func otherVectorsAreRefused(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	write(t, index, point("a", axis(0)), pictures(1)[0])
	changed := func(name string, change func(*pipeline.Space)) pipeline.Spaces {
		spaces := both()
		space := spaces[name]
		change(&space)
		spaces[name] = space
		return spaces
	}
	for name, other := range map[string]pipeline.Spaces{
		"one vector more":     {vector: space(), image: imageSpace(), "audio": imageSpace()},
		"one vector less":     {vector: space()},
		"only the other":      {image: imageSpace()},
		"another name":        {vector: space(), "picture": imageSpace()},
		"names exchanged":     {vector: imageSpace(), image: space()},
		"another model":       changed(image, func(s *pipeline.Space) { s.Model = "sinktest/other" }),
		"another dimension":   changed(image, func(s *pipeline.Space) { s.Dim++ }),
		"another prefix":      changed(vector, func(s *pipeline.Space) { s.Prefix = "" }),
		"one space for both":  {vector: space(), image: space()},
		"another normalizing": changed(image, func(s *pipeline.Space) { s.Normalize = false }),
	} {
		err := opened(t, open).Prepare(t.Context(), other)
		if err == nil {
			t.Errorf("an index of other vectors was taken: %s", name)
			continue
		}
		wantClass(t, err, pipeline.Misconfigured)
	}
	for _, handle := range []Index{index, opened(t, open)} {
		if got, err := handle.Spaces(t.Context()); err != nil || !maps.Equal(got, both()) {
			t.Errorf("after the refusals Spaces are %+v, %v", got, err)
		}
	}
	wantCount(t, index, 2)
	write(t, index, pictures(2)...)
	wantCount(t, index, 3)
}

func compatibleVectorsAreTaken(t *testing.T, open Open) {
	t.Helper()
	preparedFor(t, open, both())
	other := both()
	text, picture := other[vector], other[image]
	text.Revision, text.Query, text.Probe = "", "find: ", ""
	picture.Revision = ""
	other[vector], other[image] = text, picture
	index := preparedFor(t, open, other)
	write(t, index, point("a", axis(0)), pictures(1)[0])
	wantCount(t, index, 2)
	// The stamp stays what it was.
	if got, err := index.Spaces(t.Context()); err != nil || !maps.Equal(got, both()) {
		t.Errorf("Spaces are %+v, %v", got, err)
	}
}

func noVectorIsNoIndex(t *testing.T, open Open) {
	t.Helper()
	for name, spaces := range map[string]pipeline.Spaces{
		"nil": nil, "none": {}, "no name": {"": space()}, "no dimension": {vector: space(), image: {Model: "a/model"}},
		"no model": {vector: {Dim: 3}}, "NUL": {"a\x00b": space()},
	} {
		if err := opened(t, open).Prepare(t.Context(), spaces); err == nil {
			t.Errorf("an index was made of %s", name)
		} else {
			wantClass(t, err, pipeline.Misconfigured)
		}
	}
	_, err := opened(t, open).Spaces(t.Context())
	wantClass(t, err, pipeline.Misconfigured)
	// The refusals made nothing that is in the way.
	write(t, preparedFor(t, open, both()), point("a", axis(0)))
}

func manyVectorsAreKeptApart(t *testing.T, open Open) {
	t.Helper()
	// Names that a query language or a path would read otherwise.
	names := []string{"text", "TEXT", "text ", "it's", "a.b", "naïve 世界", "text_1", "-", "%s", "[0]"}
	spaces := pipeline.Spaces{}
	for i, name := range names {
		spaces[name] = pipeline.Space{Model: "sinktest/" + name, Dim: i + 1}
	}
	index := preparedFor(t, open, spaces)
	var points []pipeline.Point
	for i, name := range names {
		v := make(pipeline.Vector, i+1)
		v[i] = 1
		points = append(points, pointIn(name, "doc", v))
	}
	write(t, index, points...)
	wantCount(t, index, int64(len(names)))
	again := opened(t, open)
	if got, err := again.Spaces(t.Context()); err != nil || !maps.Equal(got, spaces) {
		t.Errorf("Spaces are %+v, %v", got, err)
	}
	for _, p := range points {
		hits := searchIn(t, again, p.Name, p.Vector, 5)
		if len(hits) != 1 {
			t.Errorf("%d hits of %q, want 1", len(hits), p.Name)
		}
		wantPoint(t, hits, p)
	}
}

func writersOfEachVectorLoseNothing(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	const writes, size = 5, 16
	images := pictures(writes * size)
	var group sync.WaitGroup
	for i := range writes {
		group.Go(func() {
			if err := index.Write(t.Context(), randomPoints(size, uint64(200+i))); err != nil {
				t.Errorf("Write of texts: %v", err)
			}
		})
		group.Go(func() {
			if err := index.Write(t.Context(), images[i*size:(i+1)*size]); err != nil {
				t.Errorf("Write of images: %v", err)
			}
		})
	}
	group.Wait()
	wantCount(t, index, 2*writes*size)
	if hits := searchIn(t, index, image, images[0].Vector, 2*writes*size); len(hits) != writes*size {
		t.Errorf("%d hits of %d images", len(hits), writes*size)
	}
}
