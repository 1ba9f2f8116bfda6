package resp

import (
	"fmt"
	"strconv"
)

// Kind is the first byte of a value on the wire, which names its type.
type Kind byte

// The kinds of RESP2, and those that RESP3 adds.
const (
	SimpleString Kind = '+'
	Error        Kind = '-'
	Integer      Kind = ':'
	BulkString   Kind = '$'
	Array        Kind = '*'
	Null         Kind = '_' // RESP3's null; RESP2's two null forms are read as this kind too
	Map          Kind = '%' // Value.Array holds key, value, key, value ...
	Set          Kind = '~'
	Double       Kind = ','
	Boolean      Kind = '#' // Value.Int is 1 or 0
	Push         Kind = '>'
	BigNumber    Kind = '('
	Verbatim     Kind = '=' // Value.Str starts with its format, as in "txt:..."
	BlobError    Kind = '!'
)

// Value is one RESP value. Which fields count depends on Kind:
//
//   - SimpleString, Error, BulkString, BigNumber, Verbatim, BlobError: Str
//   - Integer, Boolean: Int
//   - Double: Float
//   - Array, Set, Push, Map: Array (a Map of n pairs has 2n elements)
//   - Null: none
//
// The zero Value is not a valid value.
type Value struct {
	Kind  Kind
	Str   []byte
	Int   int64
	Float float64
	Array []Value
}

// OK is the status most writes answer.
func OK() Value { return Simple("OK") }

// Simple makes a simple string, such as a status.
func Simple(s string) Value { return Value{Kind: SimpleString, Str: []byte(s)} }

// Errorf makes an error reply. The text starts with its code, as in
// "ERR syntax error".
func Errorf(format string, args ...any) Value {
	return Value{Kind: Error, Str: fmt.Appendf(nil, format, args...)}
}

// Int makes an integer.
func Int(n int64) Value { return Value{Kind: Integer, Int: n} }

// Bulk makes a bulk string.
func Bulk(s string) Value { return Value{Kind: BulkString, Str: []byte(s)} }

// Nil makes a null.
func Nil() Value { return Value{Kind: Null} }

// List makes an array.
func List(items ...Value) Value { return Value{Kind: Array, Array: items} }

// IsError says whether v is an error reply of either form.
func (v Value) IsError() bool { return v.Kind == Error || v.Kind == BlobError }

// Text is the value as text: the string itself, or a number's digits. It is
// empty for null and for aggregates.
func (v Value) Text() string {
	switch v.Kind {
	case Integer, Boolean:
		return strconv.FormatInt(v.Int, 10)
	case Double:
		return formatDouble(v.Float)
	default:
		return string(v.Str)
	}
}

// String renders v for logs and test failures.
func (v Value) String() string {
	switch v.Kind {
	case Array, Set, Push, Map:
		return fmt.Sprintf("%c%v", v.Kind, v.Array)
	case Null:
		return "_"
	case Integer, Boolean, Double:
		return string(v.Kind) + v.Text()
	default:
		return fmt.Sprintf("%c%q", v.Kind, v.Str)
	}
}
