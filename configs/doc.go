// Package configs is the file format of vecload: what may be written in it,
// what holds when it is not, and what is wrong with it, told whole.
//
// [Parse] turns a file into a [Config] and reports everything that is wrong
// with what was written: syntax, unknown and repeated keys, values of the
// wrong kind, secrets that are missing or written out. [Config.Validate]
// reports what is wrong with the whole once flags were merged into it: what
// is missing, out of range, or at odds with something else. Both return an
// [*Error] with every problem and its line and column.
//
// A document has one vector, by [Config.Embed], or several that have names, by
// [Config.Vectors]; [Config.Lanes] gives both in one form.
//
// Values of the environment come in by ${NAME}, only in the values of url,
// hub_url, path, image_folder, rejects, token and api_key, and only after the
// file was parsed: a variable can change a value but never the structure.
// Secrets are never written out: they are ${NAME} or file:PATH.
//
// The package is plain data and imports nothing of ours; package main turns
// it into adapters. It does no input or output except reading the files of
// secrets, through [Env]. The folder also holds the sample files, each of
// which is loaded by a test.
package configs
