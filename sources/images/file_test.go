package images_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/images"
)

func loader(tb testing.TB, o images.Options) *images.Loader {
	tb.Helper()
	l, err := images.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Close)
	return l
}

func put(tb testing.TB, path, content string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// folders has a folder corpus with images in it, and a file beside it.
func folders(tb testing.TB) (corpus, outside string) {
	tb.Helper()
	top := tb.TempDir()
	corpus, outside = filepath.Join(top, "corpus"), filepath.Join(top, "secret.jpg")
	put(tb, filepath.Join(corpus, "a.jpg"), "image a")
	put(tb, filepath.Join(corpus, "deep", "b c.jpg"), "image b")
	put(tb, filepath.Join(corpus, "empty.jpg"), "")
	put(tb, filepath.Join(corpus, "large.jpg"), strings.Repeat("x", 101))
	put(tb, outside, "secret")
	return corpus, outside
}

// rejected checks that an image is refused, with the place, its name and a
// reason.
func rejected(t *testing.T, l *images.Loader, ref string, origin pipeline.Origin, want string) {
	t.Helper()
	data, err := l.Load(t.Context(), pipeline.Image{Ref: ref}, origin)
	if data != "" || err == nil || pipeline.Classify(err) != pipeline.Rejected {
		t.Errorf("%s: got %q and %v of class %s, want a reject", ref, data, err, pipeline.Classify(err))
		return
	}
	if !strings.HasPrefix(err.Error(), origin.String()+": image ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %s: image …: %s", ref, err, origin, want)
	}
}

func TestPathsAreReadBelowTheFolder(t *testing.T) {
	t.Parallel()
	corpus, _ := folders(t)
	of := pipeline.Origin{File: filepath.Join(corpus, "docs.jsonl"), Row: 7}
	elsewhere := pipeline.Origin{File: "elsewhere/docs.jsonl", Row: 7}
	for ref, want := range map[string]string{
		"a.jpg":                                  "image a",
		"./deep/../a.jpg":                        "image a",
		"deep/b c.jpg":                           "image b",
		filepath.Join(corpus, "deep", "b c.jpg"): "image b",
	} {
		for folder, origin := range map[string]pipeline.Origin{"": of, corpus: elsewhere} {
			data, err := loader(t, images.Options{Folder: folder}).Load(t.Context(), pipeline.Image{Ref: ref}, origin)
			if err != nil || data != want {
				t.Errorf("%s in %q: got %q and %v, want %q", ref, folder, data, err, want)
			}
		}
	}
}

func TestPathsNeverLeadOutOfTheFolder(t *testing.T) {
	t.Parallel()
	corpus, outside := folders(t)
	origin := pipeline.Origin{File: filepath.Join(corpus, "docs.jsonl"), Row: 7}
	for _, ref := range []string{"../secret.jpg", "deep/../../secret.jpg", outside, "/etc/passwd", "..", "deep/../.."} {
		rejected(t, loader(t, images.Options{}), ref, origin, "lies outside of the folder of images")
		rejected(t, loader(t, images.Options{Folder: corpus}), ref, origin, "lies outside of the folder of images")
	}
}

func TestLinksNeverLeadOutOfTheFolder(t *testing.T) {
	t.Parallel()
	corpus, outside := folders(t)
	for name, target := range map[string]string{
		"out.jpg": outside, "up.jpg": "../secret.jpg", "dir": "..", "in.jpg": "deep/b c.jpg", "loop.jpg": "loop.jpg", "gone.jpg": "nothing.jpg",
	} {
		if err := os.Symlink(target, filepath.Join(corpus, name)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	l, origin := loader(t, images.Options{}), pipeline.Origin{File: filepath.Join(corpus, "docs.jsonl"), Row: 7}
	rejected(t, l, "out.jpg", origin, "lies outside of the folder of images, by a link")
	rejected(t, l, "up.jpg", origin, "lies outside of the folder of images, by a link")
	rejected(t, l, "dir/secret.jpg", origin, "lies outside of the folder of images, by a link")
	rejected(t, l, "gone.jpg", origin, "does not exist")
	rejected(t, l, "loop.jpg", origin, "")
	if data, err := l.Load(t.Context(), pipeline.Image{Ref: "in.jpg"}, origin); err != nil || data != "image b" {
		t.Errorf("a link that stays in the folder: got %q and %v", data, err)
	}
}

func TestOnlyRegularFilesAreRead(t *testing.T) {
	t.Parallel()
	corpus, _ := folders(t)
	l, origin := loader(t, images.Options{MaxBytes: 100}), pipeline.Origin{File: filepath.Join(corpus, "docs.jsonl"), Row: 7}
	rejected(t, l, "deep", origin, "is a folder")
	rejected(t, l, ".", origin, "is a folder")
	rejected(t, l, "empty.jpg", origin, "is empty")
	rejected(t, l, "large.jpg", origin, "has 101 bytes, 100 are allowed")
	rejected(t, l, "absent.jpg", origin, "does not exist")
	rejected(t, l, "a.jpg/b.jpg", origin, "does not exist")
	rejected(t, l, strings.Repeat("x", 4000), origin, "does not exist")
	rejected(t, l, "s3://bucket/a.jpg", origin, `images are not read from "s3"://`)
	rejected(t, l, "file:///etc/passwd", origin, `images are not read from "file"://`)
	rejected(t, l, "zip://a.jpg::b.zip", origin, `images are not read from "zip"://`)
	if runtime.GOOS == "linux" {
		rejected(t, loader(t, images.Options{Folder: "/dev"}), "zero", origin, "is no regular file")
	}
}

func TestBytesAreBounded(t *testing.T) {
	t.Parallel()
	l := loader(t, images.Options{MaxBytes: 3})
	if data, err := l.Load(t.Context(), pipeline.Image{Data: "abc"}, pipeline.Origin{}); err != nil || data != "abc" {
		t.Errorf("got %q and %v", data, err)
	}
	_, err := l.Load(t.Context(), pipeline.Image{Data: "abcd"}, pipeline.Origin{File: "a.parquet", Row: 1})
	if pipeline.Classify(err) != pipeline.Rejected || err.Error() != "a.parquet:1: image: has 4 bytes, 3 are allowed" {
		t.Errorf("got %v", err)
	}
}

func TestWrongOptionsAreTold(t *testing.T) {
	t.Parallel()
	corpus, outside := folders(t)
	for want, o := range map[string]images.Options{
		"the folder of images does not exist or cannot be read": {Folder: filepath.Join(corpus, "nothing")},
		"is no folder":                {Folder: outside},
		"limits must not be negative": {Tries: -1},
	} {
		if _, err := images.New(o); pipeline.Classify(err) != pipeline.Misconfigured || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
