package engine

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// earthRadius is Redis's, in meters.
const earthRadius = 6372797.560856

// point is a place on earth, in degrees.
type point struct{ longitude, latitude float64 }

// point is the middle of a member's cell; false if there is no such member.
func (i *inside) point(key, member string) (point, bool) {
	score := i.do("ZSCORE", key, member)
	if score.Kind == resp.Null {
		return point{}, false
	}
	position, _ := strconv.ParseFloat(score.Text(), 64)
	longitude, latitude := coordinates(uint64(position))
	return point{longitude: middle(longitude, 180), latitude: middle(latitude, geoLatitude)}, true
}

// middle is the middle of a cell of those from -limit to limit, reckoned as Redis
// does, for the last digit's sake.
func middle(cell uint64, limit float64) float64 {
	edge := func(n uint64) float64 { return -limit + float64(n)/(1<<geoBits)*(2*limit) }
	return (edge(cell) + edge(cell+1)) / 2
}

// coordinates takes a position as Redis keeps it apart: the bits of two numbers in
// turn, the latitude's first from the right.
func coordinates(position uint64) (longitude, latitude uint64) {
	for bit := range geoBits {
		latitude |= position >> (2 * bit) & 1 << bit
		longitude |= position >> (2*bit + 1) & 1 << bit
	}
	return longitude, latitude
}

// distance is in meters, by the haversine formula.
func (p point) distance(q point) float64 {
	radians := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	u := math.Sin((radians(q.latitude) - radians(p.latitude)) / 2)
	v := math.Sin((radians(q.longitude) - radians(p.longitude)) / 2)
	return 2 * earthRadius * math.Asin(math.Sqrt(u*u+math.Cos(radians(p.latitude))*math.Cos(radians(q.latitude))*v*v))
}

// value is two coordinates, in RESP2 with the 17 decimals of Redis.
func (p point) value(resp3 bool) resp.Value {
	coordinate := func(degrees float64) resp.Value {
		if resp3 {
			return resp.Value{Kind: resp.Double, Float: degrees}
		}
		text := strconv.FormatFloat(degrees, 'f', 17, 64)
		return resp.Bulk(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
	}
	return resp.List(coordinate(p.longitude), coordinate(p.latitude))
}

// geopos is GEOPOS, which miniredis rounds.
func geopos(in *inside, args []string) resp.Value {
	if _, wrong := in.holds(args[0], "zset"); wrong != nil {
		return *wrong
	}
	list := resp.List()
	for _, member := range args[1:] {
		if p, ok := in.point(args[0], member); ok {
			list.Array = append(list.Array, p.value(in.resp3))
		} else {
			list.Array = append(list.Array, resp.Nil())
		}
	}
	return list
}

var geoUnits = map[string]float64{"m": 1, "km": 1000, "ft": 0.3048, "mi": 1609.34}

// geodist is GEODIST.
func geodist(in *inside, args []string) resp.Value {
	unit := 1.0
	switch {
	case len(args) > 4:
		return fail(textSyntax)
	case len(args) == 4:
		if unit = geoUnits[strings.ToLower(args[3])]; unit == 0 {
			return fail("ERR unsupported unit provided. please use M, KM, FT, MI")
		}
	}
	if _, wrong := in.holds(args[0], "zset"); wrong != nil {
		return *wrong
	}
	from, ok1 := in.point(args[0], args[1])
	to, ok2 := in.point(args[0], args[2])
	if !ok1 || !ok2 {
		return resp.Nil()
	}
	return resp.Bulk(strconv.FormatFloat(from.distance(to)/unit, 'f', 4, 64))
}

// hasGeoOptions says whether the words of GEOADD after its name have options, which
// miniredis does not know.
func hasGeoOptions(_ *inside, args []string) bool {
	return len(args) > 1 && isGeoAddOption(args[1])
}

func isGeoAddOption(word string) bool { return is(word, "NX") || is(word, "XX") || is(word, "CH") }

// geoadd is GEOADD with options.
func geoadd(in *inside, args []string) resp.Value {
	key, rest := args[0], args[1:]
	options := map[string]bool{}
	for len(rest) > 0 && isGeoAddOption(rest[0]) {
		options[strings.ToUpper(rest[0])], rest = true, rest[1:]
	}
	switch {
	case options["NX"] && options["XX"]:
		return fail("ERR XX and NX options at the same time are not compatible")
	case len(rest) == 0 || len(rest)%3 != 0:
		return fail(textSyntax)
	}
	total := int64(0)
	for ; len(rest) > 0; rest = rest[3:] {
		before := in.do("ZSCORE", key, rest[2])
		exists := before.Kind != resp.Null
		if before.IsError() {
			return before
		}
		if (options["NX"] && exists) || (options["XX"] && !exists) {
			continue
		}
		added := in.do(append([]string{"GEOADD", key}, rest[:3]...)...)
		if added.IsError() {
			return added
		}
		total += added.Int
		if options["CH"] && exists && in.do("ZSCORE", key, rest[2]).Text() != before.Text() {
			total++
		}
	}
	return resp.Int(total)
}

func wantsCoordinates(_ *inside, args []string) bool {
	return slices.ContainsFunc(args, func(word string) bool { return is(word, "WITHCOORD") })
}

// georadius makes GEORADIUS and its likes, WITHCOORD.
func georadius(command string) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		found := in.do(append([]string{command}, args...)...)
		in.placeExactly(args[0], found)
		return found
	}
}

// placeExactly replaces coordinates, which stand last with each member found and
// which miniredis rounds.
func (i *inside) placeExactly(key string, found resp.Value) {
	for _, item := range found.Array {
		if n := len(item.Array); n > 1 && len(item.Array[n-1].Array) == 2 {
			if p, ok := i.point(key, item.Array[0].Text()); ok {
				item.Array[n-1] = p.value(i.resp3)
			}
		}
	}
}
