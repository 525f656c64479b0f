package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
)

func (p plain) embed(ctx context.Context, texts []string) ([][]float32, error) {
	switch p.protocol {
	case "huggingface":
		return p.embedNested(ctx, "/hf-inference/models/"+model+"/pipeline/feature-extraction", texts)
	case "tei":
		return p.embedNested(ctx, "/embed", texts)
	case "openai":
		return p.embedBase64(ctx, texts)
	}
	return nil, fmt.Errorf("unknown protocol %q", p.protocol)
}

// embedNested asks a server that answers with a list of lists of numbers.
func (p plain) embedNested(ctx context.Context, path string, texts []string) ([][]float32, error) {
	var vectors [][]float32
	err := p.post(ctx, path, map[string]any{"inputs": texts}, &vectors)
	return vectors, err
}

func (p plain) post(ctx context.Context, path string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := p.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// embedBase64 asks an OpenAI-style server for vectors in base64, which
// encoding/json decodes into bytes.
func (p plain) embedBase64(ctx context.Context, texts []string) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     int    `json:"index"`
			Embedding []byte `json:"embedding"`
		} `json:"data"`
	}
	body := map[string]any{"model": model, "input": texts, "encoding_format": "base64"}
	if err := p.post(ctx, "/v1/embeddings", body, &answer); err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(texts))
	for _, d := range answer.Data {
		if d.Index < 0 || d.Index >= len(texts) {
			return nil, fmt.Errorf("a vector for text %d of %d", d.Index, len(texts))
		}
		vector := make([]float32, len(d.Embedding)/4)
		for i := range vector {
			vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(d.Embedding[4*i:]))
		}
		vectors[d.Index] = vector
	}
	return vectors, nil
}
