package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

const (
	geoBits     = 26 // of each coordinate in a position's score
	geoLatitude = 85.05112878
	// geoAlphabet is that of https://en.wikipedia.org/wiki/Geohash.
	geoAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz"
)

// geohash is GEOHASH.
func geohash(in *inside, args []string) resp.Value {
	if _, wrong := in.holds(args[0], "zset"); wrong != nil {
		return *wrong
	}
	list := resp.List()
	for _, member := range args[1:] {
		score := in.do("ZSCORE", args[0], member)
		if score.Kind == resp.Null {
			list.Array = append(list.Array, resp.Nil())
			continue
		}
		position, _ := strconv.ParseFloat(score.Text(), 64)
		list.Array = append(list.Array, resp.Bulk(standardGeohash(uint64(position))))
	}
	return list
}

// standardGeohash is the usual geohash of a position as Redis keeps it. Redis leaves
// out the poles and the usual form does not, so the latitude is scaled; and of the
// 55 bits that eleven letters hold it has no more than 52.
func standardGeohash(position uint64) string {
	longitude, latitude := coordinates(position)
	const cells = 1 << geoBits
	scaled := (2*geoLatitude*(float64(latitude)+0.5)/cells - geoLatitude + 90) / 180 * cells
	latitude = uint64(scaled)
	var hash uint64
	for bit := range geoBits {
		hash |= latitude >> bit & 1 << (2 * bit)
		hash |= longitude >> bit & 1 << (2*bit + 1)
	}
	letters := make([]byte, 11)
	for i := range letters {
		letters[i] = geoAlphabet[0]
		if shift := 2*geoBits - 5*(i+1); shift >= 0 {
			letters[i] = geoAlphabet[hash>>shift&31]
		}
	}
	return string(letters)
}

// geosearch is GEOSEARCH.
func geosearch(in *inside, args []string) resp.Value {
	found := in.do(append([]string{"GEOSEARCH", args[0]}, parseGeoSearch(args[1:]).words...)...)
	if wantsCoordinates(in, args) {
		in.placeExactly(args[0], found)
	}
	return found
}

// geoSearch is what GEOSEARCH and GEOSEARCHSTORE look for.
type geoSearch struct {
	words     []string // without STOREDIST
	with      bool     // WITHCOORD, WITHDIST or WITHHASH
	storeDist bool
}

// parseGeoSearch reads the words after the keys. Where only some findings are
// wanted, and not in which order, they are the nearest: so it adds ASC, since
// miniredis takes any.
func parseGeoSearch(words []string) geoSearch {
	var search geoSearch
	nearest, ordered := false, false
	for i, word := range words {
		isMember := i > 0 && is(words[i-1], "FROMMEMBER")
		switch name := strings.ToUpper(word); {
		case isMember:
		case name == "WITHCOORD", name == "WITHDIST", name == "WITHHASH":
			search.with = true
		case name == "STOREDIST":
			search.storeDist = true
			continue
		case name == "COUNT":
			nearest = true
		case name == "ANY", name == "ASC", name == "DESC":
			ordered = true
		}
		search.words = append(search.words, word)
	}
	if nearest && !ordered {
		search.words = append(search.words, "ASC")
	}
	return search
}

// geosearchstore is GEOSEARCHSTORE: GEOSEARCH, and its findings stored with their
// positions or, with STOREDIST, their distances.
func geosearchstore(in *inside, args []string) resp.Value {
	destination, source := args[0], args[1]
	wanted := parseGeoSearch(args[2:])
	if wanted.with {
		return fail("ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
	}
	if _, wrong := in.holds(source, "zset"); wrong != nil {
		return *wrong
	}
	search := append([]string{"GEOSEARCH", source}, wanted.words...)
	if wanted.storeDist {
		search = append(search, "WITHDIST")
	}
	found := in.do(search...)
	if found.IsError() {
		return found
	}
	var members []scored
	for _, item := range found.Array {
		var member, text string
		if wanted.storeDist {
			member, text = item.Array[0].Text(), item.Array[1].Text()
		} else {
			member = item.Text()
			text = in.do("ZSCORE", source, member).Text()
		}
		score, _ := strconv.ParseFloat(text, 64)
		members = append(members, scored{member, score})
	}
	return in.store(destination, members)
}
