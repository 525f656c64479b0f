package qdrant

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// encodePoint makes the message of a point. Vectors and strings are shared.
func encodePoint(p *pipeline.Point) *pb.PointStruct {
	vectors := map[string]*pb.Vector{p.Name: pb.NewVectorDense(p.Vector)}
	if p.Sparse.Len() > 0 {
		vectors[sparseName(p.Name)] = pb.NewVectorSparse(p.Sparse.Indices, p.Sparse.Values)
	}
	return &pb.PointStruct{
		Id:      pb.NewIDUUID(p.ID.String()),
		Payload: encodePayload(p),
		Vectors: pb.NewVectorsMap(vectors),
	}
}

// encodePayload makes all of a point's message beside its id and its vector.
func encodePayload(p *pipeline.Point) map[string]*pb.Value {
	payload := make(map[string]*pb.Value, len(p.Payload)+2)
	for _, f := range p.Payload {
		payload[validText(f.Name)] = encodeValue(f.Value)
	}
	payload[ReservedField] = encodeValue(pipeline.Object([]pipeline.Field{
		{Name: "vector", Value: pipeline.String(p.Name)},
		{Name: "doc", Value: pipeline.String(p.Doc)},
		{Name: "chunk", Value: pipeline.Int(int64(p.Chunk))},
		{Name: "chunks", Value: pipeline.Int(int64(p.Chunks))},
		{Name: "text", Value: pipeline.String(p.Text)},
	}))
	payload[madeField] = encodeValue(pipeline.String(encodeMade(p)))
	return payload
}

// encodeValue converts without a panic and without a loss, which the
// library's NewValueMap does not.
func encodeValue(v pipeline.Value) *pb.Value {
	switch v.Kind() {
	case pipeline.KindNull:
	case pipeline.KindBool:
		return &pb.Value{Kind: &pb.Value_BoolValue{BoolValue: v.Bool()}}
	case pipeline.KindInt:
		return &pb.Value{Kind: &pb.Value_IntegerValue{IntegerValue: v.Int()}}
	case pipeline.KindFloat:
		return &pb.Value{Kind: &pb.Value_DoubleValue{DoubleValue: v.Float()}}
	case pipeline.KindString:
		return &pb.Value{Kind: &pb.Value_StringValue{StringValue: validText(v.Str())}}
	case pipeline.KindList:
		values := make([]*pb.Value, len(v.List()))
		for i, e := range v.List() {
			values[i] = encodeValue(e)
		}
		return &pb.Value{Kind: &pb.Value_ListValue{ListValue: &pb.ListValue{Values: values}}}
	case pipeline.KindObject:
		fields := make(map[string]*pb.Value, len(v.Object()))
		for _, f := range v.Object() {
			fields[validText(f.Name)] = encodeValue(f.Value)
		}
		return &pb.Value{Kind: &pb.Value_StructValue{StructValue: &pb.Struct{Fields: fields}}}
	}
	return &pb.Value{Kind: &pb.Value_NullValue{NullValue: pb.NullValue_NULL_VALUE}}
}

// validText replaces each byte that is not UTF-8 with U+FFFD, since protobuf
// refuses the whole message otherwise.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// decodeValue is the inverse of encodeValue, with fields in the order of
// their names. An empty message is null, as the server reads it.
func decodeValue(v *pb.Value) pipeline.Value {
	switch kind := v.GetKind().(type) {
	case *pb.Value_BoolValue:
		return pipeline.Bool(kind.BoolValue)
	case *pb.Value_IntegerValue:
		return pipeline.Int(kind.IntegerValue)
	case *pb.Value_DoubleValue:
		return pipeline.Float(kind.DoubleValue)
	case *pb.Value_StringValue:
		return pipeline.String(kind.StringValue)
	case *pb.Value_ListValue:
		list := make([]pipeline.Value, len(kind.ListValue.GetValues()))
		for i, e := range kind.ListValue.GetValues() {
			list[i] = decodeValue(e)
		}
		return pipeline.List(list)
	case *pb.Value_StructValue:
		return pipeline.Object(decodeFields(kind.StructValue.GetFields()))
	}
	return pipeline.Null()
}

func decodeFields(fields map[string]*pb.Value) []pipeline.Field {
	out := make([]pipeline.Field, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, pipeline.Field{Name: name, Value: decodeValue(fields[name])})
	}
	return out
}

// decodeHit reads a point that was found by its vector of this name.
func decodeHit(name string, p *pb.ScoredPoint) (pipeline.Hit, error) {
	id, err := decodeID(p.GetId())
	if err != nil {
		return pipeline.Hit{}, err
	}
	hit := pipeline.Hit{Point: pipeline.Point{ID: id, Name: name}, Score: float64(p.GetScore())}
	for _, f := range decodeFields(p.GetPayload()) {
		switch {
		case !Reserved(f.Name):
			hit.Payload = append(hit.Payload, f)
			continue
		case f.Name == madeField:
			hit.Made = decodeMade([]byte(f.Value.Str()), name).Made
			continue
		case f.Name != ReservedField:
			continue
		}
		for _, own := range f.Value.Object() {
			switch own.Name {
			case "doc":
				hit.Doc = own.Value.Str()
			case "chunk":
				hit.Chunk = int(own.Value.Int())
			case "chunks":
				hit.Chunks = int(own.Value.Int())
			case "text":
				hit.Text = own.Value.Str()
			}
		}
	}
	return hit, nil
}

// decodeID reads a UUID. Numbers, the other kind of ids that Qdrant has, are
// none of ours.
func decodeID(id *pb.PointId) (pipeline.PointID, error) {
	var out pipeline.PointID
	digits := strings.ReplaceAll(id.GetUuid(), "-", "")
	if len(digits) != 2*len(out) {
		return out, foreignID(id)
	}
	if _, err := hex.Decode(out[:], []byte(digits)); err != nil {
		return out, foreignID(id)
	}
	return out, nil
}

func foreignID(id *pb.PointId) error {
	return fmt.Errorf("point %v was not written by vecload: its id is no UUID", id)
}
