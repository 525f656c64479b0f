package qdrant_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// notices collects what OnNotice is told.
type notices struct {
	mu    sync.Mutex
	texts []string
}

func (n *notices) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.texts = append(n.texts, text)
}

// has reports whether one of the notices has all of the words.
func (n *notices) has(words ...string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.texts, func(text string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	})
}

func (n *notices) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.texts)
}

func prepare(tb testing.TB, index *qdrant.Index) {
	tb.Helper()
	if err := index.Prepare(tb.Context(), spaces()); err != nil {
		tb.Fatalf("Prepare: %v (%s)", err, pipeline.Hint(err))
	}
}

func describe(tb testing.TB, c *pb.Client, name string) *pb.CollectionInfo {
	tb.Helper()
	info, err := c.GetCollectionInfo(tb.Context(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return info
}

// everything is a tuning in which nothing is left to the server.
func everything() qdrant.Tuning {
	return qdrant.Tuning{
		OnDisk: new(true), Quantization: qdrant.QuantizationScalar, AlwaysRAM: new(false),
		HNSW:   qdrant.HNSW{M: new(0), EfConstruct: new(64), PayloadM: new(24)},
		Shards: 2, Replicas: 1, WriteConsistency: 1,
		PayloadIndexes: map[string]qdrant.FieldType{
			"lang": qdrant.FieldKeyword, "year": qdrant.FieldInteger, "price": qdrant.FieldFloat, "at": qdrant.FieldDatetime,
			"ok": qdrant.FieldBool, "meta.ref": qdrant.FieldUUID, "title": qdrant.FieldText,
		},
		Tenant: "customer",
	}
}

// wantEverything checks a collection against it.
func wantEverything(tb testing.TB, info *pb.CollectionInfo) {
	tb.Helper()
	config := info.GetConfig()
	vector := config.GetParams().GetVectorsConfig().GetParamsMap().GetMap()["text"]
	if !vector.GetOnDisk() { //nolint:staticcheck // what vecload sends
		tb.Error("the vectors are not on disk")
	}
	if q := config.GetQuantizationConfig().GetScalar(); q == nil || q.GetType() != pb.QuantizationType_Int8 || q.GetAlwaysRam() { //nolint:staticcheck // as above
		tb.Errorf("quantization is %v", config.GetQuantizationConfig())
	}
	if h := config.GetHnswConfig(); h.GetM() != 0 || h.GetEfConstruct() != 64 || h.GetPayloadM() != 24 {
		tb.Errorf("hnsw is %v", h)
	}
	if n := config.GetParams().GetShardNumber(); n != 2 {
		tb.Errorf("it has %d shards", n)
	}
	want := map[string]pb.PayloadSchemaType{
		"lang": pb.PayloadSchemaType_Keyword, "year": pb.PayloadSchemaType_Integer, "price": pb.PayloadSchemaType_Float,
		"at": pb.PayloadSchemaType_Datetime, "ok": pb.PayloadSchemaType_Bool, "meta.ref": pb.PayloadSchemaType_Uuid,
		"title": pb.PayloadSchemaType_Text, "customer": pb.PayloadSchemaType_Keyword,
	}
	for field, kind := range want {
		if got := info.GetPayloadSchema()[field].GetDataType(); got != kind {
			tb.Errorf("field %s is indexed as %s, want %s", field, got, kind)
		}
	}
	if len(info.GetPayloadSchema()) != len(want) {
		tb.Errorf("%d fields are indexed, want %d", len(info.GetPayloadSchema()), len(want))
	}
	if !info.GetPayloadSchema()["customer"].GetParams().GetKeywordIndexParams().GetIsTenant() {
		tb.Error("customer is not the field of tenants")
	}
}

func TestANewCollectionHasTheSettings(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		notices := &notices{}
		name := s.name(t)
		options := qdrant.Options{URL: s.url, Collection: name, Tuning: everything(), OnNotice: notices.add}
		prepare(t, newIndex(t, options))
		wantEverything(t, describe(t, s.client, name))
		prepare(t, newIndex(t, options))
		if notices.count() != 0 {
			t.Errorf("of a collection with these settings is told %q", notices.texts)
		}
	})
}

func TestDifferencesAreToldAndChangedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		name := s.name(t)
		prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name}))
		tuning := everything()
		tuning.PayloadIndexes, tuning.Tenant = nil, ""
		told := &notices{}
		prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name, Tuning: tuning, OnNotice: told.add}))
		for _, setting := range []string{"hnsw.m ", "hnsw.ef_construct", "hnsw.payload_m", "quantization", "on_disk"} {
			if !told.has(setting, "stays", "retune") {
				t.Errorf("that %s differs is not told: %q", setting, told.texts)
			}
		}
		if !told.has("shards", "is 1", "says 2", "cannot be changed") {
			t.Errorf("that the shards differ is not told: %q", told.texts)
		}
		if m := describe(t, s.client, name).GetConfig().GetHnswConfig().GetM(); m != 16 {
			t.Errorf("hnsw.m was changed to %d without being asked", m)
		}
		tuning.Retune, tuning.Shards = true, 0
		changed := &notices{}
		prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name, Tuning: tuning, OnNotice: changed.add}))
		if !changed.has("hnsw.m ", "is changed") {
			t.Errorf("the change is not told: %q", changed.texts)
		}
		again := &notices{}
		prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name, Tuning: tuning, OnNotice: again.add}))
		if again.count() != 0 {
			t.Errorf("after the change is told %q", again.texts)
		}
		tuning.Quantization = qdrant.QuantizationNone
		prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name, Tuning: tuning}))
		if q := describe(t, s.client, name).GetConfig().GetQuantizationConfig(); q.GetQuantization() != nil {
			t.Errorf("quantization is %v, want none", q)
		}
	})
}

func TestEveryQuantizationIsMadeAndChanged(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		name := s.name(t)
		for _, q := range []qdrant.Quantization{qdrant.QuantizationBinary, qdrant.QuantizationProduct, qdrant.QuantizationScalar} {
			tuning := qdrant.Tuning{Quantization: q, Retune: true}
			prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name, Tuning: tuning}))
			left := &notices{}
			prepare(t, newIndex(t, qdrant.Options{URL: s.url, Collection: name, Tuning: tuning, OnNotice: left.add}))
			if left.count() != 0 {
				t.Errorf("%s: left is %q", q, left.texts)
			}
		}
	})
}

func TestPayloadIndexesAreMadeInACollectionThatLacksThem(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		name := s.name(t)
		index := newIndex(t, qdrant.Options{URL: s.url, Collection: name})
		prepare(t, index)
		if err := index.Write(t.Context(), points("a", "b")); err != nil {
			t.Fatal(err)
		}
		told := &notices{}
		prepare(t, newIndex(t, qdrant.Options{
			URL: s.url, Collection: name, OnNotice: told.add,
			Tuning: qdrant.Tuning{PayloadIndexes: map[string]qdrant.FieldType{"year": qdrant.FieldInteger}},
		}))
		if !told.has("year", "no index", "integer") {
			t.Errorf("told is %q", told.texts)
		}
		if got := describe(t, s.client, name).GetPayloadSchema()["year"].GetDataType(); got != pb.PayloadSchemaType_Integer {
			t.Errorf("year is indexed as %s", got)
		}
		told = &notices{}
		prepare(t, newIndex(t, qdrant.Options{
			URL: s.url, Collection: name, OnNotice: told.add,
			Tuning: qdrant.Tuning{PayloadIndexes: map[string]qdrant.FieldType{"year": qdrant.FieldKeyword}},
		}))
		if !told.has("year", "indexed as integer", "says keyword") {
			t.Errorf("of an index of another type is told %q", told.texts)
		}
	})
}

func TestStrictModesLimitOfPayloadIndexesIsKept(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	prepare(t, newIndex(t, qdrant.Options{URL: server.URL()}))
	if err := client(t, server).UpdateCollection(t.Context(), &pb.UpdateCollection{
		CollectionName: "docs", StrictModeConfig: &pb.StrictModeConfig{Enabled: new(true), MaxPayloadIndexCount: new(uint64(1))},
	}); err != nil {
		t.Fatal(err)
	}
	index := newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{PayloadIndexes: map[string]qdrant.FieldType{
		"a": qdrant.FieldKeyword, "b": qdrant.FieldKeyword,
	}}})
	wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Misconfigured, "strict mode", "max_payload_index_count")
	if n := server.Calls("CreateFieldIndex"); n != 0 {
		t.Errorf("%d indexes were made before the limit was told", n)
	}
}

func TestSettingsThatCannotBeAreRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	for _, tuning := range []qdrant.Tuning{
		{Quantization: "int4"},
		{Bulk: "sometimes"},
		{PayloadIndexes: map[string]qdrant.FieldType{"a": "number"}},
		{PayloadIndexes: map[string]qdrant.FieldType{"": qdrant.FieldText}},
		{PayloadIndexes: map[string]qdrant.FieldType{"a": qdrant.FieldText}, Tenant: "a"},
	} {
		_, err := qdrant.New(qdrant.Options{URL: "http://localhost", Collection: "docs", Tuning: tuning})
		wantError(t, err, pipeline.Misconfigured, "", "")
	}
}
