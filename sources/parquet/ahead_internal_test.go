package parquet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
	"time"
)

// nothing are pages that end at once.
func nothing() *pages {
	return &pages{values: 1, r: bufio.NewReader(bytes.NewReader(nil))}
}

func TestWhatIsReadAheadHasOneBudget(t *testing.T) {
	t.Parallel()
	const size = aheadBytes / 8
	a := newAhead(1, aheadLeast, aheadShare)
	defer a.close()
	tasks := make([]task, 12)
	started := 0
	for i := range tasks {
		if a.start(&tasks[i], nothing(), nil, size) {
			started++
		}
	}
	if started != 8 {
		t.Errorf("%d pages of an eighth are read ahead, want 8", started)
	}
	for i := range started {
		if _, err := a.wait(&tasks[i], &fetcher{}); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want the end", err)
		}
	}
	if free := a.free.Load(); free != aheadBytes {
		t.Errorf("%d bytes are free when nothing is read ahead, want %d", free, aheadBytes)
	}
	if a.start(&tasks[0], nothing(), nil, aheadLeast-1) || a.start(&tasks[0], nothing(), nil, aheadBytes+1) {
		t.Error("a page is read ahead that is too small or too large")
	}
}

func TestPagesLargerThanThoughtAreLeftToWhoAsks(t *testing.T) {
	t.Parallel()
	p := nothing()
	p.header = &header{kind: dataPage, compressed: 1 << 20, uncompressed: 1 << 20, values: 1}
	if _, err := p.next(&fetcher{}, nil, 64<<10); !errors.Is(err, errLarge) || p.err != nil {
		t.Errorf("got %v and keeps %v, want that it is large, once", err, p.err)
	}
	if _, err := p.next(&fetcher{}, nil, 0); err == nil || errors.Is(err, errLarge) || errors.Is(err, io.EOF) {
		t.Errorf("got %v, want what is wrong with the page", err)
	}
}

func TestColumnsThatAreReadFastEnoughAreNotReadAhead(t *testing.T) {
	t.Parallel()
	a := newAhead(1, aheadLeast, aheadShare)
	if a.worth(time.Millisecond, aheadShare*time.Millisecond+1) || !a.worth(time.Millisecond, aheadShare*time.Millisecond) {
		t.Errorf("a column is read ahead, or not, when a page takes an %dth of the time of its rows", aheadShare)
	}
	if !newAhead(1, 0, 0).worth(0, time.Hour) {
		t.Error("a column is not read ahead that always is")
	}
}
