package bm25_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/bm25"
)

func model(tb testing.TB, options bm25.Options) *bm25.Model {
	tb.Helper()
	m, err := bm25.New(options)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// vector returns the query's vector of terms, given one by one.
func vector(terms string) pipeline.Sparse {
	var s pipeline.Sparse
	counts := map[uint32]float32{}
	for term := range strings.FieldsSeq(terms) {
		counts[bm25.Index(term)]++
	}
	for index := range counts {
		s.Indices = append(s.Indices, index)
	}
	slices.Sort(s.Indices)
	for _, index := range s.Indices {
		s.Values = append(s.Values, counts[index])
	}
	return s
}

func TestQueryHoldsTheTermsOfItsText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"?! ... _ __ \u0301", ""},
		{"the and of", ""},
		{"readers read", "reader read"},
		{"Read, READ; read!", "read read read"},
		{"don't can't", ""},
		{"io.Copy", "io copi io.copy"},
		{"end. Next", "end next"},
		{"end..next", "end next"},
		{".env", "env"},
		{"_.env", "env"},
		{"go1.26.0 3.14", "go1 26 0 go1.26.0 3 14 3.14"},
		{"1,000", "1 000"},
		{"NewReaderSize", "newreaders new reader size"},
		{"HTTPServer URLs", "httpserver http server url"},
		{"utf8 sha256Sum", "utf8 sha256sum sha256 sum"},
		{"ErrNotExist", "errnotexist err exist"},
		{"max_value", "max_valu max valu"},
		{"__init__", "__init__ init"},
		{"x_NewReader", "x_newread x newread new reader"},
		{"os.ErrExist", "os errexist err exist os.errexist"},
		{"well-known net/http std::io", "well known net http std io"},
		{"Straße STRASSE", "strass strass"},
		{"ﬁle ２０２６ e\u0301", "file 2026 é"},
		{"soft\u00adware zero\u200bwidth", "softwar zero width"},
		{"1️⃣ keycap", "1 keycap"},
		{"हिन्दी भाषा", "हिन्दी भाषा"},
		{"日本語", "日本 本語"},
		{"語", "語"},
		{"Go言語でio.Copy", "go 言語 語で io copi go言語でio.copy"},
		{"データベース", "デー ータ タベ ベー ース"},
		{"학교에서", "학교 교에 에서"},
		{"ที่นี่", "ที่นี่"},
		{"a\xffb", "b"},
		{"مرحبا", "مرحبا"},
	} {
		if diff := cmp.Diff(vector(test.want), model(t, bm25.Default()).Query(test.text)); diff != "" {
			t.Errorf("%q has not the terms %q:\n%s", test.text, test.want, diff)
		}
	}
}

func TestDocumentHoldsTheCharactersOfScriptsWithoutSpaces(t *testing.T) {
	t.Parallel()
	m := model(t, bm25.Default())
	got, want := m.Document("日本語 ที่นี่"), vector("日 本 語 日本 本語 ที่ นี่ ที่นี่")
	if diff := cmp.Diff(want.Indices, got.Indices); diff != "" {
		t.Error(diff)
	}
}

func TestDocumentIsWeighedByCountAndLength(t *testing.T) {
	t.Parallel()
	// Four words without the stop word, of which two are one term:
	// 2·(1.5+1)/(2 + 1.5·(1 − 0.5 + 0.5·4/8)) = 5/3.125
	m := model(t, bm25.Options{K1: 1.5, B: 0.5, AvgLen: 8, Language: "english"})
	s := m.Document("the cat sees cats' tails")
	at, ok := slices.BinarySearch(s.Indices, bm25.Index("cat"))
	if !ok || s.Values[at] != 1.6 {
		t.Errorf("got %v at %d, want 1.6", s.Values, at)
	}
}

func TestLengthOfScriptsWithoutSpacesIsInCharacters(t *testing.T) {
	t.Parallel()
	// Five and one characters and a word:
	// 1·(1.5+1)/(1 + 1.5·(1 − 0.5 + 0.5·7/8)) = 2.5/2.40625
	m := model(t, bm25.Options{K1: 1.5, B: 0.5, AvgLen: 8, Language: "english"})
	s := m.Document("日本語の本 word, ที่")
	if at, ok := slices.BinarySearch(s.Indices, bm25.Index("word")); !ok || s.Values[at] != float32(2.5/2.40625) {
		t.Errorf("got %v at %d, want %v", s.Values, at, float32(2.5/2.40625))
	}
}

func TestScoreIsThatOfBM25(t *testing.T) {
	t.Parallel()
	documents := []string{
		"a river runs through the valley",
		"the river bank is steep and the river is deep",
		"the bank lends money",
		strings.Repeat("a long text about nothing at all and the bank ", 30),
	}
	m := model(t, bm25.Options{K1: 1.2, B: 0.75, AvgLen: 10, Language: bm25.None})
	vectors := make([]pipeline.Sparse, len(documents))
	with := map[uint32]int{}
	for i, text := range documents {
		vectors[i] = m.Document(text)
		for _, index := range vectors[i].Indices {
			with[index]++
		}
	}
	idf := func(index uint32) float64 { return pipeline.IDF(len(documents), with[index]) }
	for i, text := range documents {
		words := strings.Fields(text)
		var want float64
		for _, term := range []string{"river", "bank", "unheard"} {
			tf, n := 0.0, 0.0
			for _, word := range words {
				if word == term {
					tf++
				}
			}
			for _, other := range documents {
				if slices.Contains(strings.Fields(other), term) {
					n++
				}
			}
			want += math.Log((4-n+0.5)/(n+0.5)+1) * tf * 2.2 / (tf + 1.2*(0.25+0.75*float64(len(words))/10))
		}
		if got := m.Query("river bank unheard").Score(vectors[i], idf); math.Abs(got-want) > 1e-6 {
			t.Errorf("%q scores %v, want %v", text[:10], got, want)
		}
	}
}

func TestLanguagesHaveTheirOwnStems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ language, text, want string }{
		{bm25.None, "The readers read", "the readers read"},
		{"german", "Häuser und Häusern", "haus und haus"},
		{"french", "continuellement", "continuel"},
		{"russian", "Быстрая лиса", "быстр лис"},
		{"turkish", "kitaplar", "kitap"},
		{"tamil", "ாநின்றகயபபட்ட", "ாநின்றகயபபட்ட"},
	} {
		options := bm25.Default()
		options.Language = test.language
		if diff := cmp.Diff(vector(test.want), model(t, options).Query(test.text)); diff != "" {
			t.Errorf("%s: %q has not the terms %q:\n%s", test.language, test.text, test.want, diff)
		}
	}
	for _, language := range bm25.Languages() {
		options := bm25.Default()
		options.Language = language
		if model(t, options).Query("xyz").Len() != 1 {
			t.Errorf("%s: a word is no term", language)
		}
	}
}

func TestStopWordsCanBeChosen(t *testing.T) {
	t.Parallel()
	options := bm25.Default()
	options.StopWords = []string{"Größe", " Café ", ""}
	if diff := cmp.Diff(vector("the"), model(t, options).Query("the GRÖSSE cafe\u0301")); diff != "" {
		t.Error(diff)
	}
	options.StopWords = []string{}
	if diff := cmp.Diff(vector("the"), model(t, options).Query("the")); diff != "" {
		t.Error(diff)
	}
}

func TestSettingsTellModelsApart(t *testing.T) {
	t.Parallel()
	const want = "bm25/1 language=english stop=english terms=identifiers k1=1.2 b=0.75 avg_len=256"
	if got := model(t, bm25.Default()).Settings(); got != want {
		t.Errorf("got %s", got)
	}
	seen := map[string]bool{want: true}
	for name, change := range map[string]func(*bm25.Options){
		"k1":               func(o *bm25.Options) { o.K1 = 1.25 },
		"b":                func(o *bm25.Options) { o.B = 0 },
		"average length":   func(o *bm25.Options) { o.AvgLen = 100 },
		"language":         func(o *bm25.Options) { o.Language = "german" },
		"no stop words":    func(o *bm25.Options) { o.StopWords = []string{} },
		"stop words":       func(o *bm25.Options) { o.StopWords = []string{"one", "two"} },
		"other stop words": func(o *bm25.Options) { o.StopWords = []string{"one"} },
		"plain":            func(o *bm25.Options) { o.Plain = true },
	} {
		options := bm25.Default()
		change(&options)
		settings := model(t, options).Settings()
		if seen[settings] {
			t.Errorf("%s is not told: %s", name, settings)
		}
		seen[settings] = true
	}
	one, two := bm25.Default(), bm25.Default()
	one.StopWords, two.StopWords = []string{"a", "b"}, []string{"B", "a", "a"}
	if model(t, one).Settings() != model(t, two).Settings() {
		t.Error("the order of stop words is told")
	}
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want   string
		change func(*bm25.Options)
	}{
		{"k1 is -1", func(o *bm25.Options) { o.K1 = -1 }},
		{"k1 is NaN", func(o *bm25.Options) { o.K1 = math.NaN() }},
		{"b is 1.1", func(o *bm25.Options) { o.B = 1.1 }},
		{"average length is 0", func(o *bm25.Options) { o.AvgLen = 0 }},
		{"language is missing", func(o *bm25.Options) { o.Language = "" }},
		{`no stemmer for "klingon"`, func(o *bm25.Options) { o.Language = "klingon" }},
	} {
		options := bm25.Default()
		test.change(&options)
		if _, err := bm25.New(options); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q in it", err, test.want)
		}
	}
}

func TestModelIsSharedByGoroutines(t *testing.T) {
	t.Parallel()
	m := model(t, bm25.Default())
	texts := make([]string, 8)
	want := make([]pipeline.Sparse, len(texts))
	for i := range texts {
		texts[i] = prose(2000 + 100*i)[100*i:]
		want[i] = m.Document(texts[i])
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, text := range texts {
				if diff := cmp.Diff(want[i], m.Document(text)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	all.Wait()
}

func TestVectorsDependOnNoTextBefore(t *testing.T) {
	t.Parallel()
	m := model(t, bm25.Default())
	text := prose(5000)
	want := m.Document(text)
	var many strings.Builder // more words than are remembered
	for i := range 40_000 {
		fmt.Fprintf(&many, "x%sness ", strconv.FormatInt(int64(i), 26))
	}
	first := m.Document(many.String())
	if first.Len() < 39_000 {
		t.Fatalf("only %d terms", first.Len())
	}
	if diff := cmp.Diff(first, m.Document(many.String())); diff != "" {
		t.Error("the second time gives another vector")
	}
	if diff := cmp.Diff(want, m.Document(text)); diff != "" {
		t.Error(diff)
	}
}

func TestTimeIsInProportionToTheText(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for name, part := range map[string]string{
		"one word": "ya", "a chain": "a.", "humps": "aB", "underscores": "a_", "marks": "\u0301",
		"characters": "語", "thai": "ที่", "ignored": "\u00ad", "invalid": "\xff", "folded": "ß", "capitals": "A",
	} {
		start := time.Now()
		s := model(t, bm25.Default()).Document("x" + strings.Repeat(part, size/len(part)))
		// Far above what the slowest machine under the race detector takes,
		// far below what the square takes.
		if took := time.Since(start); took > 20*time.Second || s.Len() == 0 {
			t.Errorf("%s: %d terms in %v", name, s.Len(), took)
		}
	}
}
