package parquet

import "github.com/vecload/vecload/sources"

// FormatAhead reads pages of any size ahead, on so many goroutines.
func FormatAhead(readers int) sources.Format {
	return format(func() *ahead { return newAhead(readers, 0, 0) })
}

// FormatAheadFrom reads pages ahead that are worth it, on so many goroutines.
func FormatAheadFrom(readers int) sources.Format {
	return format(func() *ahead { return newAhead(readers, aheadLeast, aheadShare) })
}
