package qdrant

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
)

// FieldType is the type of a field of the payload that is indexed.
type FieldType string

// The types. A field of another type than its values is indexed without them.
const (
	FieldKeyword  FieldType = "keyword"
	FieldInteger  FieldType = "integer"
	FieldFloat    FieldType = "float"
	FieldDatetime FieldType = "datetime"
	FieldBool     FieldType = "bool"
	FieldUUID     FieldType = "uuid"
	FieldText     FieldType = "text"
)

// schema returns the server's word for a type, and whether there is one.
func (t FieldType) schema() (pb.PayloadSchemaType, bool) {
	switch t {
	case FieldKeyword:
		return pb.PayloadSchemaType_Keyword, true
	case FieldInteger:
		return pb.PayloadSchemaType_Integer, true
	case FieldFloat:
		return pb.PayloadSchemaType_Float, true
	case FieldDatetime:
		return pb.PayloadSchemaType_Datetime, true
	case FieldBool:
		return pb.PayloadSchemaType_Bool, true
	case FieldUUID:
		return pb.PayloadSchemaType_Uuid, true
	case FieldText:
		return pb.PayloadSchemaType_Text, true
	}
	return pb.PayloadSchemaType_UnknownType, false
}

// field is the word for the type in a request, which counts from 0.
func (t FieldType) field() *pb.FieldType {
	schema, _ := t.schema()
	return (pb.FieldType(schema) - 1).Enum()
}

// payloadIndexes returns those that are asked for, the tenant's included.
func (t Tuning) payloadIndexes() map[string]FieldType {
	out := maps.Clone(t.PayloadIndexes)
	if t.Tenant == "" {
		return out
	}
	if out == nil {
		out = map[string]FieldType{}
	}
	if out[t.Tenant] == "" {
		out[t.Tenant] = FieldKeyword
	}
	return out
}

// indexPayload makes the payload indexes that are missing, and waits for each:
// over points that are there it may take long. One of another type is told,
// and left, since readers may use it.
func (x *Index) indexPayload(ctx context.Context, name string, info *pb.CollectionInfo) error {
	missing, wrong := x.comparePayload(info)
	for _, text := range wrong {
		x.options.OnNotice(text + "; it stays as it is: delete it in Qdrant, and the next run makes the right one")
	}
	if err := x.checkIndexLimit(info, len(missing)); err != nil {
		return err
	}
	filled := info.GetPointsCount() > 0
	for _, field := range missing {
		kind := x.options.Tuning.payloadIndexes()[field]
		if filled {
			x.options.OnNotice(fmt.Sprintf("collection %s has points and no index over the payload field %q; one of type %s is made, "+
				"which holds up writers until it is there", name, field, kind))
		}
		request := &pb.CreateFieldIndexCollection{
			CollectionName: name, Wait: new(true), FieldName: field, FieldType: kind.field(),
			FieldIndexParams: x.options.Tuning.indexParams(field, kind),
		}
		if err := x.repeat(ctx, "index the payload of", func(ctx context.Context) error {
			result, err := x.client.CreateFieldIndex(ctx, request)
			if err != nil {
				return err
			}
			return x.confirmed(result.GetStatus())
		}); err != nil {
			return err
		}
	}
	return nil
}

// comparePayload returns the fields that have no index, and in words those
// that have another than asked for.
func (x *Index) comparePayload(info *pb.CollectionInfo) (missing, wrong []string) {
	want := x.options.Tuning.payloadIndexes()
	for _, field := range slices.Sorted(maps.Keys(want)) {
		have, ok := info.GetPayloadSchema()[field]
		schema, _ := want[field].schema()
		switch {
		case !ok:
			missing = append(missing, field)
		case have.GetDataType() != schema:
			wrong = append(wrong, fmt.Sprintf("the payload field %q is indexed as %s, and the configuration says %s",
				field, strings.ToLower(have.GetDataType().String()), want[field]))
		case field == x.options.Tuning.Tenant && !isTenant(have):
			wrong = append(wrong, fmt.Sprintf("the payload field %q is indexed, but not as that of tenants", field))
		}
	}
	return missing, wrong
}

// checkIndexLimit obeys strict mode before the first index is made.
func (x *Index) checkIndexLimit(info *pb.CollectionInfo, more int) error {
	strict := info.GetConfig().GetStrictModeConfig()
	have := len(info.GetPayloadSchema())
	if !strict.GetEnabled() || strict.MaxPayloadIndexCount == nil || more == 0 ||
		uint64(have+more) <= strict.GetMaxPayloadIndexCount() {
		return nil
	}
	return x.refuse(fmt.Sprintf("the collection may have %d payload indexes by its strict mode; it has %d, and the configuration asks for %d more",
		strict.GetMaxPayloadIndexCount(), have, more), "name fewer fields in payload_indexes, or raise max_payload_index_count in Qdrant")
}

func isTenant(info *pb.PayloadSchemaInfo) bool {
	return info.GetParams().GetKeywordIndexParams().GetIsTenant() || info.GetParams().GetUuidIndexParams().GetIsTenant()
}

// indexParams returns what an index is asked for beside its type.
func (t Tuning) indexParams(field string, kind FieldType) *pb.PayloadIndexParams {
	switch {
	case field != t.Tenant:
		return nil
	case kind == FieldUUID:
		return pb.NewPayloadIndexParamsUUID(&pb.UuidIndexParams{IsTenant: new(true)})
	}
	return pb.NewPayloadIndexParamsKeyword(&pb.KeywordIndexParams{IsTenant: new(true)})
}
