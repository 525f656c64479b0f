package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/vecload/vecload/pipeline"
)

const (
	reasonsCounted  = 200 // kinds that are told apart; a corpus may have any number
	reasonsReported = 10
	reasonsShown    = 3
	reasonLength    = 200 // bytes of a kind
)

// rejectReason is one kind of reason, and how many documents it rejected.
type rejectReason struct {
	Reason string `json:"reason"` // without its place, and without what the document holds
	Class  string `json:"class"`
	Count  int64  `json:"count"`
	Hint   string `json:"hint,omitempty"`

	place int // in the order in which kinds were met
}

// reasons counts why documents were rejected.
type reasons struct {
	first, firstHint string // of the first, with its place
	kinds            map[string]*rejectReason
	other            int64 // of kinds that are not told apart any more
}

func (r *reasons) add(rejection pipeline.Rejection) {
	if r.kinds == nil {
		r.kinds = map[string]*rejectReason{}
		r.first, r.firstHint = oneLine(placed(rejection)), oneLine(pipeline.Hint(rejection.Err))
	}
	kind := kindOf(rejection)
	key := withoutNumbers(kind)
	switch known := r.kinds[key]; {
	case known != nil:
		known.Count++
	case len(r.kinds) == reasonsCounted:
		r.other++
	default:
		r.kinds[key] = &rejectReason{
			Reason: kind, Class: pipeline.Classify(rejection.Err).String(), Count: 1, Hint: oneLine(pipeline.Hint(rejection.Err)),
			place: len(r.kinds),
		}
	}
}

// withoutNumbers makes kinds equal that differ in sizes and places only.
func withoutNumbers(kind string) string {
	last := ' '
	return strings.Map(func(c rune) rune {
		was := last
		if last = c; unicode.IsDigit(c) {
			if last = '0'; was == '0' {
				return -1
			}
		}
		return last
	}, kind)
}

// placed is the reason with its place, which that of a server lacks.
func placed(rejection pipeline.Rejection) string {
	place, reason := rejection.Document.Origin.String()+": ", rejection.Err.Error()
	if strings.HasPrefix(reason, place) {
		return reason
	}
	return place + reason
}

// kindOf is the reason without its place. What is quoted in it comes from the
// document.
func kindOf(rejection pipeline.Rejection) string {
	text := strings.TrimPrefix(rejection.Err.Error(), rejection.Document.Origin.String()+": ")
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++ // what is escaped ends nothing
		case c == '"':
			if quoted = !quoted; quoted {
				b.WriteString(`"…"`)
			}
		case !quoted:
			b.WriteByte(c)
		}
	}
	return oneLine(b.String())
}

// most returns the commonest kinds, at most n, and of how many kinds and
// documents the others are.
func (r *reasons) most(n int) (top []rejectReason, otherKinds int, others int64) {
	all := slices.SortedFunc(maps.Values(r.kinds), func(a, b *rejectReason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.place, b.place))
	})
	others = r.other
	for i, reason := range all {
		if i < n {
			top = append(top, *reason)
			continue
		}
		otherKinds++
		others += reason.Count
	}
	return top, otherKinds, others
}

// forMachines lists the commonest kinds; the others are one more.
func (r *reasons) forMachines() []rejectReason {
	top, _, others := r.most(reasonsReported)
	if others > 0 {
		top = append(top, rejectReason{Reason: "other reasons", Class: pipeline.Rejected.String(), Count: others})
	}
	return top
}

// oneLine is s without line ends and what else a terminal would act upon, of
// at most reasonLength bytes.
func oneLine(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return clip(s, reasonLength)
}
