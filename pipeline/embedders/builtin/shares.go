package builtin

import "strings"

// SharesVocabulary tells whether a model of the Hugging Face hub reads text by
// the same tokenizer as this one, that of bert-base-uncased (30522 pieces), so
// that [Embedder.CountTokens] counts its tokens, without the two that are put
// around each text. It knows well-known families by the beginnings of their
// names, and says false of all others.
func SharesVocabulary(model string) bool {
	name := strings.ToLower(model)
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	for _, multilingual := range []string{"multilingual", "-zh", "-m3", "-v2.0", "v2-moe"} {
		if strings.Contains(name, multilingual) {
			return false
		}
	}
	for _, family := range []string{
		"all-minilm-l",                                                 // sentence-transformers, L6 and L12
		"multi-qa-minilm", "msmarco-minilm", "msmarco-distilbert-base", // sentence-transformers
		"bge-small-en", "bge-base-en", "bge-large-en", // BAAI
		"e5-small", "e5-base", "e5-large", // intfloat, also -v2 and -unsupervised
		"gte-small", "gte-base", "gte-large", // thenlper
		"snowflake-arctic-embed-xs", "snowflake-arctic-embed-s", "snowflake-arctic-embed-m", // versions 1
		"mxbai-embed-large", "nomic-embed-text-v1", // mixedbread-ai, nomic-ai
		"bert-base-uncased",
	} {
		if strings.HasPrefix(name, family) {
			return true
		}
	}
	return false
}
