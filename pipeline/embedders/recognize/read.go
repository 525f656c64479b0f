package recognize

import (
	"encoding/json"
	"strings"
)

const ollamaName = "Ollama"

// fromInfo reads the answer of text-embeddings-inference
// (router/src/lib.rs, Info).
func fromInfo(url string, body []byte) (Server, bool) {
	var info struct {
		Model    string `json:"model_id"`
		MaxBatch int    `json:"max_client_batch_size"`
		Version  string `json:"version"`
	}
	if json.Unmarshal(body, &info) != nil || info.Model == "" || info.MaxBatch == 0 {
		return Server{}, false
	}
	return Server{Kind: TEI, URL: url, Name: versioned("text-embeddings-inference", info.Version)}, true
}

// fromModels reads a list of models: {"data":[{"id","owned_by"}]} of OpenAI's
// like, {"models":[{"name","endpoints"}]} of Cohere, and
// {"models":[{"name","dims"}]} of SIE.
func fromModels(url string, body []byte) (Server, bool) {
	var list struct {
		Data []struct {
			ID    string `json:"id"`
			Owner string `json:"owned_by"`
		} `json:"data"`
		Models []struct {
			Name      string         `json:"name"`
			Endpoints []string       `json:"endpoints"`
			Dims      map[string]int `json:"dims"`
		} `json:"models"`
	}
	if json.Unmarshal(body, &list) != nil {
		return Server{}, false
	}
	if len(list.Data) > 0 && list.Data[0].ID != "" {
		return Server{Kind: OpenAI, URL: url, Name: owner(list.Data[0].Owner)}, true
	}
	for _, model := range list.Models {
		switch {
		case model.Name == "":
		case model.Dims != nil:
			return Server{Kind: OpenAI, URL: url, Name: "SIE"}, true
		case model.Endpoints != nil:
			return Server{Kind: Cohere, URL: strings.TrimSuffix(url, "/v1"), Name: "Cohere"}, true
		}
	}
	return Server{}, false
}

// owner names a server by what it writes into owned_by.
func owner(text string) string {
	switch strings.ToLower(text) {
	case "infinity":
		return "Infinity"
	case "vllm":
		return "vLLM"
	case "llamacpp":
		return "llama.cpp"
	case "library":
		return ollamaName
	}
	return "an OpenAI-style server"
}

func fromVersion(url string, body []byte) (Server, bool) {
	var answer struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Version == "" {
		return Server{}, false
	}
	return Server{Kind: Ollama, URL: url, Name: versioned(ollamaName, answer.Version)}, true
}

// fromHealth knows llama.cpp and its like by {"status":"ok"}. Infinity's
// {"unix":…} is no answer: its routes have a prefix then that the address
// lacks.
func fromHealth(url string, body []byte) (Server, bool) {
	var answer struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Status != "ok" {
		return Server{}, false
	}
	return Server{Kind: OpenAI, URL: url + "/v1", Name: "an OpenAI-style server"}, true
}

// versioned puts a version behind a name, when it looks like one.
func versioned(name, version string) string {
	if version == "" || len(version) > 40 || strings.ContainsFunc(version, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return name
	}
	return name + " " + version
}
