package sources

import (
	"cmp"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// Want is the tree of the fields that a mapping needs of every record. It is
// not changed after it was made, and may be used from several goroutines.
type Want struct {
	// All asks for every field of the record, as [Record.Fields]. Fields is
	// then empty.
	All bool
	// Fields are the wanted fields at the top of the record, or the objects
	// that hold them.
	Fields []WantField
	// Slots is the number of places in [Record.Values].
	Slots int
	// Required are the paths without which no record makes a document. A
	// format whose files declare their fields refuses a file that lacks one.
	Required []Path
	// Bytes is the path of an image, nil when none is wanted. Bytes that a
	// format has there, or in the field "bytes" of an object there, go to
	// [Record.Bytes] as they are, and are null where they stand. A format
	// that has no bytes leaves its values as any others.
	Bytes Path
}

// IsBytes reports whether bytes at a path go to [Record.Bytes].
func (w *Want) IsBytes(path Path) bool {
	if len(w.Bytes) == 0 || !path.within(w.Bytes) {
		return false
	}
	rest := path[len(w.Bytes):]
	return len(rest) == 0 || (len(rest) == 1 && rest[0] == bytesKey)
}

// WantField is one field of a [Want].
type WantField struct {
	Name string
	// Slot is the place of the field's value in [Record.Values], -1 when only
	// the Fields inside of it are wanted.
	Slot int
	// Fields are wanted of the object that the field holds. Empty when the
	// whole value is wanted.
	Fields []WantField
}

// place is where the value of a path is found in a record.
type place struct {
	slot int      // in Record.Values; -1: in Record.Fields
	keys []string // from there on
}

// newWant makes the tree for paths, and the place of each in it.
func newWant(paths []Path, all bool, required []Path) (*Want, []place) {
	want := &Want{All: all, Required: required}
	places := make([]place, len(paths))
	if all {
		for i, path := range paths {
			places[i] = place{slot: -1, keys: path}
		}
		return want, places
	}
	// Shorter paths first: whatever lies inside a field that is wanted as a
	// whole is taken from there.
	order := make([]int, len(paths))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(paths[a]), len(paths[b])) })
	var whole []Path
	for _, i := range order {
		slot := slices.IndexFunc(whole, paths[i].within)
		if slot < 0 {
			slot = len(whole)
			whole = append(whole, paths[i])
			want.Fields = addField(want.Fields, paths[i], slot)
		}
		places[i] = place{slot: slot, keys: paths[i][len(whole[slot]):]}
	}
	want.Slots = len(whole)
	return want, places
}

func addField(fields []WantField, path Path, slot int) []WantField {
	i := slices.IndexFunc(fields, func(f WantField) bool { return f.Name == path[0] })
	if i < 0 {
		i = len(fields)
		fields = append(fields, WantField{Name: path[0], Slot: -1})
	}
	if len(path) == 1 {
		fields[i].Slot = slot
	} else {
		fields[i].Fields = addField(fields[i].Fields, path[1:], slot)
	}
	return fields
}

// Record holds what was wanted of one record. A format fills it, a [Mapper]
// reads it; it is used again for the next record, its values are not.
type Record struct {
	// Row is 1 for the first record; in line formats it is the line's number.
	// A format sets it also beside an error of class Rejected.
	Row int64
	// Fields has all fields in the order of the file when [Want.All] is set.
	// The slice is new for each record and belongs to the mapper.
	Fields []pipeline.Field
	// Values has the value of each slot, null where it is missing.
	Values []pipeline.Value
	// Found tells a slot whose value is null from one that is missing.
	Found []bool
	// Bytes is what stands at [Want.Bytes], "" for none.
	Bytes string
}

// Reset empties the record for want.
func (r *Record) Reset(want *Want) {
	if len(r.Values) != want.Slots {
		r.Values = make([]pipeline.Value, want.Slots)
		r.Found = make([]bool, want.Slots)
	}
	clear(r.Values)
	clear(r.Found)
	r.Fields = nil
	r.Bytes = ""
}

// Set stores the value of a slot.
func (r *Record) Set(slot int, v pipeline.Value) {
	r.Values[slot] = v
	r.Found[slot] = true
}

// at returns the value at p, and whether it is there.
func (r *Record) at(p *place) (pipeline.Value, bool) {
	var v pipeline.Value
	keys := p.keys
	if p.slot >= 0 {
		if !r.Found[p.slot] {
			return v, false
		}
		v = r.Values[p.slot]
	} else {
		i := fieldIndex(r.Fields, keys[0])
		if i < 0 {
			return v, false
		}
		v = r.Fields[i].Value
		keys = keys[1:]
	}
	for _, key := range keys {
		var ok bool
		if v, ok = v.Field(key); !ok {
			return pipeline.Value{}, false
		}
	}
	return v, true
}

func fieldIndex(fields []pipeline.Field, name string) int {
	for i := range fields {
		if fields[i].Name == name {
			return i
		}
	}
	return -1
}
