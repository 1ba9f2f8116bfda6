package engine

import (
	"context"
	"fmt"
	"reflect"
)

// HyperLogLogBytes is the size of a HyperLogLog, whatever is counted in it: that of
// its dense form in Redis.
const HyperLogLogBytes = 12304

// records are the fields of miniredis's database that hold what is under the keys.
var records = []string{"stringKeys", "hashKeys", "listKeys", "setKeys", "sortedsetKeys", "streamKeys", "hllKeys"}

var _ Sizer = (*Embedded)(nil)

// Usage adds up the bytes of keys, values, elements, fields and members, 8 for a
// sorted set's score, and 12,304 for a HyperLogLog; times to live and the groups of
// streams count nothing. Other commands wait meanwhile.
func (e *Embedded) Usage(_ context.Context, limit int64) (usage Usage, err error) {
	e.passTime()
	db := reflect.ValueOf(e.mini.DB(0)).Elem()
	e.mini.Lock()
	defer e.mini.Unlock()
	for _, field := range records {
		held := db.FieldByName(field)
		if held.Kind() != reflect.Map {
			return Usage{}, fmt.Errorf("engine: this version of miniredis keeps no %s: the data cannot be measured", field)
		}
		for each := held.MapRange(); each.Next(); {
			key := each.Key().String()
			usage.add(key, int64(len(key))+payloadOf(each.Value()), limit)
		}
	}
	return usage, nil
}

// passTime sees to it that what has expired is gone, though no command came.
func (e *Embedded) passTime() {
	e.observer.turn.Lock()
	defer e.observer.turn.Unlock()
	e.observer.ttl.advance(0)
}

// payloadOf is the bytes of the data in a value of miniredis's.
func payloadOf(v reflect.Value) (n int64) {
	switch v.Kind() {
	case reflect.String:
		return int64(v.Len())
	case reflect.Float64:
		return 8
	case reflect.Slice:
		for i := range v.Len() {
			n += payloadOf(v.Index(i))
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			n += payloadOf(each.Key()) + payloadOf(each.Value())
		}
	case reflect.Struct: // an entry of a stream
		for i := range v.NumField() {
			n += payloadOf(v.Field(i))
		}
	case reflect.Pointer:
		if entries := v.Elem().FieldByName("entries"); entries.IsValid() {
			return payloadOf(entries)
		}
		return HyperLogLogBytes
	}
	return n
}
