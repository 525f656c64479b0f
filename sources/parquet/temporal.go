package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
)

const secondsPerDay = 24 * 60 * 60

const (
	local    = "2006-01-02T15:04:05.999999999"
	withZone = local + "Z07:00"
)

// date gives a number of days since 1970-01-01.
func date(days int64) string {
	return time.Unix(days*secondsPerDay, 0).UTC().Format(time.DateOnly)
}

// timestamp gives an instant in RFC 3339; a local time, which is no instant,
// in the same form without a zone. Outside of the years 0 to 9999 the year has
// more digits or a sign, which RFC 3339 does not know.
func timestamp(v int64, t *schema.TimestampLogicalType) string {
	var at time.Time
	switch t.TimeUnit() {
	case schema.TimeUnitMillis:
		at = time.UnixMilli(v)
	case schema.TimeUnitMicros:
		at = time.UnixMicro(v)
	default:
		at = time.Unix(0, v)
	}
	if t.IsAdjustedToUTC() {
		return at.UTC().Format(withZone)
	}
	return at.UTC().Format(local)
}

// clock gives a time of day.
func clock(v int64, t *schema.TimeLogicalType) (pipeline.Value, error) {
	unit := time.Nanosecond
	switch t.TimeUnit() {
	case schema.TimeUnitMillis:
		unit = time.Millisecond
	case schema.TimeUnitMicros:
		unit = time.Microsecond
	default:
	}
	if v < 0 || v >= secondsPerDay*int64(time.Second/unit) {
		return pipeline.Value{}, errors.New("a time of day is outside of a day")
	}
	text := time.Unix(0, v*int64(unit)).UTC().Format("15:04:05.999999999")
	if t.IsAdjustedToUTC() {
		text += "Z"
	}
	return pipeline.String(text), nil
}

// julian gives a Julian day and nanoseconds of that day as an instant, the
// old timestamps of Impala, Hive and Spark.
func julian(day int64, nanos uint64) string {
	const epoch = 2440588 // Julian day of 1970-01-01
	at := time.Unix((day-epoch)*secondsPerDay, 0).UTC()
	return at.Add(time.Duration(nanos)).Format(withZone)
}

// interval gives an INTERVAL (LogicalTypes.md, section "INTERVAL"): months,
// days and milliseconds, each an unsigned little-endian integer.
func interval(b []byte) string {
	months := binary.LittleEndian.Uint32(b)
	days := binary.LittleEndian.Uint32(b[4:])
	millis := binary.LittleEndian.Uint32(b[8:])
	var s strings.Builder
	s.WriteByte('P')
	if months > 0 {
		fmt.Fprintf(&s, "%dM", months)
	}
	if days > 0 {
		fmt.Fprintf(&s, "%dD", days)
	}
	if millis > 0 || s.Len() == 1 {
		s.WriteString("T" + strconv.FormatFloat(float64(millis)/1000, 'f', -1, 64) + "S")
	}
	return s.String()
}
