package imaging

import (
	"context"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vecload/vecload/pipeline"
)

func TestImagesWaitForTheMemoryOfOthers(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p, err := New(Options{Memory: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if !p.memory.TryAcquire(1 << 20) { // as an image that takes all
			t.Fatal("the memory is taken already")
		}
		ctx, cancel := context.WithCancel(t.Context())
		impatient, patient := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := p.Prepare(ctx, file.String())
			impatient <- err
		}()
		go func() {
			_, err := p.Prepare(t.Context(), file.String())
			patient <- err
		}()
		synctest.Wait()
		if len(impatient)+len(patient) > 0 {
			t.Fatal("an image was decoded without the memory for it")
		}
		cancel()
		if err := <-impatient; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		p.memory.Release(1 << 20)
		if err := <-patient; err != nil {
			t.Error(err)
		}
		if !p.memory.TryAcquire(1 << 20) {
			t.Error("memory was not given back")
		}
	})
}

func TestAnImageThatNeedsMoreThanThereIsIsDecodedAlone(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 800, 800))); err != nil {
		t.Fatal(err)
	}
	p, err := New(Options{Memory: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Prepare(t.Context(), file.String()); err != nil {
		t.Error(err)
	}
}

func TestAPanicOfADecoderIsAnErrorWithoutWhatWasRead(t *testing.T) {
	t.Parallel()
	for want, cause := range map[string]func(){
		"its decoder gave up": func() { panic("secret pixels") },
		"its decoder gave up (runtime error: index out of range [3] with length 0)": func() {
			none := strings.Fields("")
			_ = none[len("abc")]
		},
	} {
		err := func() (err error) {
			defer guard(&err)
			cause()
			return nil
		}()
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := reject(errors.New("x")); pipeline.Classify(err) != pipeline.Rejected {
		t.Errorf("got %v", err)
	}
}
