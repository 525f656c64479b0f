package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/qdrant/go-client/qdrant"
	"golang.org/x/sync/errgroup"
)

// plain is the program that one writes in an afternoon: JSON lines in,
// batches to the embedding server, a few at a time, points to Qdrant, all
// with the libraries at hand. It is meant to be good at that; it retries
// nothing, checks little, and cannot go on where it stopped.
type plain struct {
	protocol, endpoint string
	dim                int
	http               *http.Client
	qdrant             *qdrant.Client
}

// plainDocument is what the program reads of a line.
type plainDocument struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Year  int64  `json:"year"`
	Text  string `json:"text"`
}

func (d plainDocument) point(id uint64, vector []float32) *qdrant.PointStruct {
	return &qdrant.PointStruct{
		Id:      qdrant.NewIDNum(id),
		Vectors: qdrant.NewVectorsDense(vector),
		Payload: qdrant.NewValueMap(map[string]any{"id": d.ID, "title": d.Title, "year": d.Year, "text": d.Text}),
	}
}

const plainCollection = "plain"

func runPlain(ctx context.Context, args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("bench plain", flag.ContinueOnError)
	var p plain
	flags.StringVar(&p.protocol, "protocol", "huggingface", "huggingface, tei or openai")
	flags.StringVar(&p.endpoint, "endpoint", "", "`URL` of the embedding server")
	flags.IntVar(&p.dim, "dim", 384, "`N` numbers a vector")
	address := flags.String("qdrant", "", "`URL` of Qdrant")
	batch := flags.Int("batch", 32, "`N` texts a request")
	inFlight := flags.Int("in-flight", 8, "`N` requests at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	file, err := os.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // opened for reading; nothing can be lost
	p.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *inFlight}}
	if p.qdrant, err = dial(*address); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.qdrant.Close()) }()
	if err := p.prepare(ctx); err != nil {
		return err
	}
	written, err := p.load(ctx, file, *batch, *inFlight)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(map[string]int{"written": written})
}

func dial(address string) (*qdrant.Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	host, text, err := net.SplitHostPort(u.Host)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	return qdrant.NewClient(&qdrant.Config{Host: host, Port: port, SkipCompatibilityCheck: true})
}

func (p plain) prepare(ctx context.Context) error {
	return p.qdrant.CreateCollection(ctx, &qdrant.CreateCollection{
		CollectionName: plainCollection,
		VectorsConfig:  qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: uint64(p.dim), Distance: qdrant.Distance_Cosine}),
	})
}

func (p plain) load(ctx context.Context, lines io.Reader, batch, inFlight int) (int, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	written := 0
	var documents []plainDocument
	flush := func() {
		some, first := documents, written
		documents, written = nil, written+len(documents)
		group.Go(func() error { return p.index(ctx, some, first) })
	}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() && ctx.Err() == nil {
		var d plainDocument
		if err := json.Unmarshal(scanner.Bytes(), &d); err != nil {
			return 0, errors.Join(err, group.Wait())
		}
		if documents = append(documents, d); len(documents) == batch {
			flush()
		}
	}
	if len(documents) > 0 {
		flush()
	}
	return written, errors.Join(scanner.Err(), group.Wait())
}

// index embeds documents and writes them, with their places in the corpus as
// ids.
func (p plain) index(ctx context.Context, documents []plainDocument, first int) error {
	texts := make([]string, len(documents))
	for i, d := range documents {
		texts[i] = d.Text
	}
	vectors, err := p.embed(ctx, texts)
	if err != nil {
		return err
	}
	if len(vectors) != len(documents) {
		return fmt.Errorf("%d vectors for %d texts", len(vectors), len(documents))
	}
	points := make([]*qdrant.PointStruct, len(documents))
	for i, d := range documents {
		points[i] = d.point(uint64(first+i), vectors[i])
	}
	_, err = p.qdrant.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: plainCollection, Wait: new(true), Points: points})
	return err
}
