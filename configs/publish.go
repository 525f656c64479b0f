package configs

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
