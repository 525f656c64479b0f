package parquet_test

import (
	"math"
	"strings"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// values reads the payload field x of each row, as JSON, or the error.
func values(tb testing.TB, file string) []string {
	tb.Helper()
	var got []string
	mapping := sources.Mapping{Text: "x{{if .x}}{{end}}", Payload: []string{"x"}}
	for doc, err := range corpus(tb, mapping, file).Documents(tb.Context()) {
		if err != nil {
			got = append(got, strings.ReplaceAll(err.Error(), file, "FILE"))
			continue
		}
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(string(pipeline.AppendJSONFields(nil, doc.Payload)), `{"x":`), "}"))
	}
	return got
}

func wantValues(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func fixed(values ...string) []arrow.FixedLenByteArray {
	list := make([]arrow.FixedLenByteArray, len(values))
	for i, v := range values {
		list[i] = arrow.FixedLenByteArray(v)
	}
	return list
}

func TestEveryTypeBecomesAValue(t *testing.T) {
	t.Parallel()
	stamp := schema.NewTimestampLogicalType
	clock := schema.NewTimeLogicalType
	none := schema.LogicalType(schema.NoLogicalType{})
	const leapNoon = 1709208000 // 2024-02-29T12:00:00Z
	for _, tc := range []struct {
		name     string
		logical  schema.LogicalType
		physical arrow.Type
		size     int
		values   any
		want     []string
	}{
		{"boolean", none, arrow.Types.Boolean, 0, []bool{true, false}, []string{"true", "false"}},
		{"int32", none, arrow.Types.Int32, 0, []int32{math.MinInt32, math.MaxInt32}, []string{"-2147483648", "2147483647"}},
		{"int64", none, arrow.Types.Int64, 0, []int64{math.MinInt64, math.MaxInt64}, []string{"-9223372036854775808", "9223372036854775807"}},
		{"int8", schema.NewIntLogicalType(8, true), arrow.Types.Int32, 0, []int32{-128}, []string{"-128"}},
		{"uint8", schema.NewIntLogicalType(8, false), arrow.Types.Int32, 0, []int32{255}, []string{"255"}},
		{"uint32", schema.NewIntLogicalType(32, false), arrow.Types.Int32, 0, []int32{-1, 1}, []string{"4294967295", "1"}},
		{"uint64", schema.NewIntLogicalType(64, false), arrow.Types.Int64, 0, []int64{-1, 1}, []string{`"18446744073709551615"`, "1"}},
		{"float", none, arrow.Types.Float, 0, []float32{1.5, float32(math.NaN()), float32(math.Inf(1))}, []string{"1.5", "null", "null"}},
		{"double", none, arrow.Types.Double, 0, []float64{0.1, math.NaN(), math.Inf(-1)}, []string{"0.1", "null", "null"}},
		{"float16", schema.Float16LogicalType{}, arrow.Types.FixedLenByteArray, 2, fixed("\x00\x3e", "\x00\x7e"), []string{"1.5", "null"}},
		{"date", schema.DateLogicalType{}, arrow.Types.Int32, 0, []int32{0, -1, 19782}, []string{`"1970-01-01"`, `"1969-12-31"`, `"2024-02-29"`}},
		{"time in ms", clock(true, schema.TimeUnitMillis), arrow.Types.Int32, 0, []int32{0, 86399999}, []string{`"00:00:00Z"`, `"23:59:59.999Z"`}},
		{"time in µs", clock(false, schema.TimeUnitMicros), arrow.Types.Int64, 0, []int64{1, 86400000000}, []string{`"00:00:00.000001"`, "FILE:2: column x: a time of day is outside of a day"}},
		{"time in ns", clock(false, schema.TimeUnitNanos), arrow.Types.Int64, 0, []int64{49020250000000}, []string{`"13:37:00.25"`}},
		{"timestamp in ms", stamp(true, schema.TimeUnitMillis), arrow.Types.Int64, 0, []int64{leapNoon*1e3 + 7, -1}, []string{`"2024-02-29T12:00:00.007Z"`, `"1969-12-31T23:59:59.999Z"`}},
		{"timestamp in µs", stamp(true, schema.TimeUnitMicros), arrow.Types.Int64, 0, []int64{leapNoon * 1e6}, []string{`"2024-02-29T12:00:00Z"`}},
		{"timestamp in ns", stamp(true, schema.TimeUnitNanos), arrow.Types.Int64, 0, []int64{leapNoon*1e9 + 1, math.MinInt64}, []string{`"2024-02-29T12:00:00.000000001Z"`, `"1677-09-21T00:12:43.145224192Z"`}},
		{"local timestamp", stamp(false, schema.TimeUnitMicros), arrow.Types.Int64, 0, []int64{leapNoon * 1e6}, []string{`"2024-02-29T12:00:00"`}},
		{"int96", none, arrow.Types.Int96, 0, []arrow.Int96{arrow.NewInt96([3]uint32{1, 0, 2440589})}, []string{`"1970-01-02T00:00:00.000000001Z"`}},
		{"decimal in int32", schema.NewDecimalLogicalType(9, 2), arrow.Types.Int32, 0, []int32{1230, -5, 0}, []string{`"12.30"`, `"-0.05"`, `"0.00"`}},
		{"decimal in int64", schema.NewDecimalLogicalType(18, 0), arrow.Types.Int64, 0, []int64{math.MinInt64}, []string{`"-9223372036854775808"`}},
		{"decimal of 128 bits", schema.NewDecimalLogicalType(38, 10), arrow.Types.FixedLenByteArray, 16, fixed("\x80"+strings.Repeat("\x00", 15), strings.Repeat("\xff", 16)), []string{`"-17014118346046923173168730371.5884105728"`, `"-0.0000000001"`}},
		{"decimal of 256 bits", schema.NewDecimalLogicalType(76, 4), arrow.Types.FixedLenByteArray, 32, fixed("\x7f" + strings.Repeat("\xff", 31)), []string{`"5789604461865809771178549250434395392663499233282028201972879200395656481.9967"`}},
		{"decimal in bytes", schema.NewDecimalLogicalType(5, 1), arrow.Types.ByteArray, 0, texts("\x01\x00", "", "\xff"), []string{`"25.6"`, `"0.0"`, `"-0.1"`}},
		{"string", schema.StringLogicalType{}, arrow.Types.ByteArray, 0, texts("é\x00", ""), []string{`"é\u0000"`, `""`}},
		{"string that is not UTF-8", schema.StringLogicalType{}, arrow.Types.ByteArray, 0, texts("a", "secret\xff", "b"), []string{`"a"`, "FILE:2: column x: a string is not valid UTF-8", `"b"`}},
		{"enum", schema.EnumLogicalType{}, arrow.Types.ByteArray, 0, texts("RED"), []string{`"RED"`}},
		{"JSON", schema.JSONLogicalType{}, arrow.Types.ByteArray, 0, texts(`{"a":1}`), []string{`"{\"a\":1}"`}},
		{"BSON", schema.BSONLogicalType{}, arrow.Types.ByteArray, 0, texts("\x05\x00"), []string{`"BQA="`}},
		{"bytes", none, arrow.Types.ByteArray, 0, texts("\xff\xfe"), []string{`"//4="`}},
		{"fixed bytes", none, arrow.Types.FixedLenByteArray, 3, fixed("abc"), []string{`"YWJj"`}},
		{"UUID", schema.UUIDLogicalType{}, arrow.Types.FixedLenByteArray, 16, fixed("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"), []string{`"00112233-4455-6677-8899-aabbccddeeff"`}},
		{"interval", schema.IntervalLogicalType{}, arrow.Types.FixedLenByteArray, 12, fixed("\x01\x00\x00\x00\x02\x00\x00\x00\xac\x0d\x00\x00", strings.Repeat("\x00", 12)), []string{`"P1M2DT3.5S"`, `"PT0S"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			size := tc.size
			if size == 0 {
				size = -1
			}
			fields := schema.FieldList{leaf(t, "x", required, tc.logical, tc.physical, size)}
			wantValues(t, values(t, write(t, encode(t, fields, [][]data{{{values: tc.values}}}))), tc.want...)
		})
	}
}

func TestNestedFieldsKeepTheirShape(t *testing.T) {
	t.Parallel()
	i32 := func(name string, r int) schema.Node { return plain(t, name, r, arrow.Types.Int32) }
	for _, tc := range []struct {
		name    string
		field   schema.Node
		columns []data
		want    []string
	}{
		{
			"optional column", i32("x", optional),
			[]data{{values: []int32{1, 2}, defs: []int16{1, 0, 1}}},
			[]string{"1", "null", "2"},
		},
		{
			"repeated column", i32("x", many),
			[]data{{values: []int32{1, 2, 3}, defs: []int16{1, 1, 0, 1}, reps: []int16{0, 1, 0, 0}}},
			[]string{"[1,2]", "[]", "[3]"},
		},
		{
			"list of nullable elements in a nullable list",
			group(t, "x", optional, schema.ListLogicalType{}, group(t, "list", many, nil, i32("element", optional))),
			[]data{{values: []int32{1, 2}, defs: []int16{3, 2, 0, 1, 3}, reps: []int16{0, 1, 0, 0, 0}}},
			[]string{"[1,null]", "null", "[]", "[2]"},
		},
		{
			"list of two levels",
			group(t, "x", required, schema.ListLogicalType{}, i32("element", many)),
			[]data{{values: []int32{1, 2}, defs: []int16{1, 1, 0}, reps: []int16{0, 1, 0}}},
			[]string{"[1,2]", "[]"},
		},
		{
			"list of two levels of structs of one field",
			group(t, "x", required, schema.ListLogicalType{}, group(t, "array", many, nil, i32("a", required))),
			[]data{{values: []int32{1, 2}, defs: []int16{1, 1}, reps: []int16{0, 1}}},
			[]string{`[{"a":1},{"a":2}]`},
		},
		{
			"list of two levels of structs of two fields",
			group(t, "x", required, schema.ListLogicalType{}, group(t, "element", many, nil, i32("a", required), i32("b", optional))),
			[]data{
				{values: []int32{1, 2}, defs: []int16{1, 1}, reps: []int16{0, 1}},
				{values: []int32{3}, defs: []int16{1, 2}, reps: []int16{0, 1}},
			},
			[]string{`[{"a":1,"b":null},{"a":2,"b":3}]`},
		},
		{
			"list of lists",
			group(t, "x", optional, schema.ListLogicalType{}, group(t, "list", many, nil,
				group(t, "element", optional, schema.ListLogicalType{}, group(t, "list", many, nil, i32("element", optional))))),
			[]data{{
				values: []int32{1, 2, 3},
				defs:   []int16{5, 5, 5, 2, 3, 4, 0, 1},
				reps:   []int16{0, 2, 1, 1, 1, 0, 0, 0},
			}},
			[]string{"[[1,2],[3],null,[]]", "[[null]]", "null", "[]"},
		},
		{
			"struct in a struct",
			group(t, "x", optional, nil, i32("a", required), group(t, "b", optional, nil, i32("c", optional))),
			[]data{
				{values: []int32{1, 2, 3}, defs: []int16{1, 1, 1, 0}},
				{values: []int32{9}, defs: []int16{3, 2, 1, 0}},
			},
			[]string{`{"a":1,"b":{"c":9}}`, `{"a":2,"b":{"c":null}}`, `{"a":3,"b":null}`, "null"},
		},
		{
			"map",
			group(t, "x", optional, schema.MapLogicalType{}, group(t, "key_value", many, nil, text(t, "key", required), i32("value", optional))),
			[]data{
				{values: texts("a", "b", "c", "c"), defs: []int16{2, 2, 1, 0, 2, 2}, reps: []int16{0, 1, 0, 0, 0, 1}},
				{values: []int32{1, 3, 4}, defs: []int16{3, 2, 1, 0, 3, 3}, reps: []int16{0, 1, 0, 0, 0, 1}},
			},
			[]string{`{"a":1,"b":null}`, "{}", "null", "FILE:4: a map has the same key twice"},
		},
		{
			"map of integers",
			group(t, "x", required, schema.MapLogicalType{}, group(t, "key_value", many, nil, i32("key", required), i32("value", required))),
			[]data{
				{values: []int32{5, -6}, defs: []int16{1, 1}, reps: []int16{0, 1}},
				{values: []int32{1, 2}, defs: []int16{1, 1}, reps: []int16{0, 1}},
			},
			[]string{`{"5":1,"-6":2}`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := write(t, encode(t, schema.FieldList{i32("before", required), tc.field, i32("after", required)},
				[][]data{append(append([]data{{values: make([]int32, len(tc.want))}}, tc.columns...), data{values: make([]int32, len(tc.want))})}))
			wantValues(t, values(t, file), tc.want...)
		})
	}
}
