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

// pathOf and bodyOf say how a protocol asks for vectors.
func pathOf(protocol string) string {
	switch protocol {
	case "tei":
		return "/embed"
	case "openai":
		return "/v1/embeddings"
	}
	return "/hf-inference/models/" + model + "/pipeline/feature-extraction"
}

func bodyOf(protocol string, texts []string) map[string]any {
	if protocol == "openai" {
		return map[string]any{"model": model, "input": texts, "encoding_format": "base64"}
	}
	return map[string]any{"inputs": texts}
}

func (p plain) embed(ctx context.Context, texts []string) ([][]float32, error) {
	if p.protocol == "openai" {
		return p.embedBase64(ctx, texts)
	}
	var vectors [][]float32 // a list of lists of numbers
	err := p.post(ctx, texts, &vectors)
	return vectors, err
}

func (p plain) post(ctx context.Context, texts []string, answer any) error {
	encoded, err := json.Marshal(bodyOf(p.protocol, texts))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint+pathOf(p.protocol), bytes.NewReader(encoded))
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
	if err := p.post(ctx, texts, &answer); err != nil {
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
