package qdrantserver

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"strconv"
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
	return pb.NewIDUUID(k.text())
}

// text is the id as messages have it.
func (k pointKey) text() string {
	if !k.isUUID {
		return strconv.FormatUint(k.number, 10)
	}
	var text [36]byte
	hex.Encode(text[0:8], k.uuid[0:4])
	hex.Encode(text[9:13], k.uuid[4:6])
	hex.Encode(text[14:18], k.uuid[6:8])
	hex.Encode(text[19:23], k.uuid[8:10])
	hex.Encode(text[24:36], k.uuid[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
