//go:build race

package reports_test

import "time"

// Under the race detector everything takes some ten times as long.
func init() { monthBound = 20 * time.Second }
