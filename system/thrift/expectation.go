package thrift

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// clockTolerance is how far a time in a command may be from the expected one. asynq counts some days by the calendar, in
// which summer time begins and ends. The times of the self-test differ by more.
const clockTolerance = 2 * time.Hour

// expectation is an operation that asynq is to run. The fields msg, info, member and pairs say what those of the operation
// contain, as asynq encodes them.
type expectation struct {
	name string
	want operation
	seen bool
}

// concerns says whether op is meant, right or wrong.
func (e *expectation) concerns(op *operation) bool {
	return op.kind == e.want.kind && op.id == e.want.id && op.retried == e.want.retried && len(op.pairs) == len(e.want.pairs)
}

// differences says in which fields got is not what is expected; "" when in none.
func (e *expectation) differences(got operation) string {
	want := e.want
	near(&want.at, got.at, clockTolerance/time.Second)
	near(&want.statsEnd, got.statsEnd, clockTolerance/time.Second)
	near(&want.cutoff, got.cutoff, clockTolerance/time.Second)
	near(&want.uniqueTTL, got.uniqueTTL, clockTolerance/time.Second)
	near(&want.nanos, got.nanos, clockTolerance)
	nearDay(&want.day, got.day)
	within(&want.msg, got.msg)
	within(&want.info, got.info)
	within(&want.member, got.member)
	want.pairs = append([]string(nil), want.pairs...)
	for i := range min(len(want.pairs), len(got.pairs)) {
		within(&want.pairs[i], got.pairs[i])
	}
	var list []string
	a, b := reflect.ValueOf(want), reflect.ValueOf(got)
	for i := range a.NumField() {
		if x, y := fmt.Sprintf("%#v", a.Field(i)), fmt.Sprintf("%#v", b.Field(i)); x != y {
			list = append(list, fmt.Sprintf("expected %s %s, got %s", a.Type().Field(i).Name, x, y))
		}
	}
	return strings.Join(list, "; ")
}

// near makes want equal to got when both are set and differ little.
func near(want *int64, got int64, tolerance time.Duration) {
	if distance := got - *want; *want != 0 && distance >= -int64(tolerance) && distance <= int64(tolerance) {
		*want = got
	}
}

// nearDay makes want equal to got when that is the day before or after.
func nearDay(want *string, got string) {
	a, errA := time.Parse(time.DateOnly, *want)
	b, errB := time.Parse(time.DateOnly, got)
	if errA == nil && errB == nil && a.Sub(b).Abs() <= 24*time.Hour {
		*want = got
	}
}

// within makes want equal to got when got contains it.
func within(want *string, got string) {
	if *want != "" && strings.Contains(got, *want) {
		*want = got
	}
}
