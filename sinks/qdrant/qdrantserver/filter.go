package qdrantserver

import (
	"math"
	"slices"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func (p *storedPoint) matches(filter *pb.Filter) (bool, error) {
	if filter.GetMinShould() != nil {
		return false, unknownCondition()
	}
	for _, condition := range filter.GetMust() {
		if ok, err := p.meets(condition); err != nil || !ok {
			return false, err
		}
	}
	for _, condition := range filter.GetMustNot() {
		if ok, err := p.meets(condition); err != nil || ok {
			return false, err
		}
	}
	for _, condition := range filter.GetShould() {
		if ok, err := p.meets(condition); err != nil || ok {
			return ok, err
		}
	}
	return len(filter.GetShould()) == 0, nil
}

func (p *storedPoint) meets(condition *pb.Condition) (bool, error) {
	switch c := condition.GetConditionOneOf().(type) {
	case *pb.Condition_HasId:
		for _, id := range c.HasId.GetHasId() {
			key, err := keyOf(id)
			if err != nil {
				return false, err
			}
			if key == p.key {
				return true, nil
			}
		}
		return false, nil
	case *pb.Condition_HasVector:
		_, dense := p.vectors[c.HasVector.GetHasVector()]
		_, sparse := p.sparse[c.HasVector.GetHasVector()]
		return dense || sparse, nil
	case *pb.Condition_IsEmpty:
		return len(p.values(c.IsEmpty.GetKey())) == 0, nil
	case *pb.Condition_Filter:
		return p.matches(c.Filter)
	case *pb.Condition_Field:
		return p.meetsField(c.Field)
	}
	return false, unknownCondition()
}

func (p *storedPoint) meetsField(field *pb.FieldCondition) (bool, error) {
	switch {
	case field.GetMatch() != nil:
		for _, value := range p.values(field.GetKey()) {
			if ok, err := matchValue(field.GetMatch(), value); err != nil || ok {
				return ok, err
			}
		}
		return false, nil
	case field.GetRange() != nil:
		return slices.ContainsFunc(p.values(field.GetKey()), func(v *pb.Value) bool { return inRange(field.GetRange(), v) }), nil
	}
	return false, unknownCondition()
}

// values returns what stands at a dotted path. A list stands for its
// elements, and null for nothing.
func (p *storedPoint) values(path string) []*pb.Value {
	names := strings.Split(path, ".")
	value, ok := p.payload[names[0]]
	for _, name := range names[1:] {
		if !ok {
			return nil
		}
		value, ok = value.GetStructValue().GetFields()[name]
	}
	if !ok {
		return nil
	}
	if list := value.GetListValue(); list != nil {
		return list.GetValues()
	}
	if _, isNull := value.GetKind().(*pb.Value_NullValue); isNull {
		return nil
	}
	return []*pb.Value{value}
}

func matchValue(match *pb.Match, value *pb.Value) (bool, error) {
	_, isString := value.GetKind().(*pb.Value_StringValue)
	_, isInt := value.GetKind().(*pb.Value_IntegerValue)
	_, isBool := value.GetKind().(*pb.Value_BoolValue)
	switch m := match.GetMatchValue().(type) {
	case *pb.Match_Keyword:
		return isString && value.GetStringValue() == m.Keyword, nil
	case *pb.Match_Keywords:
		return isString && slices.Contains(m.Keywords.GetStrings(), value.GetStringValue()), nil
	case *pb.Match_Integer:
		return isInt && value.GetIntegerValue() == m.Integer, nil
	case *pb.Match_Integers:
		return isInt && slices.Contains(m.Integers.GetIntegers(), value.GetIntegerValue()), nil
	case *pb.Match_Boolean:
		return isBool && value.GetBoolValue() == m.Boolean, nil
	case *pb.Match_ExceptKeywords:
		return isString && !slices.Contains(m.ExceptKeywords.GetStrings(), value.GetStringValue()), nil
	}
	return false, unknownCondition()
}

func inRange(r *pb.Range, value *pb.Value) bool {
	var f float64
	switch v := value.GetKind().(type) {
	case *pb.Value_IntegerValue:
		f = float64(v.IntegerValue)
	case *pb.Value_DoubleValue:
		f = v.DoubleValue
	default:
		return false
	}
	return (r.Lt == nil || f < r.GetLt()) && (r.Lte == nil || f <= r.GetLte()) &&
		(r.Gt == nil || f > r.GetGt()) && (r.Gte == nil || f >= r.GetGte())
}

func unknownCondition() error {
	return status.Error(codes.Unimplemented, "a condition of this kind is not known to this server")
}

// checkValue refuses what JSON cannot hold.
func checkValue(value *pb.Value) error {
	switch v := value.GetKind().(type) {
	case *pb.Value_DoubleValue:
		if math.IsNaN(v.DoubleValue) || math.IsInf(v.DoubleValue, 0) {
			return status.Error(codes.InvalidArgument, "cannot convert to json number")
		}
	case *pb.Value_ListValue:
		for _, element := range v.ListValue.GetValues() {
			if err := checkValue(element); err != nil {
				return err
			}
		}
	case *pb.Value_StructValue:
		for _, field := range v.StructValue.GetFields() {
			if err := checkValue(field); err != nil {
				return err
			}
		}
	}
	return nil
}
