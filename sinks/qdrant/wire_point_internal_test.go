package qdrant

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/vecload/vecload/pipeline"
)

// written is the request that Write sends for points.
func written(points []pipeline.Point) []byte {
	b := changeHead("docs", true)
	for i := range points {
		b = appendPoint(b, &points[i], points[i].Vector)
	}
	return b
}

// updated is the request that Update sends for points.
func updated(points []pipeline.Point) []byte {
	b := changeHead("docs", false)
	for i := range points {
		b = appendOverwrite(b, &points[i])
	}
	return b
}

// wantMessage wants bytes that are read as a message, and no byte more than
// the library writes of it.
func wantMessage(t *testing.T, got []byte, want proto.Message) {
	t.Helper()
	read := want.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(got, read); err != nil {
		t.Fatalf("it cannot be read: %v", err)
	}
	// Bit for bit, which a comparison of numbers is not.
	same := proto.MarshalOptions{Deterministic: true}
	one, err := same.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	other, err := same.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, other) {
		t.Fatalf("it is read otherwise (-want +got):\n%s", cmp.Diff(want, read, protocmp.Transform()))
	}
	if size := proto.Size(want); len(got) != size {
		t.Fatalf("%d bytes, the library writes %d", len(got), size)
	}
}

// borders are the lengths at which one more byte is needed to write them, or
// to write that of a field around.
func borders() []int {
	var out []int
	for _, border := range []struct{ length, step int }{{0, 1}, {1 << 7, 1}, {1 << 14, 3}, {1 << 21, 16}} {
		for n := max(0, border.length-90); n < border.length+3; n += border.step {
			out = append(out, n)
		}
	}
	return out
}

func plainPoint() pipeline.Point {
	return pipeline.Point{
		ID: pipeline.NewPointID("text", "a", 1), Name: "text", Doc: "a", Chunk: 1, Chunks: 3, Text: "Ein Text",
		Vector: pipeline.Vector{0.6, -0.8},
		Made:   pipeline.Made{Input: pipeline.DigestText("a"), Rest: pipeline.DigestText("b")},
	}
}

// payloadOf is a plain point that has a payload.
func payloadOf(fields ...pipeline.Field) pipeline.Point {
	p := plainPoint()
	p.Payload = fields
	return p
}

func extremes() pipeline.Vector {
	return pipeline.Vector{
		0, float32(math.Copysign(0, -1)), math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32,
		float32(math.NaN()), math.Float32frombits(0x7fa00001), float32(math.Inf(1)), float32(math.Inf(-1)), 1.1754942e-38,
	}
}

func TestPointsAreWrittenAsTheLibraryWritesThem(t *testing.T) {
	t.Parallel()
	list, object := pipeline.List, pipeline.Object
	text := pipeline.String
	words := plainPoint()
	words.Sparse = pipeline.Sparse{Indices: []uint32{0, 1, 127, 128, 16383, 16384, math.MaxUint32}, Values: []float32{1, 2, 3, 4, 5, 6, 7}}
	other := plainPoint()
	other.ID, other.Name, other.Vector = pipeline.NewPointID("image", "a", 1), "image", pipeline.Vector{1, 2, 3}
	far := plainPoint()
	far.Vector = extremes()
	negative := plainPoint()
	negative.Chunk, negative.Chunks = -1, math.MaxInt
	bad := plainPoint()
	bad.Name, bad.Doc, bad.Text = "t\xff", "\xff\xfe", "a\x00\xffb"
	for name, points := range map[string][]pipeline.Point{
		"none":                        nil,
		"zero":                        {{}},
		"plain":                       {plainPoint()},
		"of several vectors":          {plainPoint(), other, words},
		"a sparse vector":             {words},
		"extreme numbers":             {far},
		"negative and large numbers":  {negative},
		"what is not UTF-8":           {bad},
		"null":                        {payloadOf(pipeline.Field{Name: "a"}, pipeline.Field{})},
		"booleans":                    {payloadOf(pipeline.Field{Name: "a", Value: pipeline.Bool(true)}, pipeline.Field{Name: "b", Value: pipeline.Bool(false)})},
		"texts":                       {payloadOf(pipeline.Field{Name: "a", Value: text("")}, pipeline.Field{Name: "b", Value: text("日本")})},
		"texts that are not UTF-8":    {payloadOf(pipeline.Field{Name: "a\xff", Value: text("b\xff")})},
		"empty lists and objects":     {payloadOf(pipeline.Field{Name: "a", Value: list(nil)}, pipeline.Field{Name: "b", Value: object(nil)})},
		"lists of all kinds":          {payloadOf(pipeline.Field{Name: "a", Value: list(kinds())})},
		"lists in lists":              {payloadOf(pipeline.Field{Name: "a", Value: list([]pipeline.Value{list(kinds()), list(kinds())})})},
		"objects in objects":          {payloadOf(pipeline.Field{Name: "a", Value: object([]pipeline.Field{{Name: "b", Value: object([]pipeline.Field{{Name: "c", Value: list(kinds())}})}})})},
		"what is as deep as it may":   {payloadOf(pipeline.Field{Name: "a", Value: deep(maxNesting)})},
		"a name of the largest field": {payloadOf(pipeline.Field{Name: strings.Repeat("n", 20_000), Value: pipeline.Float(1)})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMessage(t, written(points), upsertByLibrary("docs", points))
			wantMessage(t, updated(points), updateByLibrary("docs", points))
			if !bytes.Equal(written(points), written(points)) {
				t.Error("the same points give other bytes")
			}
		})
	}
	for _, v := range []int64{0, 1, -1, 127, 128, math.MaxInt64, math.MinInt64} {
		points := []pipeline.Point{payloadOf(pipeline.Field{Name: "n", Value: pipeline.Int(v)})}
		wantMessage(t, written(points), upsertByLibrary("docs", points))
	}
	for _, v := range []float64{0, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1} {
		points := []pipeline.Point{payloadOf(pipeline.Field{Name: "n", Value: pipeline.Float(v)})}
		wantMessage(t, written(points), upsertByLibrary("docs", points))
	}
}

// kinds has a value of each kind.
func kinds() []pipeline.Value {
	return []pipeline.Value{
		pipeline.Null(), pipeline.Bool(true), pipeline.Int(-5), pipeline.Float(2.5), pipeline.String("s"), pipeline.List(nil),
		pipeline.Object([]pipeline.Field{{Name: "k", Value: pipeline.String("v")}, {Name: ""}}),
	}
}

// deep is a value that is nested n levels deep.
func deep(n int) pipeline.Value {
	v := pipeline.String("x")
	for range n {
		v = pipeline.Object([]pipeline.Field{{Name: "a", Value: pipeline.List(nil)}, {Name: "deeper", Value: v}})
	}
	return v
}

func TestLengthsAreWrittenAtTheirBorders(t *testing.T) {
	t.Parallel()
	for _, n := range borders() {
		long := strings.Repeat("x", n)
		in := payloadOf(
			pipeline.Field{Name: "text", Value: pipeline.String(long)},
			pipeline.Field{Name: "list", Value: pipeline.List([]pipeline.Value{pipeline.String(long)})},
			pipeline.Field{Name: "object", Value: pipeline.Object([]pipeline.Field{{Name: "a", Value: pipeline.String(long)}})},
		)
		of := plainPoint()
		of.Text = long
		points := []pipeline.Point{in, of}
		if n < 1<<15 {
			named, vector := payloadOf(pipeline.Field{Name: long}), plainPoint()
			vector.Vector = make(pipeline.Vector, n/4)
			for i := range n / 8 {
				vector.Sparse.Indices = append(vector.Sparse.Indices, uint32(i))
				vector.Sparse.Values = append(vector.Sparse.Values, 1)
			}
			points = append(points, named, vector)
		}
		for i := range points {
			some := points[i : i+1]
			wantMessage(t, written(some), upsertByLibrary("docs", some))
			wantMessage(t, updated(some), updateByLibrary("docs", some))
		}
	}
}

func TestIDsAreWrittenAsTheLibraryWritesThem(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 4, 300, 420} {
		ids := make([]pipeline.PointID, n)
		selected := make([]*pb.PointId, n)
		for i := range ids {
			ids[i] = pipeline.NewPointID("text", "doc", i)
			selected[i] = pb.NewIDUUID(ids[i].String())
		}
		id := func(i int) *pipeline.PointID { return &ids[i] }
		wantMessage(t, appendSelector(changeHead("docs", true), deleteSelector, n, id), &pb.DeletePoints{
			CollectionName: "docs", Wait: new(true), Points: pb.NewPointsSelector(selected...),
		})
		wantMessage(t, appendSelector(appendText(changeHead("docs", true), clearKeys, "a"), clearSelector, n, id), &pb.DeletePayloadPoints{
			CollectionName: "docs", Wait: new(true), Keys: []string{"a"}, PointsSelector: pb.NewPointsSelector(selected...),
		})
		wantMessage(t, appendIDs(appendText(nil, requestCollection, "docs"), getIDs, ids), &pb.GetPoints{CollectionName: "docs", Ids: selected})
	}
}

// pointOf makes a point of the bytes that a fuzzer tries.
func pointOf(vector []byte, text, name string, n int64, shape []byte) pipeline.Point {
	p := pipeline.Point{
		ID: pipeline.NewPointID(name, text, int(n)), Name: name, Doc: text, Chunk: int(n), Chunks: len(shape), Text: text + name,
		Made: pipeline.Made{Input: pipeline.DigestText(text), Rest: pipeline.DigestText(name)},
	}
	for some := range slices.Chunk(vector, 4) {
		if len(some) == 4 {
			p.Vector = append(p.Vector, math.Float32frombits(binary.LittleEndian.Uint32(some)))
		}
	}
	p.Payload, _ = fieldsOf(shape, text, name, n, 0)
	for i, b := range shape {
		p.Sparse.Indices = append(p.Sparse.Indices, uint32(b)<<(i%25))
		p.Sparse.Values = append(p.Sparse.Values, float32(b)-float32(n))
	}
	return p
}

// fieldsOf makes fields of a shape, whose bytes each choose a kind, and
// returns what is left of it.
func fieldsOf(shape []byte, text, name string, n int64, depth int) (fields []pipeline.Field, rest []byte) {
	for len(shape) > 0 && shape[0]%8 != 7 {
		kind := shape[0] % 8
		field := pipeline.Field{Name: name + string(rune('a'+len(fields)))}
		switch shape = shape[1:]; kind {
		case 1:
			field.Value = pipeline.Bool(n%2 == 0)
		case 2:
			field.Value = pipeline.Int(n >> len(shape))
		case 3:
			field.Value = pipeline.Float(math.Float64frombits(uint64(n)))
		case 4:
			field.Value = pipeline.String(text)
		case 5, 6:
			var inner []pipeline.Field
			if depth < maxNesting {
				inner, shape = fieldsOf(shape, text, name, n, depth+1)
			}
			field.Value = pipeline.Object(inner)
			if kind == 5 {
				list := make([]pipeline.Value, len(inner))
				for i := range inner {
					list[i] = inner[i].Value
				}
				field.Value = pipeline.List(list)
			}
		}
		fields = append(fields, field)
	}
	return fields, shape[min(1, len(shape)):]
}

func FuzzAppendPoint(f *testing.F) {
	f.Add([]byte("\x00\x00\x80\x3f\x00\x00\x00\x00"), "a text", "text", int64(1), []byte("\x00\x01\x02\x03\x04\x05\x01\x07\x06\x04\x07\x04"))
	f.Add([]byte{}, "", "", int64(math.MinInt64), []byte{})
	f.Add(bytes.Repeat([]byte{1}, 508), strings.Repeat("\xff", 90), "n\xff", int64(math.MaxInt64), bytes.Repeat([]byte{5, 6, 4}, 60))
	f.Fuzz(func(t *testing.T, vector []byte, text, name string, n int64, shape []byte) {
		if len(shape) > 500 || len(text) > 1<<16 || len(name) > 1<<12 {
			return // large, not other
		}
		points := []pipeline.Point{pointOf(vector, text, name, n, shape)}
		wantMessage(t, written(points), upsertByLibrary("docs", points))
		wantMessage(t, updated(points), updateByLibrary("docs", points))
	})
}
