package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// qdrantStore is a collection of a Qdrant, or an alias and what is built for
// it. Nothing here uses vecload's own code, and nothing goes through the proxy
// before the server.
type qdrantStore struct {
	client *pb.Client
	proxy  *proxy
	name   string
	alias  bool
}

// newQdrantStore returns the store of a name that nobody else uses on the
// server at address.
func newQdrantStore(ctx context.Context, events *events, address, name string, alias bool) (*qdrantStore, error) {
	client, err := connect(address)
	if err != nil {
		return nil, err
	}
	proxy, err := startProxy(ctx, events, address)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return &qdrantStore{client: client, proxy: proxy, name: name, alias: alias}, nil
}

func connect(address string) (*pb.Client, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(at.Port())
	if err != nil {
		return nil, fmt.Errorf("%s has no port: %w", address, err)
	}
	return pb.NewClient(&pb.Config{Host: at.Hostname(), Port: port, SkipCompatibilityCheck: true, PoolSize: 1})
}

func (s *qdrantStore) config() string {
	return fmt.Sprintf("qdrant: {url: %q, collection: %s, bulk: auto, payload_indexes: {edition: keyword}}", s.proxy.url, s.name)
}

// collections returns those of the store, by their age.
func (s *qdrantStore) collections(ctx context.Context) ([]string, error) {
	all, err := s.client.ListCollections(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(name string) bool { return name != s.name && !strings.HasPrefix(name, s.name+"__") })
	slices.Sort(all)
	return all, nil
}

// current is the collection that readers find; "" is none.
func (s *qdrantStore) current(ctx context.Context) (string, error) {
	if !s.alias {
		there, err := s.client.CollectionExists(ctx, s.name)
		if err != nil || !there {
			return "", err
		}
		return s.name, nil
	}
	aliases, err := s.client.ListAliases(ctx)
	if err != nil {
		return "", err
	}
	for _, a := range aliases {
		if a.GetAliasName() == s.name {
			return a.GetCollectionName(), nil
		}
	}
	return "", nil
}

func (s *qdrantStore) whole(ctx context.Context) (snapshot, error) {
	name, err := s.current(ctx)
	if err == nil && name == "" {
		err = errNothing
	}
	if err != nil {
		return newSnapshot(), err
	}
	return s.read(ctx, name, true)
}

func (s *qdrantStore) previous(ctx context.Context) (out snapshot, ok bool, err error) {
	current, err := s.current(ctx)
	if err != nil {
		return out, false, err
	}
	all, err := s.collections(ctx)
	if err != nil {
		return out, false, err
	}
	for _, name := range slices.Backward(all) {
		if name < current {
			out, err = s.read(ctx, name, true)
			return out, err == nil, err
		}
	}
	return out, false, nil
}

func (s *qdrantStore) texts(ctx context.Context) (map[string]bool, error) {
	current, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.collections(ctx)
	if err != nil {
		return nil, err
	}
	all := newSnapshot()
	for _, name := range names {
		if name < current {
			continue
		}
		one, err := s.read(ctx, name, false)
		if err != nil {
			return nil, err
		}
		all.add(one)
	}
	return all.texts, nil
}

// read reads a collection. Where ended is true, it is one that no run is at.
func (s *qdrantStore) read(ctx context.Context, name string, ended bool) (snapshot, error) {
	out := newSnapshot()
	info, err := s.client.GetCollectionInfo(ctx, name)
	if err != nil {
		return out, err
	}
	if ended {
		if err := inOrder(name, info.GetConfig()); err != nil {
			return out, err
		}
	}
	if out.about, err = about(info); err != nil {
		return out, err
	}
	request := &pb.ScrollPoints{
		CollectionName: name, Limit: new(uint32(1000)),
		WithPayload: pb.NewWithPayload(true), WithVectors: pb.NewWithVectors(true),
	}
	for {
		points, next, err := s.client.ScrollAndOffset(ctx, request)
		if err != nil {
			return out, err
		}
		for _, p := range points {
			if err := out.take(p); err != nil {
				return out, err
			}
		}
		if request.Offset = next; next == nil {
			return out, nil
		}
	}
}

// inOrder finds what a run that ended may not leave.
func inOrder(name string, config *pb.CollectionConfig) error {
	for key := range config.GetMetadata() {
		if strings.HasPrefix(key, "vecload_run_") || key == "vecload_bulk" {
			return fmt.Errorf("the metadata of collection %s has %s, which belongs to a run that has not ended", name, key)
		}
	}
	if !config.GetMetadata()["vecload_clean"].GetBoolValue() {
		return fmt.Errorf("the metadata of collection %s does not say that the last run ended in good order", name)
	}
	return nil
}

// about is what searches depend on, and the stamp.
func about(info *pb.CollectionInfo) (string, error) {
	config := info.GetConfig()
	stamp := map[string]any{}
	for key, value := range config.GetMetadata() {
		switch {
		case strings.HasPrefix(key, "vecload_run_"), key == "vecload_clean", key == "vecload_bulk", key == "vecload_publish":
		default:
			stamp[key] = plain(value)
		}
	}
	text, err := json.Marshal(map[string]any{
		"stamp":     stamp,
		"threshold": config.GetOptimizerConfig().GetIndexingThreshold(),
		"payload":   slices.Sorted(maps.Keys(info.GetPayloadSchema())),
		"vectors":   slices.Sorted(maps.Keys(config.GetParams().GetVectorsConfig().GetParamsMap().GetMap())),
		"sparse":    slices.Sorted(maps.Keys(config.GetParams().GetSparseVectorsConfig().GetMap())),
	})
	return string(text), err
}

// take takes in a point.
func (s snapshot) take(p *pb.RetrievedPoint) error {
	id := p.GetId().GetUuid()
	payload := map[string]any{}
	for key, value := range p.GetPayload() {
		payload[key] = plain(value)
	}
	fields, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	var line strings.Builder
	line.Write(fields)
	vectors := p.GetVectors().GetVectors().GetVectors()
	for _, name := range slices.Sorted(maps.Keys(vectors)) {
		line.WriteString(" " + name + " ")
		for _, f := range vectors[name].GetDenseVector().GetData() {
			fmt.Fprintf(&line, "%08x", math.Float32bits(f))
		}
		sparse := vectors[name].GetSparseVector()
		for i, index := range sparse.GetIndices() {
			fmt.Fprintf(&line, " %d:%08x", index, math.Float32bits(sparse.GetValues()[i]))
		}
	}
	if _, twice := s.points[id]; twice {
		return fmt.Errorf("point %s is there twice", id)
	}
	own := p.GetPayload()["_vecload"].GetStructValue().GetFields()
	s.points[id], s.of[id] = line.String(), own["doc"].GetStringValue()
	s.texts[own["text"].GetStringValue()] = true
	return nil
}

// plain is a value as encoding/json has it.
func plain(v *pb.Value) any {
	switch kind := v.GetKind().(type) {
	case *pb.Value_StructValue:
		fields := map[string]any{}
		for key, value := range kind.StructValue.GetFields() {
			fields[key] = plain(value)
		}
		return fields
	case *pb.Value_ListValue:
		list := []any{}
		for _, value := range kind.ListValue.GetValues() {
			list = append(list, plain(value))
		}
		return list
	case *pb.Value_StringValue:
		return kind.StringValue
	case *pb.Value_BoolValue:
		return kind.BoolValue
	case *pb.Value_IntegerValue:
		return kind.IntegerValue
	case *pb.Value_DoubleValue:
		return kind.DoubleValue
	}
	return nil
}

// look asks for both numbers at once, since the alias may be moved between
// two requests: a count by a condition that is met by the points of today's
// edition, and one that all points meet.
func (s *qdrantStore) look(ctx context.Context) (glance, error) {
	var g glance
	count := func(filter *pb.Filter) (int64, error) {
		n, err := s.client.Count(ctx, &pb.CountPoints{CollectionName: s.name, Exact: new(true), Filter: filter})
		if status.Code(err) == codes.NotFound {
			err = errNothing
		}
		return int64(n), err //nolint:gosec // some thousands
	}
	isToday := &pb.Filter{Must: []*pb.Condition{pb.NewMatchKeyword("edition", today)}}
	for {
		before, err := s.current(ctx)
		if err != nil {
			return g, err
		}
		if g.points, err = count(nil); err != nil {
			return g, err
		}
		if g.today, err = count(isToday); err != nil {
			return g, err
		}
		after, err := s.current(ctx)
		if err != nil || before == after {
			return g, err
		}
	}
}

func (s *qdrantStore) leftovers(ctx context.Context) ([]string, error) {
	current, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.collections(ctx)
	if err != nil {
		return nil, err
	}
	kept := 0
	return slices.DeleteFunc(all, func(name string) bool {
		if s.alias && name < current {
			kept++
		}
		return name == current || name < current && kept == 1
	}), nil
}

func (s *qdrantStore) files() []string { return nil }

func (s *qdrantStore) watch(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s *qdrantStore) close(ctx context.Context) error {
	names, err := s.collections(ctx)
	for _, name := range names {
		err = errors.Join(err, s.client.DeleteCollection(ctx, name))
	}
	return errors.Join(err, s.client.Close(), s.proxy.stop())
}
