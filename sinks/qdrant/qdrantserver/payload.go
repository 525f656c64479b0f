package qdrantserver

import (
	"maps"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// selectPayload returns the part of a payload that is sent. Without a selector
// gRPC sends none. Names may be paths into objects, such as "a.b".
func selectPayload(payload map[string]*pb.Value, selector *pb.WithPayloadSelector) (map[string]*pb.Value, error) {
	switch want := selector.GetSelectorOptions().(type) {
	case *pb.WithPayloadSelector_Enable:
		if want.Enable {
			return payload, nil
		}
	case *pb.WithPayloadSelector_Include:
		out := make(map[string]*pb.Value, len(want.Include.GetFields()))
		for _, path := range want.Include.GetFields() {
			if strings.ContainsAny(path, `["`) {
				return nil, status.Error(codes.Unimplemented, "paths into lists and quoted paths are not known to this server")
			}
			include(payload, path, out)
		}
		return out, nil
	case *pb.WithPayloadSelector_Exclude:
		out := payload
		for _, path := range want.Exclude.GetFields() {
			if strings.ContainsAny(path, `["`) {
				return nil, status.Error(codes.Unimplemented, "paths into lists and quoted paths are not known to this server")
			}
			out = exclude(out, path)
		}
		return out, nil
	}
	return nil, nil
}

// include copies what stands at a path from one object to another.
func include(from map[string]*pb.Value, path string, to map[string]*pb.Value) {
	name, rest, nested := strings.Cut(path, ".")
	value, ok := from[name]
	if !ok {
		return
	}
	if !nested {
		to[name] = value
		return
	}
	object := value.GetStructValue()
	if object == nil {
		return
	}
	part := map[string]*pb.Value{}
	if old := to[name].GetStructValue(); old != nil {
		if old == object {
			return // it is there as a whole
		}
		part = old.GetFields()
	}
	include(object.GetFields(), rest, part)
	if len(part) > 0 {
		to[name] = &pb.Value{Kind: &pb.Value_StructValue{StructValue: &pb.Struct{Fields: part}}}
	}
}

// exclude returns an object without what stands at a path; the object itself
// stays as it is.
func exclude(from map[string]*pb.Value, path string) map[string]*pb.Value {
	name, rest, nested := strings.Cut(path, ".")
	value, ok := from[name]
	if !ok || nested && value.GetStructValue() == nil {
		return from
	}
	out := maps.Clone(from)
	if !nested {
		delete(out, name)
		return out
	}
	out[name] = &pb.Value{Kind: &pb.Value_StructValue{StructValue: &pb.Struct{
		Fields: exclude(value.GetStructValue().GetFields(), rest),
	}}}
	return out
}

// isNull reports whether a value is null; an empty message is, too.
func isNull(value *pb.Value) bool {
	switch value.GetKind().(type) {
	case nil, *pb.Value_NullValue:
		return true
	}
	return false
}
