package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The faults of this file are those of what a server answers, whole as far as
// HTTP can tell.

// said answers with a body under a success.
func said(media string, body func(good []byte) []byte) func(exchange) {
	return func(x exchange) {
		x.w.Header().Set("Content-Type", media)
		_, _ = x.w.Write(body(x.good))
	}
}

func saidJSON(body string) func(exchange) {
	return said("application/json", func([]byte) []byte { return []byte(body) })
}

func rewritten(body func(good []byte) []byte) func(exchange) { return said("application/json", body) }

// rows gives a fault the list of vectors of an answer, or of the elements that
// hold them.
func rows(change func(rows []any) []any) func(exchange) {
	return rewritten(func(good []byte) []byte {
		decoder := json.NewDecoder(bytes.NewReader(good))
		decoder.UseNumber()
		var answer any
		if err := decoder.Decode(&answer); err != nil {
			panic(err)
		}
		switch whole := answer.(type) {
		case []any:
			answer = change(whole)
		case map[string]any:
			inside(whole, change)
		}
		changed, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		// What JSON has no form for was put in under these names.
		for name, text := range map[string]string{`"@NaN@"`: "NaN", `"@1e400@"`: "1e400", `"@-0@"`: "-0"} {
			changed = bytes.ReplaceAll(changed, []byte(name), []byte(text))
		}
		return changed
	})
}

func inside(whole map[string]any, change func([]any) []any) {
	for _, name := range []string{"data", "items", "embeddings"} {
		switch list := whole[name].(type) {
		case []any:
			whole[name] = change(list)
		case map[string]any: // Cohere
			if floats, ok := list["float"].([]any); ok {
				list["float"] = change(floats)
			}
		}
	}
}

// firstVector gives a fault the first of the vectors.
func firstVector(change func(vector []any) any) func(exchange) {
	return rows(func(rows []any) []any {
		rows[0] = changeVector(rows[0], change)
		return rows
	})
}

// allVectors gives a fault every vector.
func allVectors(change func(vector []any) any) func(exchange) {
	return rows(func(rows []any) []any {
		for i := range rows {
			rows[i] = changeVector(rows[i], change)
		}
		return rows
	})
}

func changeVector(row any, change func([]any) any) any {
	switch row := row.(type) {
	case []any:
		return change(row)
	case map[string]any:
		for _, name := range []string{"embedding", "dense", "values"} {
			if row[name] != nil {
				row[name] = changeVector(row[name], change)
			}
		}
		return row
	case string: // base64
		return changeBase64(row, change)
	}
	return row
}

// changeBase64 keeps what comes out in base64 where it is numbers still.
func changeBase64(text string, change func([]any) any) any {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	var vector []any
	for ; len(raw) > 0; raw = raw[4:] {
		f := math.Float32frombits(binary.LittleEndian.Uint32(raw))
		vector = append(vector, json.Number(strconv.FormatFloat(float64(f), 'g', -1, 32)))
	}
	changed, ok := change(vector).([]any)
	if !ok {
		return change(vector)
	}
	var out []byte
	for _, number := range changed {
		f, err := strconv.ParseFloat(strings.Trim(fmt.Sprint(number), "@"), 32)
		if err != nil && number != "@1e400@" {
			return changed // null
		}
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(f)))
	}
	return base64.StdEncoding.EncodeToString(out)
}

// numbers puts a value into the place of the second number.
func number(value any) func([]any) any {
	return func(vector []any) any {
		vector = slices.Clone(vector)
		vector[1] = value
		return vector
	}
}

// full fills a vector with a value.
func full(value any) func([]any) any {
	return func(vector []any) any {
		vector = slices.Clone(vector)
		for i := range vector {
			vector[i] = value
		}
		return vector
	}
}

func longer(vector []any) any { return append(slices.Clone(vector), json.Number("0.5")) }

func tooFew(rows []any) []any { return rows[:len(rows)-1] }

func tooMany(rows []any) []any { return append(rows, rows[0]) }

// indices renumbers the elements of an OpenAI-style answer; nil leaves the
// number away.
func indices(index func(i, n int) any) func(exchange) {
	return rows(func(rows []any) []any {
		for i, row := range rows {
			element, ok := row.(map[string]any)
			if !ok {
				continue
			}
			if number := index(i, len(rows)); number != nil {
				element["index"] = number
			} else {
				delete(element, "index")
			}
		}
		return rows
	})
}

// shuffled sends the elements in another order, with their numbers.
func shuffled(rows []any) []any {
	slices.Reverse(rows)
	return rows
}
