package rest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Detail is what the body of a failure says, in any of the forms that
// embedding servers use.
type Detail struct {
	Text string // the message, as sent; it may hold document text
	Type string // error.type, error_type or type
	Code string // error.code or code, a number as its digits
}

// Matches reports whether the message, type or code holds one of the phrases,
// which are in lower case.
func (d Detail) Matches(phrases ...string) bool {
	all := strings.ToLower(d.Text + "\n" + d.Type + "\n" + d.Code)
	for _, phrase := range phrases {
		if strings.Contains(all, phrase) {
			return true
		}
	}
	return false
}

// Detail reads the body of a failure. The message is looked for in the header
// X-Error-Message, then in the fields error (text, list, or object), errors,
// error_description, detail and message; a body that is neither JSON nor HTML
// is the message itself.
func (a *Answer) Detail() Detail {
	var d Detail
	body := bytes.TrimSpace(a.Body)
	isJSON := len(body) > 0 && (body[0] == '{' || body[0] == '[')
	if isJSON {
		var fields map[string]json.RawMessage
		if json.Unmarshal(body, &fields) == nil {
			d = fromFields(fields)
		} else {
			d = salvage(body)
		}
	}
	if message := a.Header.Get("X-Error-Message"); message != "" {
		d.Text = message
	}
	if d.Text == "" && !isJSON && !a.html(body) {
		d.Text = string(body)
	}
	d.Text, d.Type, d.Code = a.unsaid.in(d.Text), a.unsaid.in(d.Type), a.unsaid.in(d.Code)
	return d
}

func (a *Answer) html(body []byte) bool {
	start := bytes.ToLower(body[:min(len(body), 9)])
	return strings.Contains(a.Media(), "html") || bytes.Equal(start, []byte("<!doctype")) || bytes.HasPrefix(start, []byte("<html"))
}

// salvage reads what it can of JSON that is cut off, as it is when a server
// sends a large request back: the first message, which comes before the
// request in the answers of FastAPI. The text as a whole is never the message,
// for there may be more of the request in it than anyone can find.
func salvage(body []byte) Detail {
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return Detail{}
		}
		switch token {
		case "msg", "message":
		default:
			continue
		}
		if text, err := decoder.Token(); err == nil {
			if text, ok := text.(string); ok {
				return Detail{Text: text}
			}
		}
		return Detail{}
	}
}

func fromFields(fields map[string]json.RawMessage) Detail {
	d := Detail{
		Type: first(scalar(fields["error_type"]), scalar(fields["type"])),
		Code: scalar(fields["code"]),
	}
	for _, name := range []string{"error", "errors", "error_description", "detail", "message"} {
		text, inner := message(fields[name])
		if text == "" {
			continue
		}
		d.Text = text
		d.Type = first(inner.Type, d.Type)
		d.Code = first(inner.Code, d.Code)
		return d
	}
	return d
}

// message reads a text, an object with a message, or a list of either.
func message(raw json.RawMessage) (string, Detail) {
	if text := scalar(raw); text != "" {
		return text, Detail{}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		var texts []string
		for _, element := range list {
			if text, _ := message(element); text != "" {
				texts = append(texts, text)
			}
		}
		return strings.Join(texts, "; "), Detail{}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return "", Detail{}
	}
	if message := scalar(fields["msg"]); message != "" {
		return first(place(fields["loc"]), "input") + ": " + message, Detail{}
	}
	if fields["message"] == nil && fields["error"] == nil {
		return "", Detail{}
	}
	inner := fromFields(fields)
	return inner.Text, inner
}

// place joins the path of a FastAPI complaint: ["body","input",3] is
// body.input.3. Its fields input and ctx hold the request, and are not read.
func place(raw json.RawMessage) string {
	var path []json.RawMessage
	if json.Unmarshal(raw, &path) != nil {
		return ""
	}
	parts := make([]string, 0, len(path))
	for _, part := range path {
		parts = append(parts, scalar(part))
	}
	return strings.Join(parts, ".")
}

// scalar returns a JSON string or number as text, "" of anything else.
func scalar(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	return ""
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
