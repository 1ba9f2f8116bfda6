// Package atomicfile writes files whole or not at all. A file is first written in
// full to a temporary file in the same directory, flushed to the disk, and then
// renamed over its target, so that a reader sees either the former file or the new
// one. Several files can be staged before the first of them appears.
//
// It does not lock: two writers of one path both succeed, and the last rename wins.
package atomicfile
