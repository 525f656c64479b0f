package rest

import "github.com/vecload/vecload/pipeline"

// AppendTexts appends texts as a JSON array of strings, which is how every
// protocol takes them.
func AppendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = pipeline.AppendJSONString(dst, text)
	}
	return append(dst, ']')
}

// SizeOf returns about how many bytes [AppendTexts] appends: quotes and a
// comma for each text, and one escaped character in sixteen.
func SizeOf(texts []string) int {
	size := len("[]")
	for _, text := range texts {
		size += len(text) + len(text)/16 + len(`"",`)
	}
	return size
}
