package qdrant_test

import (
	"maps"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

func spaces() pipeline.Spaces {
	return pipeline.Spaces{"text": {Model: "a/model", Dim: 3, Normalize: true}}
}

func points(ids ...string) []pipeline.Point {
	var out []pipeline.Point
	for i, id := range ids {
		v := pipeline.Vector{1, 0, 0}
		v[1] = float32(i)
		out = append(out, pipeline.Point{ID: pipeline.NewPointID("text", id, 0), Name: "text", Doc: id, Chunks: 1, Text: id, Vector: v})
	}
	return out
}

// client speaks to the server without vecload.
func client(tb testing.TB, server *qdrantserver.Server) *pb.Client {
	tb.Helper()
	addr, err := net.ResolveTCPAddr("tcp", server.Addr())
	if err != nil {
		tb.Fatal(err)
	}
	c, err := pb.NewClient(&pb.Config{Host: "127.0.0.1", Port: addr.Port, SkipCompatibilityCheck: true, PoolSize: 1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// wantError checks class, words and hint of an error.
func wantError(tb testing.TB, err error, class pipeline.Class, text, hint string) {
	tb.Helper()
	if err == nil {
		tb.Fatal("no error")
	}
	if got := pipeline.Classify(err); got != class {
		tb.Errorf("class of %q is %q, want %q", err, got, class)
	}
	if !strings.Contains(err.Error(), text) {
		tb.Errorf("error is %q, want it to say %q", err, text)
	}
	if got := pipeline.Hint(err); !strings.Contains(got, hint) || got == "" {
		tb.Errorf("hint is %q, want it to say %q", got, hint)
	}
}

func TestPrepareRefusesACollectionItDidNotMake(t *testing.T) {
	t.Parallel()
	named := func(name string, params *pb.VectorParams) *pb.VectorsConfig {
		return pb.NewVectorsConfigMap(map[string]*pb.VectorParams{name: params})
	}
	for name, test := range map[string]struct {
		vectors *pb.VectorsConfig
		fill    bool
		text    string
	}{
		"a vector without a name": {
			vectors: pb.NewVectorsConfig(&pb.VectorParams{Size: 3, Distance: pb.Distance_Cosine}),
			text:    "without a name",
		},
		"a vector of another name": {
			vectors: named("image", &pb.VectorParams{Size: 3, Distance: pb.Distance_Cosine}), text: `no vector named "text"`,
		},
		"another dimension": {
			vectors: named("text", &pb.VectorParams{Size: 4, Distance: pb.Distance_Cosine}), text: "4 dimensions",
		},
		"another distance": {
			vectors: named("text", &pb.VectorParams{Size: 3, Distance: pb.Distance_Manhattan}), text: `compares its vector "text" by Manhattan`,
		},
		"several vectors a point": {
			vectors: named("text", &pb.VectorParams{
				Size: 3, Distance: pb.Distance_Cosine, MultivectorConfig: &pb.MultiVectorConfig{},
			}), text: `several vectors "text"`,
		},
		"points and no stamp": {
			vectors: named("text", &pb.VectorParams{Size: 3, Distance: pb.Distance_Cosine}), fill: true, text: "1 points and no stamp",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, qdrantserver.Options{})
			c := client(t, server)
			if err := c.CreateCollection(t.Context(), &pb.CreateCollection{CollectionName: "docs", VectorsConfig: test.vectors}); err != nil {
				t.Fatal(err)
			}
			if test.fill {
				if _, err := c.Upsert(t.Context(), &pb.UpsertPoints{CollectionName: "docs", Points: []*pb.PointStruct{{
					Id: pb.NewIDNum(1), Vectors: pb.NewVectorsMap(map[string]*pb.Vector{"text": pb.NewVector(1, 2, 3)}),
				}}}); err != nil {
					t.Fatal(err)
				}
			}
			index := newIndex(t, qdrant.Options{URL: server.URL()})
			wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Misconfigured, test.text, "collection")
			if _, err := index.Spaces(t.Context()); pipeline.Classify(err) != pipeline.Misconfigured {
				t.Errorf("Spaces of a foreign collection gives %v", err)
			}
		})
	}
}

func TestPrepareStampsAnEmptyCollection(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	c := client(t, server)
	if err := c.CreateCollection(t.Context(), &pb.CreateCollection{
		CollectionName: "docs",
		VectorsConfig:  pb.NewVectorsConfigMap(map[string]*pb.VectorParams{"text": {Size: 3, Distance: pb.Distance_Cosine}}),
		Metadata:       map[string]*pb.Value{"owner": pb.NewValueString("somebody")},
	}); err != nil {
		t.Fatal(err)
	}
	index := newIndex(t, qdrant.Options{URL: server.URL()})
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	if got, err := index.Spaces(t.Context()); err != nil || !maps.Equal(got, spaces()) {
		t.Errorf("Spaces are %+v, %v", got, err)
	}
	info, err := c.GetCollectionInfo(t.Context(), "docs")
	if err != nil || info.GetConfig().GetMetadata()["owner"].GetStringValue() != "somebody" {
		t.Errorf("the metadata of others is %v, %v", info.GetConfig().GetMetadata(), err)
	}
}

func TestPrepareWritesBehindAnAlias(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	c := client(t, server)
	for _, name := range []string{"docs-1", "docs-2"} {
		if err := newIndex(t, qdrant.Options{URL: server.URL(), Collection: name}).Prepare(t.Context(), spaces()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.CreateAlias(t.Context(), "docs", "docs-1"); err != nil {
		t.Fatal(err)
	}
	index := newIndex(t, qdrant.Options{URL: server.URL()})
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	// The alias moves in the middle of a run; the run stays where it is.
	if err := c.CreateAlias(t.Context(), "docs", "docs-2"); err != nil {
		t.Fatal(err)
	}
	if err := index.Write(t.Context(), points("a", "b")); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if one, two := server.Points("docs-1"), server.Points("docs-2"); one != 2 || two != 0 {
		t.Errorf("docs-1 has %d points and docs-2 %d, want 2 and 0", one, two)
	}
}

func TestPrepareKnowsTheServer(t *testing.T) {
	t.Parallel()
	t.Run("that is too old", func(t *testing.T) {
		t.Parallel()
		server := start(t, qdrantserver.Options{Version: "1.15.4"})
		index := newIndex(t, qdrant.Options{URL: server.URL()})
		wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Misconfigured, "1.15.4", "1.16")
		if n := server.Calls("Create"); n != 0 {
			t.Errorf("%d collections were created", n)
		}
	})
	t.Run("whose version nobody can read", func(t *testing.T) {
		t.Parallel()
		server := start(t, qdrantserver.Options{Version: "nightly"})
		if err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), spaces()); err != nil {
			t.Errorf("Prepare: %v", err)
		}
	})
	t.Run("that is not there", func(t *testing.T) {
		t.Parallel()
		server, err := qdrantserver.Start(qdrantserver.Options{})
		if err != nil {
			t.Fatal(err)
		}
		server.Stop()
		index := newIndex(t, qdrant.Options{URL: server.URL()})
		wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Transient, server.URL(), "6334")
	})
	t.Run("that speaks HTTP", func(t *testing.T) {
		t.Parallel()
		web := httptest.NewServer(nil)
		t.Cleanup(web.Close)
		index := newIndex(t, qdrant.Options{URL: web.URL})
		wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Transient, web.URL, "speaks HTTP")
	})
	t.Run("that does not speak TLS", func(t *testing.T) {
		t.Parallel()
		server := start(t, qdrantserver.Options{})
		index := newIndex(t, qdrant.Options{URL: strings.Replace(server.URL(), "http:", "https:", 1)})
		wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Transient, "TLS", "http://")
	})
	t.Run("whose certificate is not trusted", func(t *testing.T) {
		t.Parallel()
		web := httptest.NewUnstartedServer(nil)
		web.StartTLS()
		t.Cleanup(web.Close)
		server := start(t, qdrantserver.Options{TLS: web.TLS})
		index := newIndex(t, qdrant.Options{URL: server.URL()})
		wantError(t, index.Prepare(t.Context(), spaces()), pipeline.Transient, "certificate", "not trusted")
	})
	t.Run("that is slow to start", func(t *testing.T) {
		t.Parallel()
		server := start(t, qdrantserver.Options{})
		server.Inject(qdrantserver.Fault{Method: "HealthCheck", Code: codes.Unavailable, Times: 2})
		if err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), spaces()); err != nil {
			t.Errorf("Prepare: %v", err)
		}
	})
}
