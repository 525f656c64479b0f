package configs

import (
	"errors"
	"strconv"
	"strings"
)

// Publish says how a run brings points to readers.
type Publish string

// The ways. The zero value is PublishInPlace.
const (
	PublishInPlace Publish = "in_place" // into the index that readers use
	PublishAlias   Publish = "alias"    // what has to be built anew is built beside, and takes its place when it is complete
)

// UnmarshalText accepts the names of the choices.
func (p *Publish) UnmarshalText(text []byte) error {
	return choose(p, text, PublishInPlace, PublishAlias)
}

// Share is a part of a whole in percent, written as 20% or 0.5%.
type Share float64

// Of returns the part of n, rounded down.
func (s Share) Of(n int64) int64 { return int64(float64(n) * float64(s) / 100) }

// String writes the share as it is read.
func (s Share) String() string { return strconv.FormatFloat(float64(s), 'f', -1, 64) + "%" }

// MarshalText writes the share as [Share.String] does.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a share. The sign has to be there, since 0.2 could mean
// either.
func (s *Share) UnmarshalText(text []byte) error {
	const form = "must be a share such as 20%, from 0% to 100%"
	number, found := strings.CutSuffix(string(text), "%")
	f, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || strings.ContainsAny(number, "xXpPeEiInN_+") || !(f >= 0 && f <= 100) {
		return errors.New(form + ", is " + quote(string(text)))
	}
	*s = Share(f)
	return nil
}
