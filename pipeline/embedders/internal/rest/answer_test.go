package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

func answer(status int, media, body string, header ...string) *rest.Answer {
	a := &rest.Answer{Op: "POST http://host/x", Status: status, Header: http.Header{}, Body: []byte(body)}
	if media != "" {
		a.Header.Set("Content-Type", media)
	}
	for i := 0; i < len(header); i += 2 {
		a.Header.Set(header[i], header[i+1])
	}
	return a
}

func TestDetailReadsTheFormsOfErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		a    *rest.Answer
		want rest.Detail
	}{
		{"header first", answer(401, "application/json", `{"error":"body"}`, "X-Error-Message", "header"), rest.Detail{Text: "header"}},
		{"text", answer(400, "application/json", `{"error":"e","error_type":"Validation"}`), rest.Detail{Text: "e", Type: "Validation"}},
		{"list", answer(400, "application/json", `{"error":["a","b"],"warnings":["w"]}`), rest.Detail{Text: "a; b"}},
		{"OpenAI", answer(400, "application/json", `{"error":{"message":"m","type":"t","param":null,"code":"c"}}`), rest.Detail{Text: "m", Type: "t", Code: "c"}},
		{"number as code", answer(400, "application/json", `{"error":{"message":"m","type":null,"code":400}}`), rest.Detail{Text: "m", Code: "400"}},
		{"flat", answer(400, "application/json", `{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}`), rest.Detail{Text: "m", Type: "BadRequestError", Code: "400"}},
		{"errors", answer(400, "application/json", `{"errors":[{"message":"a"},{"message":"b"}]}`), rest.Detail{Text: "a; b"}},
		{"description", answer(400, "application/json", `{"error_description":"d"}`), rest.Detail{Text: "d"}},
		{"FastAPI text", answer(401, "application/json", `{"detail":"Unauthorized"}`), rest.Detail{Text: "Unauthorized"}},
		{"FastAPI list", answer(422, "application/json", `{"detail":[{"type":"string_too_long","loc":["body","input",3],"msg":"too long","input":"SECRET TEXT","ctx":{"x":"SECRET TEXT"}}]}`), rest.Detail{Text: "body.input.3: too long"}},
		{"SIE", answer(503, "application/json", `{"detail":{"error":{"code":"MODEL_LOADING","message":"m","type":"t"}}}`), rest.Detail{Text: "m", Type: "t", Code: "MODEL_LOADING"}},
		{"SIE native", answer(503, "application/json", `{"detail":{"code":"MODEL_LOADING","message":"m"}}`), rest.Detail{Text: "m", Code: "MODEL_LOADING"}},
		{"message", answer(400, "application/json", `{"message":"m"}`), rest.Detail{Text: "m"}},
		{"plain", answer(404, "text/plain", "Not Found\n"), rest.Detail{Text: "Not Found"}},
		{"plain with parameters", answer(422, "text/plain; charset=utf-8", "Failed"), rest.Detail{Text: "Failed"}},
		{"HTML", answer(502, "text/html", "<html><h1>Bad Gateway"), rest.Detail{}},
		{"HTML by its look", answer(502, "", "<!DOCTYPE html><h1>"), rest.Detail{}},
		{"JSON of another form", answer(400, "application/json", `{"x":"SECRET TEXT"}`), rest.Detail{}},
		{"broken JSON", answer(400, "application/json", `{"error":`), rest.Detail{}},
		{"cut off", answer(422, "application/json", `{"detail":[{"type":"string_too_long","loc":["body","input",0],"msg":"too long","input":"SECRET \\u65e5`), rest.Detail{Text: "too long"}},
		{"cut off before the message", answer(422, "application/json", `{"detail":[{"input":"SECRET \\u65e5`), rest.Detail{}},
		{"empty", answer(401, "", ""), rest.Detail{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.a.Detail(); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestErrorsHoldNoDocumentText(t *testing.T) {
	t.Parallel()
	texts := []string{
		"the patient Jane Roe was admitted on Monday with a broken leg",
		"Jane Roe",
		"日本語の文章です。秘密の文章です。",
	}
	messages := []string{
		"cannot embed: the patient Jane Roe was admitted on Monday with a broken leg",
		"bad input 'Jane Roe' at 3",
		"at: 'patient Jane Roe was admitted on Mon\\nday with a broken leg' end of it",
		"bad: 日本語の文章です。秘密の文章です。 end",
		strings.Repeat("x", 290) + "the patient Jane Roe was admitted",
	}
	for _, message := range messages {
		got := rest.Detail{Text: message}.Quote(texts)
		for _, secret := range []string{"Jane", "Roe", "broken", "秘密"} {
			if strings.Contains(got, secret) {
				t.Errorf("Quote(%q) = %q, which holds %q", message, got, secret)
			}
		}
		if !utf8.ValidString(got) || len(got) > 304 {
			t.Errorf("Quote(%q) = %q, not fit for a line", message, got)
		}
	}
	if got := (rest.Detail{Text: "batch size 64 >\x1b[31m maximum\n\tallowed \u202ebatch size 32"}).Quote(texts); got != "batch size 64 >[31m maximum allowed batch size 32" {
		t.Errorf("got %q", got)
	}
}

func TestQuoteIsQuickOnTextsThatRepeat(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 4<<20)
	start := time.Now()
	if got := (rest.Detail{Text: "error: " + long}).Quote([]string{long, long}); strings.Contains(got, "aa") {
		t.Errorf("got %q", got)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestNamesOfServersAreFitForALine(t *testing.T) {
	t.Parallel()
	if got := rest.Word("org/\x1b[31mred\n\u202ename\u009b" + strings.Repeat("x", 1000)); !strings.HasPrefix(got, "org/[31mred namex") || len(got) > 104 {
		t.Errorf("got %q", got)
	}
}

func TestErrorNamesTheRequest(t *testing.T) {
	t.Parallel()
	a := answer(500, "application/json", `{"error":"boom"}`, "X-Request-Id", "Root=1-abc;\x01def")
	e := a.Error(pipeline.Transient, "", a.Detail(), nil)
	if want := "POST http://host/x: 500 Internal Server Error: boom (request Root=1-abc;def)"; e.Error() != want {
		t.Errorf("got %q, want %q", e.Error(), want)
	}
}

func TestAfterReadsTheWaysToAskForAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := []struct {
			header []string
			want   time.Duration
		}{
			{nil, 0},
			{[]string{"Retry-After", "12"}, 12 * time.Second},
			{[]string{"Retry-After", "0.25"}, 250 * time.Millisecond},
			{[]string{"Retry-After", "-5"}, 0},
			{[]string{"Retry-After", "NaN"}, 0},
			{[]string{"Retry-After", "1e300"}, rest.MaxAfter},
			{[]string{"Retry-After", "soon"}, 0},
			{[]string{"Retry-After", "7", "Retry-After-Ms", "1500"}, 1500 * time.Millisecond},
			{[]string{"Retry-After", time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)}, 90 * time.Second},
			{[]string{"Retry-After", "Wed, 21 Oct 2015 07:28:30 GMT", "Date", "Wed, 21 Oct 2015 07:28:00 GMT"}, 30 * time.Second},
			{[]string{"Retry-After", "Wed, 20 Oct 1999 07:28:00 GMT"}, 0},
			{[]string{"RateLimit", `"api";r=0;t=42`}, 42 * time.Second},
			{[]string{"RateLimit", ` "api" ; R=0 ; t = 42 `}, 42 * time.Second},
			{[]string{"RateLimit", `"api";r=7;t=42`}, 0},
			{[]string{"Retry-After", "3", "RateLimit", `"api";r=0;t=42`}, 3 * time.Second},
			{[]string{"X-Ratelimit-Remaining-Requests", "0", "X-Ratelimit-Reset-Requests", "6m0s"}, 6 * time.Minute},
			{[]string{"X-Ratelimit-Remaining-Requests", "0", "X-Ratelimit-Reset-Requests", "12ms", "X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "1s"}, time.Second},
			{[]string{"X-Ratelimit-Remaining-Requests", "7", "X-Ratelimit-Reset-Requests", "12ms"}, 0},
			{[]string{"X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "soon"}, 0},
			{[]string{"Retry-After", "2", "X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "9s"}, 2 * time.Second},
		}
		for _, test := range tests {
			if got := answer(429, "", "", test.header...).After(); got != test.want {
				t.Errorf("%q: %s, want %s", test.header, got, test.want)
			}
		}
	})
}

// Not parallel: it counts the allocations of the whole process.
func TestAGoodAnswerIsNotReadForItsMessage(t *testing.T) {
	client, err := rest.New(rest.Options{URL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	a := answer(200, "application/json", "["+strings.Repeat("0.012345678901234567,", 10_000)+"0]")
	got := testing.AllocsPerRun(10, func() {
		if e := client.Unusable(a, nil); e != nil {
			t.Fatal(e)
		}
	})
	if got > 20 {
		t.Errorf("%.0f allocations to look at a good answer, as if each of its 10,001 numbers was read", got)
	}
}
