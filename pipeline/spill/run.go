package spill

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"sort"

	"github.com/vecload/vecload/pipeline"
)

const (
	metSize  = 16 // of one document: ID, More, Content
	pageSize = 4096
	perPage  = pageSize / metSize
	// bufferSize is how much is read or written at once when all is.
	bufferSize = 64 << 10
)

// run is a file of documents in the order of their hashes.
type run struct {
	file  file
	count int
	first []uint64 // Met.ID of the first document of each page
}

// write makes a run of documents, which come in order; most is how many at
// the most.
func (a *Archive) write(ctx context.Context, met iter.Seq[pipeline.Met], most int) (_ *run, err error) {
	f, err := a.create()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	r := &run{file: f, first: make([]uint64, 0, (most+perPage-1)/perPage)}
	out := a.out[:0]
	for m := range met {
		if r.count%perPage == 0 {
			r.first = append(r.first, m.ID)
		}
		r.count++
		out = appendMet(out, m)
		if len(out) == bufferSize {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if _, err := f.Write(out); err != nil {
				return nil, err
			}
			out = out[:0]
		}
	}
	a.out = out
	_, err = f.Write(out)
	return r, err
}

func appendMet(out []byte, m pipeline.Met) []byte {
	out = binary.LittleEndian.AppendUint64(out, m.ID)
	out = binary.LittleEndian.AppendUint32(out, m.More)
	return binary.LittleEndian.AppendUint32(out, m.Content)
}

func metAt(data []byte, i int) pipeline.Met {
	data = data[i*metSize : (i+1)*metSize]
	return pipeline.Met{
		ID: binary.LittleEndian.Uint64(data), More: binary.LittleEndian.Uint32(data[8:]), Content: binary.LittleEndian.Uint32(data[12:]),
	}
}

// find looks for a document. Documents of one Met.ID may stand on both sides
// of the end of a page.
func (r *run) find(met pipeline.Met, buffer []byte) (pipeline.Met, bool, error) {
	after := sort.Search(len(r.first), func(i int) bool { return r.first[i] > met.ID })
	for page := after - 1; page >= 0; page-- {
		found, ok, err := r.findIn(page, met, buffer)
		if ok || err != nil || r.first[page] < met.ID {
			return found, ok, err
		}
	}
	return pipeline.Met{}, false, nil
}

func (r *run) findIn(page int, met pipeline.Met, buffer []byte) (pipeline.Met, bool, error) {
	n := min(r.count-page*perPage, perPage)
	data := buffer[:n*metSize]
	if err := readAt(r.file, data, int64(page)*pageSize); err != nil {
		return pipeline.Met{}, false, err
	}
	i := sort.Search(n, func(i int) bool { return metAt(data, i).Compare(met) >= 0 })
	if i == n {
		return pipeline.Met{}, false, nil
	}
	found := metAt(data, i)
	return found, found.Compare(met) == 0, nil
}

// readAt reads all of data, or tells why not: a file that is shorter than it
// was written is none to believe.
func readAt(f file, data []byte, at int64) error {
	n, err := f.ReadAt(data, at)
	if n == len(data) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %d bytes at %d: %w", len(data), at, err)
}
