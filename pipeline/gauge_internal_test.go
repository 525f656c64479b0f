package pipeline

import (
	"strings"
	"testing"
)

func TestTokensOfManyTextsAreToldByTheirBytes(t *testing.T) {
	t.Parallel()
	counted := 0
	g := gauge{count: func(text string) int {
		counted++
		return len(strings.Fields(text))
	}}
	english, dense := strings.Repeat("word ", 60), strings.Repeat("a ", 60)
	ask := func(text string, times int) (told int) {
		for range times {
			told += g.tokens(text)
		}
		return told
	}
	if told := ask(english, countedFirst); told != 60*countedFirst || counted != countedFirst {
		t.Fatalf("%d tokens told of the first texts, %d of them counted; want %d and all", told, counted, 60*countedFirst)
	}
	counted = 0
	if told := ask(english, 8000); told < 60*8000 || told > 61*8000 || counted != 1000 {
		t.Errorf("%d tokens told, %d texts counted; want about %d, and 1000", told, counted, 60*8000)
	}
	if told := ask("", 80); told != 0 {
		t.Errorf("%d tokens in nothing", told)
	}
	// A corpus that becomes another one is known after some hundred texts.
	ask(dense, 4000)
	if told := ask(dense, 800); told < 60*800 || told > 62*800 {
		t.Errorf("%d tokens told of denser texts, want about %d", told, 60*800)
	}
}

func TestTokensAreToldToSeveralAtOnce(t *testing.T) {
	t.Parallel()
	g := gauge{count: func(text string) int { return len(text) }}
	done := make(chan int)
	for range 4 {
		go func() {
			told := 0
			for range 2000 {
				told += g.tokens("four")
			}
			done <- told
		}()
	}
	for range 4 {
		if told := <-done; told != 4*2000 {
			t.Errorf("%d tokens told, want %d", told, 4*2000)
		}
	}
}
