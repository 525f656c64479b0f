package qdrant

import (
	"bytes"
	"slices"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"

	"github.com/vecload/vecload/pipeline"
)

// read is what is wanted of a point.
type read struct{ UUID, Text string }

func readAll(message []byte) ([]read, error) {
	var out []read
	err := readPoints(message, madeField, func(uuid, text []byte) error {
		out = append(out, read{string(uuid), string(text)})
		return nil
	})
	return out, err
}

// readByLibrary reads as the generated code does.
func readByLibrary(message []byte) ([]read, error) {
	answer := &pb.GetResponse{}
	if err := proto.Unmarshal(message, answer); err != nil {
		return nil, err
	}
	var out []read
	for _, p := range answer.GetResult() {
		out = append(out, read{p.GetId().GetUuid(), p.GetPayload()[madeField].GetStringValue()})
	}
	return out, nil
}

func answers(tb testing.TB) [][]byte {
	tb.Helper()
	point := func(id *pb.PointId, payload map[string]*pb.Value) *pb.RetrievedPoint {
		return &pb.RetrievedPoint{Id: id, Payload: payload}
	}
	uuid := pb.NewIDUUID("0e8f6f5c-0000-5000-8000-000000000001")
	var out [][]byte
	for _, answer := range []*pb.GetResponse{
		{},
		{Time: 0.5, Result: []*pb.RetrievedPoint{{}}},
		{Result: []*pb.RetrievedPoint{point(uuid, nil), point(pb.NewIDNum(7), map[string]*pb.Value{madeField: pb.NewValueString("a")})}},
		{Result: []*pb.RetrievedPoint{point(uuid, map[string]*pb.Value{
			"": {}, "other": pb.NewValueDouble(1), madeField: pb.NewValueString("text"), ReservedField: pb.NewValueStruct(nil),
		})}},
		{Result: []*pb.RetrievedPoint{point(uuid, map[string]*pb.Value{madeField: pb.NewValueInt(1)})}},
		{Result: []*pb.RetrievedPoint{{Id: uuid, Vectors: &pb.VectorsOutput{
			VectorsOptions: &pb.VectorsOutput_Vector{Vector: &pb.VectorOutput{}},
		}}}},
	} {
		message, err := proto.Marshal(answer)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, message)
	}
	// A point in two parts, each field again: what comes later counts.
	a := []byte("\x0a\x26\x12\x24" + "0e8f6f5c-0000-5000-8000-000000000001")
	b := []byte("\x0a\x02\x08\x07")
	entry := []byte("\x12\x16\x0a\x0d_vecload_made\x12\x03\x22\x01a\x12\x04\x22\x02bb")
	entry[1] = byte(len(entry) - 2)
	number := []byte("\x12\x13\x0a\x0d_vecload_made\x12\x02\x18\x05")
	for _, parts := range [][][]byte{{a, b}, {b, a}, {a, entry, entry}, {a, entry, number}, {a, number, entry}} {
		point := slices.Concat(parts...)
		out = append(out, slices.Concat([]byte{0x0a, byte(len(point))}, point))
	}
	return out
}

func TestAnswersAreReadAsTheLibraryReadsThem(t *testing.T) {
	t.Parallel()
	for i, message := range answers(t) {
		got, err := readAll(message)
		want, libraryErr := readByLibrary(message)
		if err != nil || libraryErr != nil || !slices.Equal(got, want) {
			t.Errorf("answer %d is read as %q, %v, the library reads %q, %v", i, got, err, want, libraryErr)
		}
	}
}

func FuzzReadPoints(f *testing.F) {
	for _, message := range answers(f) {
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := readAll(message)
		want, libraryErr := readByLibrary(message)
		if libraryErr != nil {
			return // the library looks at more, and may refuse more
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("read as %q, %v, the library reads %q", got, err, want)
		}
	})
}

func FuzzParseUUID(f *testing.F) {
	f.Add([]byte("0e8f6f5c-0000-5000-8000-000000000001"))
	f.Add([]byte("0e8f6f5c000050008000000000000001"))
	f.Add([]byte("0E8F6F5C-0000-5000-8000-00000000000G"))
	f.Fuzz(func(t *testing.T, text []byte) {
		id, ok := parseUUID(text)
		if ok && !bytes.EqualFold([]byte(id.String()), text) {
			t.Errorf("%q is read as %s", text, id)
		}
	})
}

func FuzzDecodeMade(f *testing.F) {
	p := pipeline.Point{Name: "text", Chunks: 3, Made: pipeline.Made{Input: pipeline.DigestText("a"), Rest: pipeline.DigestText("b")}}
	f.Add([]byte(textOfMade(&p)), "text")
	f.Add([]byte(""), "")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		stored := decodeMade(text, name)
		if stored.Made == (pipeline.Made{}) {
			return
		}
		again := textOfMade(&pipeline.Point{Name: name, Chunks: stored.Chunks, Made: stored.Made})
		if again != string(text) {
			t.Errorf("%q is read as %+v, which is written as %q", text, stored, again)
		}
	})
}

func TestPlacesAreFoundInAnyOrder(t *testing.T) {
	t.Parallel()
	var ids []pipeline.PointID
	for i := range 6 {
		ids = append(ids, pipeline.NewPointID("text", "doc", i))
	}
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5}, {1, 4}, {5, 0, 3}, {2, 1, 0, 5}} {
		places := places{ids: ids}
		for _, want := range order {
			if got, ok := places.of(ids[want]); !ok || got != want {
				t.Errorf("in the order %v the place of %d is %d, %v", order, want, got, ok)
			}
		}
		if _, ok := places.of(pipeline.NewPointID("image", "doc", 0)); ok {
			t.Error("an id that is not in the list has a place")
		}
	}
}
