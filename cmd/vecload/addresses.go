package main

import (
	"fmt"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
)

// wrongAddresses tells of the urls of a configuration that lead to Hugging
// Face and never to vectors.
func wrongAddresses(config configs.Config) []configs.Problem {
	var problems []configs.Problem
	for _, lane := range config.Lanes() {
		problems = append(problems, wrongAmong(lane.Embed.Endpoints, lane.Embed.Model, lane.Path+".endpoints")...)
		for i, alternative := range lane.Embed.Alternatives {
			at := fmt.Sprintf("%s.alternatives[%d].endpoints", lane.Path, i)
			problems = append(problems, wrongAmong(alternative.Endpoints, alternative.Model, at)...)
		}
	}
	return problems
}

func wrongAmong(endpoints []configs.Endpoint, model, path string) []configs.Problem {
	var problems []configs.Problem
	for i, e := range endpoints {
		mistake := mistakeOf(e, endpoints, model)
		if mistake == nil {
			continue
		}
		at := fmt.Sprintf("%s[%d].url", path, i)
		if kind, _ := e.Server(); kind != "url" {
			at = fmt.Sprintf("%s[%d].%s.url", path, i, kind)
		}
		problems = append(problems, configs.Problem{Path: at, Text: mistake.String()})
	}
	return problems
}

// mistakeOf returns what is wrong with the address of an endpoint, nil when
// nothing is known to be.
func mistakeOf(e configs.Endpoint, all []configs.Endpoint, model string) *huggingface.Mistake {
	router := ""
	for _, other := range all {
		if other.HuggingFace != nil {
			router = string(other.HuggingFace.URL)
		}
	}
	kind, address := e.Server()
	mistake, wrong := huggingface.Address{Kind: kind, URL: string(address), Router: router, Model: model}.Mistake()
	if !wrong {
		return nil
	}
	return &mistake
}
