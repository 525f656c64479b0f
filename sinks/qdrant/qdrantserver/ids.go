package qdrantserver

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// pointKey is a point's id: a number, or a UUID. Numbers come first.
type pointKey struct {
	isUUID bool
	number uint64
	uuid   [16]byte
}

// keyOf accepts what the server does: a number, or a UUID in simple,
// hyphenated or URN form.
func keyOf(id *pb.PointId) (pointKey, error) {
	switch options := id.GetPointIdOptions().(type) {
	case *pb.PointId_Num:
		return pointKey{number: options.Num}, nil
	case *pb.PointId_Uuid:
		text := strings.TrimPrefix(options.Uuid, "urn:uuid:")
		simple := text
		if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
			simple = text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
		}
		key := pointKey{isUUID: true}
		if len(simple) == 2*len(key.uuid) {
			if _, err := hex.Decode(key.uuid[:], []byte(simple)); err == nil {
				return key, nil
			}
		}
		return pointKey{}, status.Errorf(codes.InvalidArgument, "Unable to parse UUID: %s", options.Uuid)
	}
	return pointKey{}, status.Error(codes.InvalidArgument, "Empty ID is not allowed")
}

func (k pointKey) compare(other pointKey) int {
	if k.isUUID != other.isUUID {
		if other.isUUID {
			return -1
		}
		return 1
	}
	if c := cmp.Compare(k.number, other.number); c != 0 {
		return c
	}
	return bytes.Compare(k.uuid[:], other.uuid[:])
}

func (k pointKey) id() *pb.PointId {
	if !k.isUUID {
		return pb.NewIDNum(k.number)
	}
	text := hex.EncodeToString(k.uuid[:])
	return pb.NewIDUUID(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
}
