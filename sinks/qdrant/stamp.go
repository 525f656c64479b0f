package qdrant

import (
	"encoding/json"
	"errors"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

const (
	// stampKey is ours in a collection's metadata.
	stampKey = "vecload"
	// stampFormat counts the layouts of points and stamp.
	stampFormat = 1
)

// newStamp makes the metadata of a collection:
//
//	{"format": 1, "space": {"model": …, "dim": …}, "created_by": …}
func (x *Index) newStamp(space pipeline.Space) (*pb.Value, error) {
	text, err := json.Marshal(space)
	if err != nil {
		return nil, err
	}
	var value pipeline.Value
	if err := value.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	return encodeValue(pipeline.Object([]pipeline.Field{
		{Name: "format", Value: pipeline.Int(stampFormat)},
		{Name: "space", Value: value},
		{Name: "created_by", Value: pipeline.String(x.options.CreatedBy)},
	})), nil
}

// readStamp returns the space that a collection is stamped with.
func (x *Index) readStamp(info *pb.CollectionInfo) (pipeline.Space, bool, error) {
	raw, ok := info.GetConfig().GetMetadata()[stampKey]
	if !ok {
		return pipeline.Space{}, false, nil
	}
	stamp := decodeValue(raw)
	format, _ := stamp.Field("format")
	if format.Int() > stampFormat {
		return pipeline.Space{}, false, x.refuse(
			fmt.Sprintf("the collection has layout %d, and this vecload knows layouts up to %d", format.Int(), stampFormat),
			"use the vecload that wrote the collection, or a newer one")
	}
	value, _ := stamp.Field("space")
	var space pipeline.Space
	if err := json.Unmarshal(value.AppendJSON(nil), &space); err != nil {
		return pipeline.Space{}, false, x.fail("read the stamp of", err)
	}
	if format.Int() < 1 || space.Dim <= 0 || space.Model == "" {
		return pipeline.Space{}, false, x.fail("read the stamp of",
			errors.New("the metadata under \""+stampKey+"\" is not a stamp of vecload"))
	}
	return space, true, nil
}
