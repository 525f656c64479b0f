package main

import "bytes"

// countTexts returns how many texts a request holds, without decoding them;
// 0 when it finds no list of texts.
func countTexts(body []byte) int {
	for _, name := range []string{`"inputs":`, `"input":`} {
		if _, list, ok := bytes.Cut(body, []byte(name)); ok {
			return countStrings(bytes.TrimLeft(list, " "))
		}
	}
	return 0
}

func countStrings(list []byte) int {
	if len(list) == 0 || list[0] != '[' {
		return 0
	}
	count := 0
	for i := 1; i < len(list); i++ {
		switch list[i] {
		case ']':
			return count
		case '"':
			end := stringEnd(list, i+1)
			if end < 0 {
				return 0
			}
			i, count = end, count+1
		}
	}
	return 0
}

// stringEnd returns the place of the quote that ends the string which begins
// at start, or -1.
func stringEnd(b []byte, start int) int {
	for i := start; ; i++ {
		next := bytes.IndexByte(b[i:], '"')
		if next < 0 {
			return -1
		}
		i += next
		slashes := 0
		for i-slashes > start && b[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}
