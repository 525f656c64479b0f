package qdrant

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
)

// BenchmarkEncodePoints makes the requests of 256 points of 384 dimensions,
// the sink's own way and the library's. An iteration is one request.
func BenchmarkEncodePoints(b *testing.B) {
	_, batches := sinktest.Batches(8, 256)
	for _, test := range []struct {
		name   string
		encode func(b *testing.B, points []pipeline.Point) int
	}{
		{"library", func(b *testing.B, points []pipeline.Point) int {
			message, err := proto.Marshal(upsertByLibrary("docs", points))
			if err != nil {
				b.Fatal(err)
			}
			return len(message)
		}},
		{"own", func() func(b *testing.B, points []pipeline.Point) int {
			var memory []byte
			return func(_ *testing.B, points []pipeline.Point) int {
				memory = append(memory[:0], changeHead("docs", true)...)
				for i := range points {
					memory = appendPoint(memory, &points[i], points[i].Vector)
				}
				return len(memory)
			}
		}()},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				b.SetBytes(int64(test.encode(b, batches[n%len(batches)])))
				n++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(256*n), "ns/point")
		})
	}
}

// BenchmarkCheckPoint checks one point of 384 dimensions.
func BenchmarkCheckPoint(b *testing.B) {
	spaces, batches := sinktest.Batches(1, 256)
	x := &Index{}
	n := 0
	for b.Loop() {
		if err := x.checkPoint(&batches[0][n%256], spaces); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
