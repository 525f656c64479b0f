package configs

import (
	"errors"
	"strconv"
	"strings"
)

// MaxRejects is how many documents a run may reject. It is written as a number,
// 100, or as a share of the documents read, 5%.
type MaxRejects struct {
	Documents int64
	Share     *Share // nil: Documents is the limit
}

// UnmarshalText accepts a number from 0 on, or a share.
func (m *MaxRejects) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	fail := errors.New("must be a number of documents, such as 100, or a share from 0% to 100%, is " + quote(string(text)))
	if strings.HasSuffix(s, "%") {
		share := Share(0)
		if share.UnmarshalText([]byte(s)) != nil {
			return fail
		}
		*m = MaxRejects{Share: &share}
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return fail
	}
	*m = MaxRejects{Documents: n}
	return nil
}

// String writes the limit as it is read.
func (m MaxRejects) String() string {
	if m.Share != nil {
		return m.Share.String()
	}
	return strconv.FormatInt(m.Documents, 10)
}

// BuildRejects is the limit of a run that builds what takes the place of what
// readers use, where none is configured.
func BuildRejects() MaxRejects {
	share := Share(0.2)
	return MaxRejects{Share: &share}
}
