package qdrantserver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
)

// Dump writes each point of a collection, or of the one behind an alias, as a
// line, in the order of their ids: "" where there is no such collection. Two
// collections that hold the same have the same dump.
func (s *Server) Dump(name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(name)
	if err != nil {
		return "", nil
	}
	lines := make([]string, 0, len(c.points))
	for key, p := range c.points {
		payload := map[string]any{}
		for field, value := range p.payload {
			payload[field] = plain(value)
		}
		text, err := json.Marshal(payload)
		if err != nil {
			return "", err
		}
		sparse := map[string]string{}
		for vector, v := range p.sparse {
			sparse[vector] = fmt.Sprint(v.indices, v.values)
		}
		lines = append(lines, fmt.Sprintf("%s %s %v %v\n", key.text(), text, p.vectors, sparse))
	}
	slices.Sort(lines)
	return strings.Join(lines, ""), nil
}

// plain is a value as encoding/json writes it.
func plain(v *pb.Value) any {
	switch k := v.GetKind().(type) {
	case *pb.Value_BoolValue:
		return k.BoolValue
	case *pb.Value_IntegerValue:
		return k.IntegerValue
	case *pb.Value_DoubleValue:
		return k.DoubleValue
	case *pb.Value_StringValue:
		return k.StringValue
	case *pb.Value_ListValue:
		out := []any{}
		for _, element := range k.ListValue.GetValues() {
			out = append(out, plain(element))
		}
		return out
	case *pb.Value_StructValue:
		out := map[string]any{}
		for name, field := range k.StructValue.GetFields() {
			out[name] = plain(field)
		}
		return out
	}
	return nil
}
