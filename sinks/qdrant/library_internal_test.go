package qdrant

import (
	"encoding/base64"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// textOfMade is the text of the field that says what a point was made from.
func textOfMade(p *pipeline.Point) string {
	made := madeOf(p)
	return base64.RawStdEncoding.EncodeToString(made[:]) + p.Name
}

// pointByLibrary makes the message of a point as the client's types have it.
func pointByLibrary(p *pipeline.Point) *pb.PointStruct {
	vectors := map[string]*pb.Vector{validText(p.Name): pb.NewVectorDense(p.Vector)}
	if p.Sparse.Len() > 0 {
		vectors[validText(sparseName(p.Name))] = pb.NewVectorSparse(p.Sparse.Indices, p.Sparse.Values)
	}
	return &pb.PointStruct{
		Id: pb.NewIDUUID(p.ID.String()), Payload: payloadByLibrary(p), Vectors: pb.NewVectorsMap(vectors),
	}
}

// payloadByLibrary makes all of a point's message beside its id and its vector.
func payloadByLibrary(p *pipeline.Point) map[string]*pb.Value {
	payload := make(map[string]*pb.Value, len(p.Payload)+2)
	for _, f := range p.Payload {
		payload[validText(f.Name)] = encodeValue(f.Value)
	}
	payload[ReservedField] = encodeValue(pipeline.Object([]pipeline.Field{
		{Name: "vector", Value: pipeline.String(p.Name)},
		{Name: "doc", Value: pipeline.String(p.Doc)},
		{Name: "chunk", Value: pipeline.Int(int64(p.Chunk))},
		{Name: "chunks", Value: pipeline.Int(int64(p.Chunks))},
		{Name: "text", Value: pipeline.String(p.Text)},
	}))
	payload[madeField] = encodeValue(pipeline.String(textOfMade(p)))
	return payload
}

// upsertByLibrary makes the whole request of some points.
func upsertByLibrary(collection string, points []pipeline.Point) *pb.UpsertPoints {
	request := &pb.UpsertPoints{CollectionName: collection, Wait: new(true)}
	for i := range points {
		request.Points = append(request.Points, pointByLibrary(&points[i]))
	}
	return request
}

// updateByLibrary makes the request that replaces their payloads.
func updateByLibrary(collection string, points []pipeline.Point) *pb.UpdateBatchPoints {
	request := &pb.UpdateBatchPoints{CollectionName: collection, Wait: new(false)}
	for i := range points {
		request.Operations = append(request.Operations, &pb.PointsUpdateOperation{
			Operation: &pb.PointsUpdateOperation_OverwritePayload_{
				OverwritePayload: &pb.PointsUpdateOperation_OverwritePayload{
					Payload:        payloadByLibrary(&points[i]),
					PointsSelector: pb.NewPointsSelector(pb.NewIDUUID(points[i].ID.String())),
				},
			},
		})
	}
	return request
}
