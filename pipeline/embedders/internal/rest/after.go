package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxAfter bounds how long a server may ask to wait.
const MaxAfter = 10 * time.Minute

// After returns how long the server asks to wait, 0 when it does not say: from
// retry-after-ms, Retry-After (seconds, a fraction of them, or a date, RFC
// 9110, section 10.2.3), RateLimit with nothing remaining, and OpenAI's
// x-ratelimit headers with nothing remaining, in this order, at most MaxAfter.
func (a *Answer) After() time.Duration {
	if ms, err := strconv.ParseFloat(a.Header.Get("Retry-After-Ms"), 64); err == nil {
		return Seconds(ms / 1000)
	}
	value := strings.TrimSpace(a.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return Seconds(seconds)
	}
	if at, err := http.ParseTime(value); err == nil {
		now, err := http.ParseTime(a.Header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return Seconds(at.Sub(now).Seconds())
	}
	if wait := rateLimit(a.Header.Get("RateLimit")); wait > 0 {
		return wait
	}
	return max(a.reset("Requests"), a.reset("Tokens"))
}

// reset reads x-ratelimit-remaining-… and x-ratelimit-reset-…, the latter as
// OpenAI's guide on rate limits shows it: "1s", "6m0s", "12ms". It counts only
// where nothing remains.
func (a *Answer) reset(of string) time.Duration {
	if a.Header.Get("X-Ratelimit-Remaining-"+of) != "0" {
		return 0
	}
	wait, err := time.ParseDuration(a.Header.Get("X-Ratelimit-Reset-" + of))
	if err != nil {
		return 0
	}
	return Seconds(wait.Seconds())
}

// rateLimit reads `"api";r=0;t=12`: requests remaining, and seconds until
// there are more. What remains is also sent with answers that another limit
// caused, so the seconds count only when nothing does.
func rateLimit(value string) time.Duration {
	seconds, none := 0.0, false
	for part := range strings.SplitSeq(value, ";") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		parsed, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "r":
			none = parsed == 0
		case "t":
			seconds = parsed
		}
	}
	if !none {
		return 0
	}
	return Seconds(seconds)
}

// Seconds makes a wait of a number that a server sent, at most MaxAfter; NaN
// and what is negative are 0.
func Seconds(seconds float64) time.Duration {
	if !(seconds > 0) {
		return 0
	}
	return time.Duration(min(seconds, MaxAfter.Seconds()) * float64(time.Second))
}
