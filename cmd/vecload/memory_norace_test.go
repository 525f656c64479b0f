//go:build !race

package main

// mostMemory is what a run of these tests may take.
const mostMemory = 200 << 20
