package configs

import "strings"

// unknownKey says that a key is not known, and which one was perhaps meant.
func unknownKey(key string, known []string) string {
	best, distance := "", len(key)/3+2
	for _, k := range known {
		if n := edits(strings.ToLower(key), k); n < distance {
			best, distance = k, n
		}
	}
	if best == "" {
		return "is not a known key; known are " + strings.Join(known, ", ")
	}
	return "is not a known key; did you mean " + best + "?"
}

// edits returns the number of bytes to insert, delete or replace to make b of
// a (Levenshtein's distance).
func edits(a, b string) int {
	if len(a) > 100 {
		return len(a) // no key is near, and the work stays small
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
