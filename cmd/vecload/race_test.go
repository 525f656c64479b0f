//go:build race

package main

// raced says that the program under test has the race detector, with which it
// takes several times the memory.
const raced = true
