package qdrant

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
)

// The minor versions of Qdrant 1 that brought what vecload asks for. A server
// passes over fields that it does not know, so what it cannot do has to be
// known before it is asked.
const (
	// metadataMinor keeps a collection's metadata, without which there is no
	// stamp: older servers are refused.
	metadataMinor = 16
	// queueMinor tells how many updates wait in the queue.
	queueMinor = 17
)

// version is that of a server; one that cannot be read counts as newer than
// all that are known.
type version struct {
	text         string
	major, minor int
	known        bool
}

// has reports whether the server is of a minor version of Qdrant 1 or newer.
func (v version) has(minor int) bool {
	return !v.known || v.major > 1 || v.major == 1 && v.minor >= minor
}

// serverVersion asks the server who it is, once.
func (x *Index) serverVersion(ctx context.Context) (version, error) {
	x.mu.Lock()
	v := x.version
	x.mu.Unlock()
	if v != nil {
		return *v, nil
	}
	var reply *pb.HealthCheckReply
	err := x.ask(ctx, "reach", func(ctx context.Context) (err error) {
		reply, err = x.client.HealthCheck(ctx)
		return err
	})
	if err != nil {
		return version{}, err
	}
	v = &version{text: reply.GetVersion()}
	v.major, v.minor, v.known = parseVersion(v.text)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.version = v
	return *v, nil
}

// checkServer refuses a server that is too old.
func (x *Index) checkServer(ctx context.Context) error {
	v, err := x.serverVersion(ctx)
	if err != nil {
		return err
	}
	if !v.has(metadataMinor) {
		return x.refuse("the server is Qdrant "+v.text+
			", which cannot keep the stamp that tells which model made a collection", upgradeTo(metadataMinor))
	}
	return nil
}

func upgradeTo(minor int) string {
	return fmt.Sprintf("upgrade Qdrant to 1.%d or newer", minor)
}

// parseVersion reads "1.19.2" and "1.20.0-dev".
func parseVersion(text string) (major, minor int, ok bool) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return 0, 0, false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	return major, minor, err1 == nil && err2 == nil
}
