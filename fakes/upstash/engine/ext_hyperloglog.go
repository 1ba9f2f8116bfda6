package engine

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// HyperLogLogs are strings, as in Redis: so GET, TYPE, COPY and a dump treat them
// as Redis does, and the counts are Redis's. Written is only the dense form: a
// header, and 16,384 registers of 6 bits, the first bit of each the lowest free one.
// Sources: https://antirez.com/news/75 for the form, https://arxiv.org/abs/1702.01284
// for the estimate, https://github.com/aappleby/smhasher for the hash.
const (
	hllMagic     = "HYLL"
	hllHeader    = 16
	hllIndexBits = 14
	hllRegisters = 1 << hllIndexBits
	hllBits      = 6
	hllMaxRank   = 64 - hllIndexBits + 1
	hllSeed      = 0xadc83b19
)

// sketch is a HyperLogLog's registers.
type sketch [hllRegisters]uint8

// pfadd is PFADD.
func pfadd(in *inside, args []string) resp.Value {
	s, exists, wrong := in.sketch(args[0])
	if wrong != nil {
		return *wrong
	}
	changed := !exists
	for _, element := range args[1:] {
		changed = s.add(element) || changed
	}
	if !changed {
		return resp.Int(0)
	}
	in.do("SET", args[0], s.encode(), "KEEPTTL")
	return resp.Int(1)
}

// pfcount is PFCOUNT.
func pfcount(in *inside, args []string) resp.Value {
	var all sketch
	for _, key := range args {
		s, _, wrong := in.sketch(key)
		if wrong != nil {
			return *wrong
		}
		all.merge(s)
	}
	return resp.Int(all.count())
}

// pfmerge is PFMERGE.
func pfmerge(in *inside, args []string) resp.Value {
	var all sketch
	for _, key := range args {
		s, _, wrong := in.sketch(key)
		if wrong != nil {
			return *wrong
		}
		all.merge(s)
	}
	in.do("SET", args[0], all.encode(), "KEEPTTL")
	return resp.OK()
}

// sketch reads a key's HyperLogLog, which is empty if there is none.
func (i *inside) sketch(key string) (s *sketch, exists bool, wrong *resp.Value) {
	s = &sketch{}
	exists, wrong = i.holds(key, "string")
	if !exists || wrong != nil {
		return s, exists, wrong
	}
	if !s.decode(i.do("GET", key).Text()) {
		v := fail("WRONGTYPE Key is not a valid HyperLogLog string value.")
		wrong = &v
	}
	return s, exists, wrong
}

// add says whether the element changed anything.
func (s *sketch) add(element string) bool {
	hash := murmur64([]byte(element), hllSeed)
	index := hash % hllRegisters
	rank := uint8(bits.TrailingZeros64(hash>>hllIndexBits|1<<(64-hllIndexBits)) + 1)
	if s[index] >= rank {
		return false
	}
	s[index] = rank
	return true
}

func (s *sketch) merge(other *sketch) {
	for i, rank := range other {
		s[i] = max(s[i], rank)
	}
}

// count estimates how many elements were added.
func (s *sketch) count() int64 {
	var ranks [hllMaxRank + 1]float64 // how many registers have it
	for _, rank := range s {
		ranks[min(int(rank), hllMaxRank)]++
	}
	const m = float64(hllRegisters)
	z := m * hllTau((m-ranks[hllMaxRank])/m)
	for rank := hllMaxRank - 1; rank >= 1; rank-- {
		z = (z + ranks[rank]) / 2
	}
	z += m * hllSigma(ranks[0]/m)
	return int64(math.Round(m * m / (2 * math.Ln2 * z)))
}

func hllSigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for before := math.NaN(); z != before; {
		x *= x
		before = z
		z += x * y
		y += y
	}
	return z
}

func hllTau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for before := math.NaN(); z != before; {
		x = math.Sqrt(x)
		before = z
		y /= 2
		z -= (1 - x) * (1 - x) * y
	}
	return z / 3
}

func (s *sketch) encode() string {
	data := make([]byte, hllHeader+hllRegisters*hllBits/8+1)
	copy(data, hllMagic)
	data[hllHeader-1] = 1 << 7 // the header's count is not valid
	for i, rank := range s {
		bit := i * hllBits
		at, shift := hllHeader+bit/8, bit%8
		data[at] |= rank << shift
		data[at+1] |= uint8(uint16(rank) << shift >> 8)
	}
	return string(data[:len(data)-1])
}

func (s *sketch) decode(data string) bool {
	if len(data) < hllHeader || !strings.HasPrefix(data, hllMagic) {
		return false
	}
	registers := data[hllHeader:]
	switch data[len(hllMagic)] {
	case 0:
		if len(registers) != hllRegisters*hllBits/8 {
			return false
		}
		registers += "\x00"
		for i := range s {
			bit := i * hllBits
			pair := uint16(registers[bit/8]) | uint16(registers[bit/8+1])<<8
			s[i] = uint8(pair >> (bit % 8) & (1<<hllBits - 1))
		}
		return true
	case 1:
		return s.decodeSparse(registers)
	}
	return false
}

// decodeSparse reads runs: 00nnnnnn and 01nnnnnn nnnnnnnn of zeros, 1vvvvvnn of v+1,
// each of n+1 registers.
func (s *sketch) decodeSparse(runs string) bool {
	at := 0
	for i := 0; i < len(runs); i++ {
		rank, n := uint8(0), int(runs[i]&0x3f)+1
		switch runs[i] >> 6 {
		case 1:
			i++
			if i == len(runs) {
				return false
			}
			n = (n-1)<<8 + int(runs[i]) + 1
		case 2, 3:
			rank, n = runs[i]>>2&0x1f+1, int(runs[i]&3)+1
		}
		if at+n > hllRegisters {
			return false
		}
		for range n {
			s[at] = rank
			at++
		}
	}
	return at == hllRegisters
}

// murmur64 is MurmurHash64A, of little-endian machines.
func murmur64(data []byte, seed uint64) uint64 {
	const m, r = 0xc6a4a7935bd1e995, 47
	h := seed ^ uint64(len(data))*m
	for ; len(data) >= 8; data = data[8:] {
		k := binary.LittleEndian.Uint64(data) * m
		k ^= k >> r
		h ^= k * m
		h *= m
	}
	if len(data) > 0 {
		var tail [8]byte
		copy(tail[:], data)
		h ^= binary.LittleEndian.Uint64(tail[:])
		h *= m
	}
	h ^= h >> r
	h *= m
	h ^= h >> r
	return h
}
