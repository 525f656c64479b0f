package spill

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// key makes a document's hash of a small number. Every other shares Met.ID
// with its neighbour.
func key(n int) pipeline.Met {
	return pipeline.Met{ID: uint64(n/2+1) * 0x9E3779B97F4A7C15, More: uint32(n) * 0x85EBCA6B}
}

func TestArchiveFindsWhatItKeepsAndNothingElse(t *testing.T) {
	t.Parallel()
	folder, ctx := t.TempDir(), t.Context()
	rapid.Check(t, func(t *rapid.T) {
		a, model := New(Options{Folder: folder}), map[int]uint32{}
		defer a.Close() //nolint:errcheck // it is looked at below
		const keys = 3 * perPage
		for range rapid.IntRange(1, 20).Draw(t, "runs") {
			chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, keys-1), 1, keys/2, rapid.ID).Draw(t, "documents")
			met := make([]pipeline.Met, len(chosen))
			for i, n := range chosen {
				met[i] = key(n)
				met[i].Content = rapid.Uint32().Draw(t, "content")
				model[n] = met[i].Content
			}
			slices.SortFunc(met, pipeline.Met.Compare)
			if err := a.Keep(ctx, met); err != nil {
				t.Fatal(err)
			}
			for _, level := range a.levels {
				if len(level) >= fanIn {
					t.Fatalf("%d runs of one level", len(level))
				}
			}
			for range rapid.IntRange(0, 50).Draw(t, "looks") {
				n := rapid.IntRange(0, keys-1).Draw(t, "document")
				found, ok, err := a.Find(ctx, key(n))
				if want, kept := model[n]; err != nil || ok != kept || ok && (found.Content != want || found.Compare(key(n)) != 0) {
					t.Fatalf("document %d: %v %t (%v), want %d %t", n, found, ok, err, want, kept)
				}
			}
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if left, err := os.ReadDir(folder); len(left) > 0 || err != nil {
		t.Errorf("left are %v (%v)", left, err)
	}
}

func TestDocumentsOfOneHashAreFoundOnBothSidesOfAPage(t *testing.T) {
	t.Parallel()
	a := New(Options{Folder: t.TempDir()})
	defer a.Close() //nolint:errcheck // nothing is left to lose
	met := make([]pipeline.Met, 5*perPage)
	for i := range met {
		met[i] = pipeline.Met{ID: 7, More: uint32(i), Content: uint32(i) + 1}
	}
	if err := a.Keep(t.Context(), met); err != nil {
		t.Fatal(err)
	}
	for i := range met {
		if found, ok, err := a.Find(t.Context(), pipeline.Met{ID: 7, More: uint32(i)}); !ok || err != nil || found != met[i] {
			t.Fatalf("document %d: %v %t (%v)", i, found, ok, err)
		}
	}
}

func TestLookingForWhatIsThereMergesAllRuns(t *testing.T) {
	t.Parallel()
	a := New(Options{Folder: t.TempDir()})
	defer a.Close() //nolint:errcheck // nothing is left to lose
	const n, runs = 1000, 2*fanIn + 3
	for r := range runs {
		met := make([]pipeline.Met, n)
		for i := range met {
			met[i] = key(r*n + i)
		}
		slices.SortFunc(met, pipeline.Met.Compare)
		if err := a.Keep(t.Context(), met); err != nil {
			t.Fatal(err)
		}
	}
	before := countRuns(a)
	for i := range n * runs {
		if _, ok, err := a.Find(t.Context(), key(i)); !ok || err != nil {
			t.Fatalf("document %d is not found (%v)", i, err)
		}
	}
	if after := countRuns(a); before < 3 || after != 1 {
		t.Errorf("there were %d runs and are %d", before, after)
	}
}

func countRuns(a *Archive) int {
	n := 0
	for _, level := range a.levels {
		n += len(level)
	}
	return n
}

// rationed is a file that takes only so many bytes.
type rationed struct {
	file

	left *int
}

var errFull = errors.New("no space left on device")

func (r rationed) Write(p []byte) (int, error) {
	if *r.left -= len(p); *r.left < 0 {
		return 0, errFull
	}
	return r.file.Write(p)
}

func TestFullDiskEndsTheRunAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const n = 1000
	run := func(r int) []pipeline.Met {
		met := make([]pipeline.Met, n)
		for i := range met {
			met[i] = key(r*n + i)
		}
		slices.SortFunc(met, pipeline.Met.Compare)
		return met
	}
	for name, room := range map[string]int{"a run": 2*n*metSize + 100, "a merger": fanIn*n*metSize + 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, left := New(Options{Folder: t.TempDir()}), room
			defer a.Close() //nolint:errcheck // nothing is left to lose
			create := a.create
			a.create = func() (file, error) {
				f, err := create()
				return rationed{f, &left}, err
			}
			var err error
			for r := 0; err == nil && r < fanIn; r++ {
				err = a.Keep(t.Context(), run(r))
			}
			if !errors.Is(err, errFull) || errors.Is(err, pipeline.ErrNoArchive) || pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(pipeline.Hint(err), "TMPDIR") {
				t.Errorf("got %v, with the hint %q", err, pipeline.Hint(err))
			}
			if _, _, again := a.Find(t.Context(), key(0)); !errors.Is(again, errFull) {
				t.Errorf("an archive that may lack something answers: %v", again)
			}
			if err := a.Keep(t.Context(), run(9)); !errors.Is(err, errFull) {
				t.Errorf("an archive that may lack something takes in more: %v", err)
			}
		})
	}
}

func TestWithoutAPlaceNothingIsKept(t *testing.T) {
	t.Parallel()
	var told error
	a := New(Options{Folder: t.TempDir() + "/missing", Unavailable: func(err error) { told = err }})
	err := a.Keep(t.Context(), []pipeline.Met{key(1)})
	if !errors.Is(err, pipeline.ErrNoArchive) || !errors.Is(told, os.ErrNotExist) {
		t.Errorf("got %v, told was %v", err, told)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFileThatLacksItsEndIsNotBelieved(t *testing.T) {
	t.Parallel()
	a := New(Options{Folder: t.TempDir()})
	defer a.Close() //nolint:errcheck // nothing is left to lose
	met := []pipeline.Met{key(1), key(2)}
	slices.SortFunc(met, pipeline.Met.Compare)
	if err := a.Keep(t.Context(), met); err != nil {
		t.Fatal(err)
	}
	if err := a.levels[0][0].file.(*unnamed).Truncate(metSize); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := a.Find(t.Context(), key(1)); ok || pipeline.Classify(err) != pipeline.Fatal || err == nil {
		t.Errorf("found %t (%v)", ok, err)
	}
}

func TestFilesAreForNobodyElseAndHaveNoName(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	a := New(Options{Folder: folder})
	defer a.Close() //nolint:errcheck // nothing is left to lose
	if err := a.Keep(t.Context(), []pipeline.Met{key(1)}); err != nil {
		t.Fatal(err)
	}
	f := a.levels[0][0].file.(*unnamed)
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	if left, err := os.ReadDir(folder); f.removed && (len(left) > 0 || err != nil) {
		t.Errorf("a file can be seen: %v (%v)", left, err)
	}
}

func TestMergingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	a := New(Options{Folder: t.TempDir()})
	defer a.Close() //nolint:errcheck // nothing is left to lose
	met := make([]pipeline.Met, 2*bufferSize/metSize)
	for i := range met {
		met[i] = key(i)
	}
	slices.SortFunc(met, pipeline.Met.Compare)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Keep(ctx, met); !errors.Is(err, context.Canceled) || errors.Is(err, pipeline.ErrNoArchive) {
		t.Errorf("got %v", err)
	}
}
