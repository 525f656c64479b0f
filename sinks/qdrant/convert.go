package qdrant

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

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
