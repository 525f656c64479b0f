package configs

import (
	"maps"
	"slices"
	"strings"
)

// Quantization says how vectors are made smaller for searching.
type Quantization struct {
	Type      QuantizationType `yaml:"type"`
	AlwaysRAM *bool            `yaml:"always_ram"` // keep the small vectors in memory; nil: true
	Rescore   *bool            `yaml:"rescore"`    // compare the best again by the original vectors; nil: as the server has it
}

// QuantizationType names a way to make vectors smaller.
type QuantizationType string

// The types.
const (
	QuantizationNone    QuantizationType = "none"
	QuantizationScalar  QuantizationType = "scalar"
	QuantizationBinary  QuantizationType = "binary"
	QuantizationProduct QuantizationType = "product"
)

// UnmarshalText accepts the names of the choices.
func (q *QuantizationType) UnmarshalText(text []byte) error {
	return choose(q, text, QuantizationNone, QuantizationScalar, QuantizationBinary, QuantizationProduct)
}

// HNSW are the settings of the graph by which vectors are found; nil leaves
// one to the server.
type HNSW struct {
	M           *int `yaml:"m"`            // links of a point; 0: no graph over all points
	EfConstruct *int `yaml:"ef_construct"` // candidates that are looked at for them
	PayloadM    *int `yaml:"payload_m"`    // links of a point among those of the same value of an indexed field
}

// Distance is how vectors are compared.
type Distance string

// The distances. The zero value is DistanceCosine.
const (
	DistanceCosine Distance = "cosine"
	DistanceDot    Distance = "dot"
	DistanceEuclid Distance = "euclid"
)

// UnmarshalText accepts the names of the choices.
func (d *Distance) UnmarshalText(text []byte) error {
	return choose(d, text, DistanceCosine, DistanceDot, DistanceEuclid)
}

// FieldType is the type of a payload field that is indexed.
type FieldType string

// The types.
const (
	FieldKeyword  FieldType = "keyword"
	FieldInteger  FieldType = "integer"
	FieldFloat    FieldType = "float"
	FieldDatetime FieldType = "datetime"
	FieldBool     FieldType = "bool"
	FieldUUID     FieldType = "uuid"
	FieldText     FieldType = "text"
)

// UnmarshalText accepts the names of the choices.
func (f *FieldType) UnmarshalText(text []byte) error {
	return choose(f, text, FieldKeyword, FieldInteger, FieldFloat, FieldDatetime, FieldBool, FieldUUID, FieldText)
}

// Bulk says when a server leaves indexing for later.
type Bulk string

// The choices. The zero value is BulkOff.
const (
	BulkAuto Bulk = "auto" // while a collection is filled for the first time
	BulkOn   Bulk = "on"   // in every run
	BulkOff  Bulk = "off"
)

// UnmarshalText accepts the names of the choices.
func (b *Bulk) UnmarshalText(text []byte) error { return choose(b, text, BulkAuto, BulkOn, BulkOff) }

// tuning reports what is wrong with the settings of a collection.
func (q *Qdrant) tuning(v *validator) {
	const at = "index.qdrant."
	if q.Quantization != nil {
		none := q.Quantization.Type == QuantizationNone
		v.check(q.Quantization.Type != "", at+"quantization.type", missing)
		v.check(!none || q.Quantization.AlwaysRAM == nil, at+"quantization.always_ram", "has no effect without a quantization")
		v.check(!none || q.Quantization.Rescore == nil, at+"quantization.rescore", "has no effect without a quantization")
	}
	if h := q.HNSW; h != nil {
		v.optional(h.M, 0, 1024, at+"hnsw.m")
		v.optional(h.EfConstruct, 4, 100_000, at+"hnsw.ef_construct")
		v.optional(h.PayloadM, 0, 1024, at+"hnsw.payload_m")
	}
	for key, n := range map[string]int{"shards": q.Shards, "replicas": q.Replicas, "write_consistency": q.WriteConsistency} {
		if v.given(at + key) {
			v.number(n, 1, 1024, at+key)
		}
	}
	v.check(q.WriteConsistency <= max(q.Replicas, 1) || q.Replicas == 0, at+"write_consistency",
		"is %d, more than there are replicas (%d): no write could be confirmed", q.WriteConsistency, q.Replicas)
	for _, field := range slices.Sorted(maps.Keys(q.PayloadIndexes)) {
		path := join(at+"payload_indexes", field)
		v.check(strings.TrimSpace(field) != "", path, "must be the name of a field")
		v.name(field, path)
	}
	v.name(q.Tenant, at+"tenant")
	kind := q.PayloadIndexes[q.Tenant]
	v.check(q.Tenant != "" || !v.given(at+"tenant"), at+"tenant", "must be the name of a field")
	v.check(q.Tenant == "" || kind == "" || kind == FieldKeyword || kind == FieldUUID, at+"tenant",
		"is indexed as %s; a tenant is a keyword or a uuid", kind)
}

// optional checks a number that may be absent.
func (v *validator) optional(n *int, low, high int, path string) {
	if n != nil {
		v.number(*n, low, high, path)
	}
}
