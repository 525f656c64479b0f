// Gen is a program.
package main

// Exported is of a program.
func Exported() {}

func main() {}
