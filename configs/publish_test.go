package configs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/configs"
)

func TestTheSettingsOfACollectionAreRead(t *testing.T) {
	t.Parallel()
	c := parsed(t, `index:
  publish: alias
  keep_previous: 3
  delete_missing: true
  max_delete_share: 5%
  qdrant:
    url: http://localhost:6334
    collection: docs
    retry_for: 20m
    on_disk: true
    quantization: {type: binary, rescore: false}
    hnsw: {m: 0, payload_m: 16}
    shards: 2
    replicas: 3
    write_consistency: 2
    payload_indexes: {meta.lang: keyword, published: datetime}
    tenant: customer
    bulk: "on"
    retune: true
`, configs.Env{})
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	want := configs.Qdrant{
		URL: "http://localhost:6334", Collection: "docs", RetryFor: 20 * time.Minute, OnDisk: new(true),
		Quantization: &configs.Quantization{Type: configs.QuantizationBinary, Rescore: new(false)},
		HNSW:         &configs.HNSW{M: new(0), PayloadM: new(16)},
		Shards:       2, Replicas: 3, WriteConsistency: 2,
		PayloadIndexes: map[string]configs.FieldType{"meta.lang": configs.FieldKeyword, "published": configs.FieldDatetime},
		Tenant:         "customer", Bulk: configs.BulkOn, Retune: true,
	}
	if diff := cmp.Diff(want, *c.Index.Qdrant, cmp.AllowUnexported(configs.Secret{})); diff != "" {
		t.Errorf("index.qdrant (-want +got):\n%s", diff)
	}
	i := c.Index
	if i.Publish != configs.PublishAlias || i.KeepPrevious != 3 || !i.DeleteMissing || i.MaxDeleteShare != 0.05 {
		t.Errorf("index is %+v", i)
	}
}

func TestACollectionIsLeftToTheServerWhereNothingIsSaid(t *testing.T) {
	t.Parallel()
	c := parsed(t, "index: {qdrant: {url: http://localhost:6334, collection: docs}}", configs.Env{})
	want := configs.Qdrant{URL: "http://localhost:6334", Collection: "docs", Bulk: configs.BulkOff, RetryFor: configs.DefaultIndexRetryFor}
	if diff := cmp.Diff(want, *c.Index.Qdrant, cmp.AllowUnexported(configs.Secret{})); diff != "" {
		t.Errorf("index.qdrant (-want +got):\n%s", diff)
	}
	if i := c.Index; i.Publish != configs.PublishInPlace || i.DeleteMissing || i.MaxDeleteShare != 0.2 || i.KeepPrevious != 1 {
		t.Errorf("index is %+v", i)
	}
}
