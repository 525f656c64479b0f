package qdrant

import (
	"fmt"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// maxVectorName is Qdrant's limit, in bytes.
const maxVectorName = 200

// checkSpaces refuses spaces of which no collection can be made.
func (x *Index) checkSpaces(spaces pipeline.Spaces) error {
	const mistake = "this is a mistake of vecload; please report it"
	if len(spaces) == 0 {
		return x.refuse("there is no vector to keep", mistake)
	}
	for _, name := range spaces.Names() {
		space := spaces[name]
		switch {
		case name == "" || space.Dim <= 0 || space.Model == "":
			return x.refuse(fmt.Sprintf("the vector %q has no name, no model or no dimension", name), mistake)
		case len(name) > maxVectorName:
			return x.refuse(fmt.Sprintf("the vector's name %.40q… is longer than %d bytes", name, maxVectorName),
				"choose a shorter name for the vector")
		case strings.ContainsAny(name, refused):
			return x.refuse(fmt.Sprintf("the vector's name %q has a character that Qdrant refuses", name),
				"choose a name of letters, digits, - and _ for the vector")
		}
		if err := x.checkSparseName(name, spaces); err != nil {
			return err
		}
	}
	return nil
}

// checkLayout refuses a collection that cannot take the vectors. Others beside
// them, dense or sparse, are the business of those who added them: no
// point of ours has one, and no search of ours uses one.
func (x *Index) checkLayout(info *pb.CollectionInfo, spaces pipeline.Spaces) error {
	params := info.GetConfig().GetParams()
	if params.GetVectorsConfig().GetParams() != nil {
		return x.refuse("the collection has one vector without a name, and vecload writes named ones",
			otherCollectionHint)
	}
	dense := params.GetVectorsConfig().GetParamsMap().GetMap()
	sparse := params.GetSparseVectorsConfig().GetMap()
	for _, name := range spaces.Names() {
		if _, ok := sparse[name]; ok {
			return x.refuse(fmt.Sprintf("the collection's vector %q is sparse, and vecload writes dense ones", name),
				"give the vector another name, or "+otherCollectionHint)
		}
		if err := x.checkVector(name, dense[name], spaces[name].Dim); err != nil {
			return err
		}
		if spaces[name].Sparse == "" {
			continue
		}
		if err := x.checkSparseVector(name, sparse[sparseName(name)]); err != nil {
			return err
		}
	}
	return nil
}

// checkVector looks at one of the collection's vectors; nil is a missing one.
func (x *Index) checkVector(name string, params *pb.VectorParams, dim int) error {
	switch {
	case params == nil:
		return x.refuse(fmt.Sprintf("the collection has no vector named %q", name),
			"give the vector a name that the collection has, or "+otherCollectionHint)
	case params.GetSize() != uint64(dim):
		return x.refuse(fmt.Sprintf("the collection's vector %q has %d dimensions, and the model makes %d",
			name, params.GetSize(), dim), "use the model that made the collection, or "+otherCollectionHint)
	case distanceOf(params.GetDistance()) == "":
		return x.refuse(fmt.Sprintf("the collection compares its vector %q by %s, and vecload by Cosine, Dot or Euclid",
			name, params.GetDistance()), otherCollectionHint)
	case params.GetMultivectorConfig() != nil:
		return x.refuse(fmt.Sprintf("the collection keeps several vectors %q a point, and vecload one", name),
			otherCollectionHint)
	}
	return nil
}
