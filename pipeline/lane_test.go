package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// loaded stands for reading and preparing an image. Names that say so cannot
// be read, or fail for a while.
func loaded(ctx context.Context, image pipeline.Image, origin pipeline.Origin) (string, error) {
	file := image.Data + image.Ref
	switch {
	case strings.Contains(file, "corrupt"):
		return "", pipeline.Reject(origin, errors.New("the image cannot be decoded"))
	case strings.Contains(file, "away"):
		return "", &pipeline.Error{Op: origin.String(), Class: pipeline.Fatal, Err: errors.New("the disk is away")}
	}
	return "image:" + file, pause(ctx, time.Second)
}

// lanes are one of texts and one of images.
func lanes(texts, images pipeline.Embedder) []pipeline.Lane {
	limits := pipeline.Limits{Texts: 3, Bytes: 100, Window: 2, InFlight: 2}
	return []pipeline.Lane{
		{Vector: "text", Embedder: texts, Space: space(), Limits: limits, Split: bars},
		{Vector: "image", Embedder: images, Space: space(), Limits: limits, Image: loaded},
	}
}

func both(id, text, image string) record {
	doc := document(0, id, text)
	doc.Image.Ref = image
	return record{doc: doc}
}

func TestADocumentHasAPointForEachOfItsVectors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		index, refused := &memory{}, &rejects{}
		lanes, ofTexts, ofImages := lanes(&encoder{}, &encoder{}), new(pipeline.Counters), new(pipeline.Counters)
		lanes[0].Counters, lanes[1].Counters = ofTexts, ofImages
		report, err := pipeline.Pipeline{
			Source: &corpus{records: []record{
				both("both", "one|two", "a.png"), both("text", "three", ""), both("image", " ", "b.png"), both("neither", " ", ""),
				both("corrupt", "four", "corrupt.png"), both("unwanted", "refused", "c.png"),
			}},
			Index: index, Lanes: lanes, KeepText: true, Reject: refused.take,
			Writes: pipeline.WriteLimits{Writers: 2},
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		numbers{read: 6, written: 3, rejected: 3}.check(t, report)
		if texts, images := ofTexts.Points.Load(), ofImages.Points.Load(); texts != 4 || images != 3 || report.Points != 7 {
			t.Errorf("%d points of texts and %d of images are counted, %d in all, want 4, 3 and 7", texts, images, report.Points)
		}
		if want := []string{"corrupt", "neither", "unwanted"}; !slices.Equal(refused.ids(), want) {
			t.Errorf("rejected %v, want %v", refused.ids(), want)
		}
		want := map[pipeline.PointID][dim]float32{}
		for _, p := range []struct {
			vector, doc string
			chunk       int
			input       string
		}{
			{"text", "both", 0, "one"},
			{"text", "both", 1, "two"},
			{"image", "both", 0, "image:a.png"},
			{"text", "text", 0, "three"},
			{"image", "image", 0, "image:b.png"},
			// The other vector of a document that is rejected may be there.
			{"text", "corrupt", 0, "four"},
			{"image", "unwanted", 0, "image:c.png"},
		} {
			want[pipeline.NewPointID(p.vector, p.doc, p.chunk)] = encode(p.input)
		}
		got := map[pipeline.PointID][dim]float32{}
		for id, p := range index.points {
			got[id] = [dim]float32(p.Vector)
			if id != pipeline.NewPointID(p.Name, p.Doc, p.Chunk) || p.Name == "image" && p.Text != "" {
				t.Errorf("point %+v", p)
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("the index holds %d points, want %d with the vectors of their inputs", len(got), len(want))
		}
	})
}

func TestDocumentsSayWhatTheyLack(t *testing.T) {
	t.Parallel()
	both := lanes(&encoder{}, &encoder{})
	for want, list := range map[string][]pipeline.Lane{
		"neither a text nor an image": both, "the text is empty": both[:1], "there is no image": both[1:],
	} {
		refused := &rejects{}
		report, err := pipeline.Pipeline{
			Source: texts(" "), Index: &memory{}, Lanes: list, Reject: refused.take, Writes: pipeline.WriteLimits{Writers: 1},
		}.Run(t.Context(), never())
		if err != nil || report.Rejected != 1 || !strings.Contains(refused.list[0].Err.Error(), want) {
			t.Errorf("%q: rejected %d, %v", want, report.Rejected, err)
		}
	}
}

func TestAnImageThatFailsForAnotherReasonEndsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := &rejects{}
		report, err := pipeline.Pipeline{
			Source: &corpus{records: []record{both("a", "", "away.png"), both("b", "", "b.png")}},
			Index:  &memory{}, Lanes: lanes(&encoder{}, &encoder{})[1:], Reject: refused.take,
			Writes: pipeline.WriteLimits{Writers: 1},
		}.Run(t.Context(), never())
		if err == nil || !strings.Contains(err.Error(), "the disk is away") || len(refused.list) > 0 {
			t.Errorf("error %v, %d rejects", err, len(refused.list))
		}
		numbers{read: 2}.check(t, report)
	})
}

func TestImagesOfABatchAreMadeReadyTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &corpus{}
		for i := range 6 {
			source.records = append(source.records, both(fmt.Sprint(i), "", fmt.Sprint(i)))
		}
		start := time.Now()
		_, err := pipeline.Pipeline{
			Source: source, Index: &memory{}, Lanes: lanes(nil, &encoder{})[1:], Writes: pipeline.WriteLimits{Writers: 1},
		}.Run(t.Context(), never())
		if took := time.Since(start); err != nil || took != time.Second {
			t.Errorf("two batches of three images that take a second each took %v, %v", took, err)
		}
	})
}

// A slow lane holds up another only by the documents that wait for it.
func TestALaneHasItsOwnRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &encoder{delay: func([]string) time.Duration { return time.Minute }}
		quick := &encoder{}
		source := &corpus{}
		for i := range 12 {
			source.records = append(source.records, both(fmt.Sprint(i), "a text", fmt.Sprint(i)))
		}
		report, err := pipeline.Pipeline{
			Source: source, Index: &memory{}, Lanes: lanes(quick, slow), Writes: pipeline.WriteLimits{Writers: 1},
		}.Run(t.Context(), never())
		if err != nil || slow.most != 2 || quick.most > 2 {
			t.Errorf("%d and %d calls at once, %v", slow.most, quick.most, err)
		}
		numbers{read: 12, written: 12}.check(t, report)
		if want := 2*time.Minute + 2*time.Second; report.Elapsed > want {
			t.Errorf("took %v, want at most %v", report.Elapsed, want)
		}
	})
}

func TestLanesThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	good := lanes(&encoder{}, &encoder{})
	for name, change := range map[string]func([]pipeline.Lane) []pipeline.Lane{
		"none":      func([]pipeline.Lane) []pipeline.Lane { return nil },
		"no name":   func(l []pipeline.Lane) []pipeline.Lane { l[0].Vector = ""; return l },
		"one twice": func(l []pipeline.Lane) []pipeline.Lane { l[0].Vector = l[1].Vector; return l },
		"no limits": func(l []pipeline.Lane) []pipeline.Lane { l[1].Limits = pipeline.Limits{}; return l },
	} {
		source := numbered(1)
		_, err := pipeline.Pipeline{
			Source: source, Index: &memory{}, Lanes: change(slices.Clone(good)), Writes: pipeline.WriteLimits{Writers: 1},
		}.Run(t.Context(), never())
		if err == nil || source.yielded > 0 {
			t.Errorf("%s: error %v, %d documents read", name, err, source.yielded)
		}
	}
}

// Whatever documents hold and whatever of it is refused, each is counted once,
// and the index has all vectors of those that are written.
func TestDocumentsOfSeveralVectorsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(draw *rapid.T) {
		source, rejected, index := &corpus{}, map[string]bool{}, &memory{}
		texts := rapid.SampledFrom([]string{"", "a", "a|b", "a|refused", "a|b|c|d|e"})
		images := rapid.SampledFrom([]string{"", "a.png", "refused.png", "corrupt.png"})
		n := rapid.IntRange(0, 12).Draw(draw, "documents")
		for i := range n {
			id, text, image := fmt.Sprint(i), texts.Draw(draw, "text"), images.Draw(draw, "image")
			source.records = append(source.records, both(id, text, image))
			rejected[id] = text+image == "" || strings.Contains(text+image, "refused") || strings.Contains(image, "corrupt")
		}
		points, refused := rapid.IntRange(0, 5).Draw(draw, "points"), &rejects{}
		synctest.Test(t, func(t *testing.T) {
			report, err := pipeline.Pipeline{
				Source: source, Index: index, Lanes: lanes(&encoder{}, &encoder{}), Reject: refused.take,
				Writes: pipeline.WriteLimits{Writers: 2, Points: points},
			}.Run(t.Context(), never())
			if err != nil || report.Unfinished() != 0 || report.Read != int64(n) {
				t.Fatalf("%+v, %v", report, err)
			}
		})
		for _, r := range source.records {
			doc := r.doc
			if got := slices.Contains(refused.ids(), doc.ID); got != rejected[doc.ID] {
				draw.Fatalf("document %+v rejected: %v", doc, got)
			}
			if rejected[doc.ID] {
				continue
			}
			for i := range bars(doc.Text) {
				if _, ok := index.points[pipeline.NewPointID("text", doc.ID, i)]; !ok {
					draw.Fatalf("chunk %d of %+v is not there", i, doc)
				}
			}
			if _, ok := index.points[pipeline.NewPointID("image", doc.ID, 0)]; ok == doc.Image.IsZero() {
				draw.Fatalf("image of %+v is there: %v", doc, ok)
			}
		}
	})
}

func TestARejectHasTheImageHoweverLateTheTextIsRefused(t *testing.T) {
	t.Parallel()
	for _, slow := range []string{"text", "image"} {
		synctest.Test(t, func(t *testing.T) {
			hour := func([]string) time.Duration { return time.Hour }
			texts, images := &encoder{}, &encoder{}
			if slow == "text" {
				texts.delay = hour
			} else {
				images.delay = hour
			}
			index, refused := &memory{}, &rejects{}
			report, err := pipeline.Pipeline{
				Source: &corpus{records: []record{both("a", "one|refused|three", "a.png"), both("b", "two", "b.png")}},
				Index:  index, Lanes: lanes(texts, images), Reject: refused.take, Writes: pipeline.WriteLimits{Writers: 1, Waiting: 4},
			}.Run(t.Context(), never())
			if err != nil || report.Points != 5 {
				t.Fatalf("%d points and %v, want 5", report.Points, err)
			}
			if len(refused.list) != 1 || refused.list[0].Document.Image.Ref != "a.png" || refused.list[0].Document.Text != "one|refused|three" {
				t.Errorf("slow %s: the reject is %+v, want its text and its image", slow, refused.list)
			}
		})
	}
}
