package configs

import (
	"errors"
	"strconv"
	"strings"
)

// Share is a part of a whole, from 0 to 1. It is written in percent: 20%.
type Share float64

// UnmarshalText accepts a number from 0 to 100 with a percent sign.
func (s *Share) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || !(value >= 0 && value <= 100) {
		return errors.New("must be a share from 0% to 100%, is " + quote(string(text)))
	}
	*s = Share(value / 100)
	return nil
}

// String writes the share in percent.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'g', -1, 64) + "%" }
