package engine

import (
	"math/big"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// maxBitOffset is the first bit beyond the largest string, of 512 MiB.
const maxBitOffset = 512 << 20 * 8

// bitOp is one operation of BITFIELD.
type bitOp struct {
	name     string // GET, SET or INCRBY
	signed   bool
	bits     int64
	offset   int64
	value    int64
	overflow string // WRAP, SAT or FAIL
}

// bitfield is BITFIELD.
func bitfield(in *inside, args []string) resp.Value { return in.bitfield(args, false) }

// bitfieldRO is BITFIELD_RO.
func bitfieldRO(in *inside, args []string) resp.Value { return in.bitfield(args, true) }

func (i *inside) bitfield(args []string, readOnly bool) resp.Value {
	key := args[0]
	ops, text := bitOps(args[1:])
	if text != "" {
		return fail(text)
	}
	end, writes := int64(0), false
	for _, op := range ops {
		if op.name != "GET" {
			writes, end = true, max(end, (op.offset+op.bits+7)/8)
		}
	}
	if writes && readOnly {
		return fail("ERR BITFIELD_RO only supports the GET subcommand")
	}
	if _, wrong := i.holds(key, "string"); wrong != nil {
		return *wrong
	}
	data := []byte(i.do("GET", key).Text())
	if int64(len(data)) < end {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	list := resp.List()
	for _, op := range ops {
		list.Array = append(list.Array, op.apply(data))
	}
	if writes {
		i.do("SET", key, string(data), "KEEPTTL")
	}
	return list
}

// bitOps reads the operations, each with the OVERFLOW that stands before it.
func bitOps(args []string) (ops []bitOp, failed string) {
	overflow := "WRAP"
	for len(args) > 0 {
		op := bitOp{name: strings.ToUpper(args[0]), overflow: overflow}
		words := map[string]int{"GET": 3, "SET": 4, "INCRBY": 4, "OVERFLOW": 2}[op.name]
		if words == 0 || len(args) < words {
			return nil, textSyntax
		}
		if op.name == "OVERFLOW" {
			overflow = strings.ToUpper(args[1])
			if overflow != "WRAP" && overflow != "SAT" && overflow != "FAIL" {
				return nil, "ERR Invalid OVERFLOW type specified"
			}
			args = args[words:]
			continue
		}
		if !op.setType(args[1]) {
			return nil, "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."
		}
		if !op.setOffset(args[2]) {
			return nil, "ERR bit offset is not an integer or out of range"
		}
		if words == 4 {
			var ok bool
			if op.value, ok = parseInt(args[3]); !ok {
				return nil, textNotInt
			}
		}
		ops, args = append(ops, op), args[words:]
	}
	return ops, ""
}

func (op *bitOp) setType(word string) bool {
	if len(word) < 2 || (word[0] != 'i' && word[0] != 'u') {
		return false
	}
	var ok bool
	op.signed = word[0] == 'i'
	op.bits, ok = parseInt(word[1:])
	return ok && op.bits >= 1 && (op.bits <= 63 || (op.signed && op.bits == 64))
}

// setOffset takes a bit's number or, after a #, a field's.
func (op *bitOp) setOffset(word string) bool {
	unit := int64(1)
	if rest, ok := strings.CutPrefix(word, "#"); ok {
		word, unit = rest, op.bits
	}
	n, ok := parseInt(word)
	if !ok || n < 0 || n >= maxBitOffset/unit {
		return false
	}
	op.offset = n * unit
	return true
}

// apply runs the operation and answers what it does.
func (op bitOp) apply(data []byte) resp.Value {
	old := op.read(data)
	if op.name == "GET" {
		return resp.Int(old.Int64())
	}
	wanted := big.NewInt(op.value)
	switch {
	case op.name == "INCRBY":
		wanted.Add(wanted, old)
	case !op.signed:
		wanted.SetUint64(uint64(op.value)) // as Redis does: -1 is the largest number there is
	}
	fits, ok := op.fit(wanted)
	if !ok {
		return resp.Nil()
	}
	op.write(data, fits)
	if op.name == "SET" {
		return resp.Int(old.Int64())
	}
	return resp.Int(fits.Int64())
}

// fit makes a number fit the field in the way of the operation's OVERFLOW; false
// means that it must fail.
func (op bitOp) fit(n *big.Int) (*big.Int, bool) {
	size := new(big.Int).Lsh(big.NewInt(1), uint(op.bits))
	least, most := new(big.Int), new(big.Int).Sub(size, big.NewInt(1))
	if op.signed {
		half := new(big.Int).Rsh(size, 1)
		least, most = new(big.Int).Neg(half), new(big.Int).Sub(half, big.NewInt(1))
	}
	switch {
	case n.Cmp(least) >= 0 && n.Cmp(most) <= 0:
		return n, true
	case op.overflow == "FAIL":
		return nil, false
	case op.overflow == "SAT" && n.Cmp(least) < 0:
		return least, true
	case op.overflow == "SAT":
		return most, true
	}
	wrapped := new(big.Int).Mod(n, size)
	if wrapped.Cmp(most) > 0 {
		wrapped.Sub(wrapped, size)
	}
	return wrapped, true
}

// read is the field's number; beyond the end of data are zeros.
func (op bitOp) read(data []byte) *big.Int {
	n := uint64(0)
	for bit := op.offset; bit < op.offset+op.bits; bit++ {
		n <<= 1
		if at := bit / 8; at < int64(len(data)) {
			n |= uint64(data[at]) >> (7 - bit%8) & 1
		}
	}
	if op.signed {
		shift := 64 - op.bits
		return big.NewInt(int64(n<<shift) >> shift)
	}
	return new(big.Int).SetUint64(n)
}

func (op bitOp) write(data []byte, n *big.Int) {
	value := uint64(n.Int64())
	for i := range op.bits {
		bit := op.offset + op.bits - 1 - i
		mask := byte(1) << (7 - bit%8)
		if value>>i&1 == 1 {
			data[bit/8] |= mask
		} else {
			data[bit/8] &^= mask
		}
	}
}
