// Package x is not for import.
package x

// Hidden is hidden.
func Hidden() {}
