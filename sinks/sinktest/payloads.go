package sinktest

import (
	"math"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// pointsOfEachPayload makes a point for each kind of payload value, one with
// all of them and one with none.
func pointsOfEachPayload() []pipeline.Point {
	values := map[string]pipeline.Value{
		"null":          pipeline.Null(),
		"true":          pipeline.Bool(true),
		"false":         pipeline.Bool(false),
		"zero":          pipeline.Int(0),
		"max int":       pipeline.Int(math.MaxInt64),
		"min int":       pipeline.Int(math.MinInt64),
		"above 2^53":    pipeline.Int(1<<53 + 1),
		"float":         pipeline.Float(0.1),
		"integral":      pipeline.Float(1),
		"negative":      pipeline.Float(-2.5),
		"huge":          pipeline.Float(1e300),
		"tiny":          pipeline.Float(5e-324),
		"float 2^63":    pipeline.Float(math.Exp2(63)),
		"empty":         pipeline.String(""),
		"string":        pipeline.String("héllo 世界 👋🏽 \u2028 \"quoted\" \\ back"),
		"control":       pipeline.String("a\x00b\x01\n\r\t\x7f"),
		"number string": pipeline.String("12345678901234567890"),
		"big":           pipeline.String(strings.Repeat("0123456789abcdef", 1<<14)),
		"empty list":    pipeline.List([]pipeline.Value{}),
		"empty object":  pipeline.Object([]pipeline.Field{}),
		"list": pipeline.List([]pipeline.Value{
			pipeline.Int(1), pipeline.Float(1), pipeline.String("1"), pipeline.Null(), pipeline.Bool(true),
			pipeline.List([]pipeline.Value{pipeline.List([]pipeline.Value{})}),
		}),
		"object": pipeline.Object([]pipeline.Field{
			{Name: "", Value: pipeline.String("empty name")},
			{Name: "a.b", Value: pipeline.Object([]pipeline.Field{{Name: "c[]", Value: pipeline.Int(-1)}})},
			{Name: "naïve 名", Value: pipeline.List([]pipeline.Value{pipeline.Object([]pipeline.Field{
				{Name: "deep", Value: pipeline.Float(-0.5)},
			})})},
		}),
		"doc": pipeline.String("a field with a name of ours"), "text": pipeline.Int(7), "id": pipeline.Bool(true),
	}
	all := make([]pipeline.Field, 0, len(values))
	var points []pipeline.Point
	for name, value := range values {
		all = append(all, pipeline.Field{Name: name, Value: value})
		points = append(points, point("only "+name, axis(1), pipeline.Field{Name: name, Value: value}))
	}
	return append(points, point("all", axis(0), all...), point("no payload", axis(0)))
}
