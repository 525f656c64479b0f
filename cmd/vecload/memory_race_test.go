//go:build race

package main

// mostMemory is what a run of these tests may take, with the race detector.
const mostMemory = 600 << 20
