package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// job is one batch, ready to be sent.
type job struct {
	body   []byte // of the request to the endpoint
	upsert []byte // for Qdrant, encoded
	// vectors are the places in upsert where the numbers of the points are, as
	// little-endian floats.
	vectors [][]byte
}

func (j *job) reader() io.Reader { return bytes.NewReader(j.body) }

// jobs are a few batches that are sent again and again, and one that is sent
// once when the documents do not divide by the size of a batch.
type jobs struct {
	some  []*job
	times int // how many are sent of them
	last  *job
}

// manyJobs are more than the workers, and more bytes than a processor's
// nearest caches hold.
const manyJobs = 64

// newJobs makes requests of the first documents of a corpus.
func newJobs(corpus, protocol string, documents, batch, dim int) (jobs, error) {
	if batch < 1 || documents < 1 {
		return jobs{}, fmt.Errorf("%d documents in batches of %d", documents, batch)
	}
	out := jobs{times: documents / batch}
	read, err := firstDocuments(corpus, min(documents, manyJobs*batch))
	if err != nil {
		return out, err
	}
	for len(read) >= batch {
		j, err := newJob(protocol, read[:batch], dim)
		if err != nil {
			return out, err
		}
		out.some, read = append(out.some, j), read[batch:]
	}
	if rest := documents % batch; rest > 0 {
		if read, err = firstDocuments(corpus, rest); err == nil {
			out.last, err = newJob(protocol, read, dim)
		}
	}
	return out, err
}

// idle returns a channel with the jobs that nobody does now.
func (j jobs) idle() chan *job {
	free := make(chan *job, len(j.some))
	for _, one := range j.some {
		free <- one
	}
	return free
}

func firstDocuments(corpus string, n int) ([]plainDocument, error) {
	file, err := os.Open(corpus)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // opened for reading; nothing can be lost
	lines := bufio.NewReader(file)
	out := make([]plainDocument, 0, n)
	for len(out) < n {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, fmt.Errorf("%s has only %d documents: %w", corpus, len(out), err)
		}
		var d plainDocument
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// newJob makes the requests of the plain program.
func newJob(protocol string, documents []plainDocument, dim int) (*job, error) {
	texts := make([]string, len(documents))
	points := make([]*pb.PointStruct, len(documents))
	for i, d := range documents {
		texts[i] = d.Text
		points[i] = d.point(uint64(i), placeholder(i, dim))
	}
	body, err := json.Marshal(bodyOf(protocol, texts))
	if err != nil {
		return nil, err
	}
	upsert, err := proto.Marshal(&pb.UpsertPoints{CollectionName: plainCollection, Wait: new(true), Points: points})
	if err != nil {
		return nil, err
	}
	j := &job{body: body, upsert: upsert, vectors: make([][]byte, len(documents))}
	for i := range documents {
		size := 4 * dim
		numbers := make([]byte, 0, size)
		for _, f := range placeholder(i, dim) {
			numbers = binary.LittleEndian.AppendUint32(numbers, math.Float32bits(f))
		}
		place := bytes.Index(upsert, numbers)
		if place < 0 {
			return nil, errors.New("an upsert does not hold its vectors as they are")
		}
		j.vectors[i] = upsert[place : place+size]
	}
	return j, nil
}

// placeholder is a vector by which the place of the real one is found in the
// encoded request.
func placeholder(place, dim int) []float32 {
	out := make([]float32, dim)
	for i := range out {
		out[i] = float32(place*dim + i + 1)
	}
	return out
}

// ready is a codec for messages that are encoded already, and for answers
// that nobody reads.
type ready struct{}

// Name implements [encoding.CodecV2].
func (ready) Name() string { return "proto" }

// Marshal implements [encoding.CodecV2].
func (ready) Marshal(message any) (mem.BufferSlice, error) {
	encoded, ok := message.([]byte)
	if !ok {
		return nil, fmt.Errorf("%T is not encoded", message)
	}
	return mem.BufferSlice{mem.SliceBuffer(encoded)}, nil
}

// Unmarshal implements [encoding.CodecV2].
func (ready) Unmarshal(mem.BufferSlice, any) error { return nil }
