package sqlite

// SetLot has an index put ids into the file in lots of so many, before it is
// prepared.
func SetLot(x *Index, lot int) { x.lot = lot }
