package openai_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func TestClientOfImagesKeepsTheContract(t *testing.T) {
	t.Parallel()
	for modality, most := range map[openai.Modality]int{openai.Image: 32, openai.Message: 1} {
		t.Run(string(modality), func(t *testing.T) {
			t.Parallel()
			embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
				t.Helper()
				return embeddertest.Pictures(newClient(t, stubserver.New(stubserver.Options{}), openai.Options{Modality: modality}), most)
			})
			client := newClient(t, stubserver.New(stubserver.Options{}), openai.Options{Modality: modality})
			embeddertest.Unchanged(t, embeddertest.Pictures(client, most), func(text string) []float32 {
				return stubserver.Hash(8)(embeddertest.Picture(text))
			})
		})
	}
}

func TestTheRequestOfImages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		modality openai.Modality
		want     string
	}{
		{openai.Image, `POST /v1/embeddings {"model":"m","input":["data:image/jpeg;base64,/9j/"],"modality":"image","encoding_format":"base64"}`},
		{openai.Message, `POST /v1/embeddings {"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/"}}]}],"encoding_format":"base64"}`},
	}
	for _, test := range tests {
		var got string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":[{"index":0,"embedding":[1,2]}]}`)
		}), openai.Options{Modality: test.modality})
		if _, err := client.Embed(t.Context(), []string{"\xff\xd8\xff"}); err != nil {
			t.Fatal(err)
		}
		if got != test.want {
			t.Errorf("request %s, want %s", got, test.want)
		}
	}
}

func TestTooManyImagesAreNotSent(t *testing.T) {
	t.Parallel()
	for modality, most := range map[openai.Modality]int{openai.Image: 32, openai.Message: 1} {
		stub := stubserver.New(stubserver.Options{})
		client := newClient(t, stub, openai.Options{Modality: modality})
		images := make([]string, most+1)
		for i := range images {
			images[i] = "\xff\xd8\xff"
		}
		_, err := client.Embed(t.Context(), images)
		limit, ok := errors.AsType[*embedders.LimitError](err)
		if !ok || limit.Limit.Texts != most || pipeline.Classify(err) != pipeline.Oversize || stub.Requests() != 0 {
			t.Errorf("%s: %v after %d requests", modality, err, stub.Requests())
		}
		if _, err := client.Embed(t.Context(), []string{"a text"}); pipeline.Classify(err) != pipeline.Rejected || stub.Requests() != 0 {
			t.Errorf("%s: a text: %v after %d requests", modality, err, stub.Requests())
		}
	}
}

func TestErrorsHoldNoImage(t *testing.T) {
	t.Parallel()
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "cannot read "+string(body))
	}), openai.Options{Modality: openai.Image})
	_, err := client.Embed(t.Context(), []string{embeddertest.Picture("a secret drawing of many words")})
	if err == nil || strings.Contains(err.Error(), "YSBzZWNyZXQ") {
		t.Errorf("the image is in the error: %v", err)
	}
}
