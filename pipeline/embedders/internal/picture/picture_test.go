package picture_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/picture"
)

func TestImagesBecomeDataURIs(t *testing.T) {
	t.Parallel()
	jpeg, png := "\xff\xd8\xff\xe0 a photo", "\x89PNG\r\n\x1a\n a drawing"
	got, err := picture.URIs([]string{jpeg, png})
	want := []string{
		"data:image/jpeg;base64," + base64.StdEncoding.EncodeToString([]byte(jpeg)),
		"data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte(png)),
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestWhatIsNoImageIsRejected(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a text", "GIF89a", "\xff\xd8", "\x89PNG"} {
		_, err := picture.URIs([]string{"\xff\xd8\xff", text})
		if pipeline.Classify(err) != pipeline.Rejected {
			t.Errorf("%q: %v, want it rejected", text, err)
			continue
		}
		if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error holds the input: %v", err)
		}
	}
}
