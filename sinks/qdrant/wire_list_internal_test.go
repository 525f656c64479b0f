package qdrant

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// listed is what is wanted of a point of a list.
type listed struct {
	UUID, Vector, Doc, Made string
	Chunk, Chunks           int
}

func listAll(message []byte) (all []listed, next []byte, err error) {
	next, err = readList(message, func(p onList) error {
		all = append(all, listed{string(p.uuid), string(p.own.vector), string(p.own.doc), string(p.made), p.own.chunk, p.own.chunks})
		return nil
	})
	return all, next, err
}

// listByLibrary reads as the generated code does.
func listByLibrary(message []byte) (all []listed, next *pb.PointId, err error) {
	answer := &pb.ScrollResponse{}
	if err := proto.Unmarshal(message, answer); err != nil {
		return nil, nil, err
	}
	for _, p := range answer.GetResult() {
		own := p.GetPayload()[ReservedField].GetStructValue().GetFields()
		all = append(all, listed{
			UUID: p.GetId().GetUuid(), Made: p.GetPayload()[madeField].GetStringValue(),
			Vector: own["vector"].GetStringValue(), Doc: own["doc"].GetStringValue(),
			Chunk: int(own["chunk"].GetIntegerValue()), Chunks: int(own["chunks"].GetIntegerValue()),
		})
	}
	return all, answer.NextPageOffset, nil
}

// wantList wants a message read as the library reads it, if it does.
func wantList(t *testing.T, message []byte) {
	t.Helper()
	want, wantNext, err := listByLibrary(message)
	if err != nil {
		return // the library looks at more, and may refuse more
	}
	got, next, err := listAll(message)
	if err != nil {
		t.Fatalf("%v, where the library reads %+v", err, want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the list is read otherwise (-want +got):\n%s", diff)
	}
	if (next == nil) != (wantNext == nil) {
		t.Fatalf("the next page is %x, the library's %v", next, wantNext)
	}
	id := &pb.PointId{}
	if err := proto.Unmarshal(next, id); err != nil {
		t.Fatal(err)
	}
	if next != nil && !proto.Equal(id, wantNext) {
		t.Errorf("the next page is %v, the library's %v", id, wantNext)
	}
}

func pages(tb testing.TB) [][]byte {
	tb.Helper()
	p := plainPoint()
	ours := &pb.RetrievedPoint{Id: pb.NewIDUUID(p.ID.String()), Payload: payloadByLibrary(&p)}
	other := plainPoint()
	other.Name, other.Chunk = "image", -7
	odd := &pb.RetrievedPoint{Id: pb.NewIDNum(7), Payload: map[string]*pb.Value{
		"": {}, madeField: pb.NewValueInt(4), ReservedField: pb.NewValueStruct(&pb.Struct{Fields: map[string]*pb.Value{
			"vector": pb.NewValueInt(3), "doc": pb.NewValueDouble(1), "chunk": pb.NewValueString("2"), "chunks": {}, "else": pb.NewValueBool(true),
		}}),
	}}
	flat := &pb.RetrievedPoint{Payload: map[string]*pb.Value{ReservedField: pb.NewValueString("text")}}
	var out [][]byte
	for _, answer := range []*pb.ScrollResponse{
		{},
		{Time: 0.5, Result: []*pb.RetrievedPoint{{}}},
		{Result: []*pb.RetrievedPoint{ours, {Id: ours.GetId(), Payload: payloadByLibrary(&other)}, ours}, NextPageOffset: ours.GetId()},
		{Result: []*pb.RetrievedPoint{odd, flat, ours}, NextPageOffset: pb.NewIDNum(8)},
		{NextPageOffset: &pb.PointId{}},
	} {
		message, err := proto.MarshalOptions{Deterministic: true}.Marshal(answer)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, message)
	}
	// Messages in several parts: an object twice, with another kind between,
	// and an id for the next page in two.
	wrap := func(number protowire.Number, parts ...[]byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), slices.Concat(parts...))
	}
	doc := wrap(valueStruct, wrap(structFields, wrap(entryKey, []byte("doc")), wrap(entryValue, wrap(valueString, []byte("a")))))
	vector := wrap(valueStruct, wrap(structFields, wrap(entryValue, wrap(valueString, []byte("text"))), wrap(entryKey, []byte("vector"))))
	text := wrap(valueString, []byte("flat"))
	key := wrap(entryKey, []byte(ReservedField))
	for _, values := range [][][]byte{
		{wrap(entryValue, doc, vector)},
		{wrap(entryValue, doc), wrap(entryValue, vector)},
		{wrap(entryValue, doc, text, vector)},
		{wrap(entryValue, doc), wrap(entryValue, text)},
		{wrap(entryValue, vector, doc, doc)},
		nil,
	} {
		entry := wrap(pointPayload, append([][]byte{key}, values...)...)
		out = append(out, wrap(scrollResult, entry), wrap(scrollResult, entry, wrap(pointPayload, key)))
	}
	return append(out, slices.Concat(wrap(scrollNext, []byte{idNum << 3, 5}), wrap(scrollNext, wrap(idUUID, []byte("x")))))
}

func TestListsAreReadAsTheLibraryReadsThem(t *testing.T) {
	t.Parallel()
	for _, message := range pages(t) {
		if _, _, err := listByLibrary(message); err != nil {
			t.Fatalf("the library does not read %x: %v", message, err)
		}
		wantList(t, message)
	}
}

func FuzzReadList(f *testing.F) {
	for _, message := range pages(f) {
		f.Add(message)
	}
	f.Fuzz(wantList)
}
