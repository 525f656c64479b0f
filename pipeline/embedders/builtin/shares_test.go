package builtin_test

import (
	"math"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
)

func TestModelsThatShareTheVocabularyAreKnownByName(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]bool{
		"sentence-transformers/all-MiniLM-L6-v2":                      true,
		"sentence-transformers/all-MiniLM-L12-v2":                     true,
		"sentence-transformers/all-mpnet-base-v2":                     false,
		"sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2": false,
		"BAAI/bge-small-en-v1.5":                                      true,
		"BAAI/bge-large-en":                                           true,
		"BAAI/bge-small-zh-v1.5":                                      false,
		"BAAI/bge-m3":                                                 false,
		"intfloat/e5-base-v2":                                         true,
		"intfloat/multilingual-e5-small":                              false,
		"intfloat/e5-mistral-7b-instruct":                             false,
		"thenlper/gte-base":                                           true,
		"Alibaba-NLP/gte-base-en-v1.5":                                true,
		"Alibaba-NLP/gte-multilingual-base":                           false,
		"Alibaba-NLP/gte-modernbert-base":                             false,
		"Snowflake/snowflake-arctic-embed-m-v2.0":                     false,
		"nomic-ai/nomic-embed-text-v1.5":                              true,
		"nomic-ai/nomic-embed-text-v2-moe":                            false,
		"Qwen/Qwen3-Embedding-0.6B":                                   false,
		"":                                                            false,
	} {
		if got := builtin.SharesVocabulary(model); got != want {
			t.Errorf("%q: %v, want %v", model, got, want)
		}
	}
}

// TestTheEstimateIsAsGoodAsItSays holds the estimate, for models whose
// tokenizer is not at hand, against a real one.
func TestTheEstimateIsAsGoodAsItSays(t *testing.T) {
	t.Parallel()
	e := model(t)
	for language, test := range map[string]struct {
		text string
		off  float64
	}{
		"English":  {hundredWords(), 0.15},
		"Chinese":  {strings.Repeat("向量数据库用来保存文本和图片的向量,并且可以很快地找到最相近的内容。如果服务器拒绝请求,程序会等待一段时间,然后再试一次。", 2), 0.05},
		"Japanese": {strings.Repeat("この道具は文書を読み込んで、小さな部分に分けて、ベクトルに変換します。変更されていない文書はそのままにします。", 2), 0.05},
		"Korean":   {"이 프로그램은 문서를 읽어서 작은 조각으로 나누고 벡터로 바꿉니다. 서버가 바쁘면 잠시 기다렸다가 다시 시도합니다.", 0.4},
		"Russian":  {"Программа читает документы, делит их на части и превращает в векторы. Если сервер занят, она ждёт и пробует ещё раз.", 0.5},
	} {
		want := float64(e.CountTokens(test.text))
		if off := math.Abs(float64(pipeline.EstimateTokens(test.text))/want - 1); off > test.off {
			t.Errorf("%s: %.0f %% off, want at most %.0f %%", language, 100*off, 100*test.off)
		}
	}
}
