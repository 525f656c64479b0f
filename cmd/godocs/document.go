package main

// document is the documentation of one symbol.
type document struct {
	ID        string `json:"id"`        // such as io.Copy or net/http.Client.Do
	Package   string `json:"package"`   // import path
	Symbol    string `json:"symbol"`    // such as Copy or Client.Do; of a package its name
	Kind      kind   `json:"kind"`      //
	Signature string `json:"signature"` // declaration in one line
	Doc       string `json:"doc"`       // plain text; the signature where nothing is written
	Since     string `json:"since"`     // version of Go that brought it, such as go1.21; "" if unknown
}

type kind string

const (
	kindPackage kind = "package"
	kindFunc    kind = "func"
	kindType    kind = "type"
	kindMethod  kind = "method"
	kindConst   kind = "const"
	kindVar     kind = "var"
)
