package pipeline

import "testing"

func TestDocumentsOfOneIDDifferByTheirImages(t *testing.T) {
	t.Parallel()
	s := newSeen(nil)
	of := func(text string, image Image) encounter {
		got, err := s.add(t.Context(), &Document{ID: "a", Text: text, Image: image})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := of("xy", Image{Data: "z"}); got != first {
		t.Fatalf("got %d, want first", got)
	}
	if got := of("xy", Image{Data: "z"}); got != same {
		t.Errorf("the same document again: got %d, want same", got)
	}
	for _, other := range []struct {
		text  string
		image Image
	}{
		{"xy", Image{}},
		{"xyz", Image{}},
		{"x", Image{Data: "yz"}},
		{"xy", Image{Ref: "z"}},
		{"xy", Image{Data: "other"}},
	} {
		if got := of(other.text, other.image); got != different {
			t.Errorf("%+v: got %d, want different", other, got)
		}
	}
}
