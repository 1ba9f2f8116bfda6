//go:build race

package thrift_test

import "tollgate/system/thrift"

// Under the race detector two levels stand for all: Lean runs what Full does, one thing after the other, and Off runs
// nothing of ours.
func init() {
	underRace = true
	governed = []thrift.Level{thrift.Quiet, thrift.Full}
}
