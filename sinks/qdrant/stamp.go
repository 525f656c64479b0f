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
	// stampFormat counts the layouts of points and stamp. Layout 1 had one
	// vector, whose name stood nowhere.
	stampFormat = 2
)

// newStamp makes the metadata of a collection:
//
//	{"format": 2, "spaces": {"text": {"model": …, "dim": …}}, "created_by": …}
func (x *Index) newStamp(spaces pipeline.Spaces) (*pb.Value, error) {
	text, err := json.Marshal(spaces)
	if err != nil {
		return nil, err
	}
	var value pipeline.Value
	if err := value.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	return encodeValue(pipeline.Object([]pipeline.Field{
		{Name: "format", Value: pipeline.Int(stampFormat)},
		{Name: "spaces", Value: value},
		{Name: "created_by", Value: pipeline.String(x.options.CreatedBy)},
	})), nil
}

// readStamp returns the spaces that a collection is stamped with.
func (x *Index) readStamp(info *pb.CollectionInfo) (pipeline.Spaces, bool, error) {
	raw, ok := info.GetConfig().GetMetadata()[stampKey]
	if !ok {
		return nil, false, nil
	}
	stamp := decodeValue(raw)
	format, _ := stamp.Field("format")
	switch n := format.Int(); {
	case n > stampFormat:
		return nil, false, x.refuse(
			fmt.Sprintf("the collection has layout %d, and this vecload knows layouts up to %d", n, stampFormat),
			"use the vecload that wrote the collection, or a newer one")
	case n > 0 && n < stampFormat:
		return nil, false, x.refuse(
			fmt.Sprintf("the collection has layout %d, of an earlier vecload, and this one writes layout %d", n, stampFormat),
			"index it again: delete the collection, or name another one, and run vecload run")
	case n < 1:
		return nil, false, x.noStamp()
	}
	value, _ := stamp.Field("spaces")
	var spaces pipeline.Spaces
	if err := json.Unmarshal(value.AppendJSON(nil), &spaces); err != nil {
		return nil, false, x.fail("read the stamp of", err)
	}
	for _, space := range spaces {
		if space.Dim <= 0 || space.Model == "" {
			return nil, false, x.noStamp()
		}
	}
	if len(spaces) == 0 {
		return nil, false, x.noStamp()
	}
	return spaces, true, nil
}

func (x *Index) noStamp() error {
	return x.fail("read the stamp of", errors.New("the metadata under \""+stampKey+"\" is not a stamp of vecload"))
}
