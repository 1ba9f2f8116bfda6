package engine

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"tollgate/fakes/upstash/resp"
)

const (
	// dumpBatch and dumpBatchBytes are how many items, and about how many bytes, one
	// command of a dump carries at most: 256 items, 1 MiB; a larger item stands alone.
	dumpBatch      = 256
	dumpBatchBytes = 1 << 20
	// dumpEnd is what the last command of a dump echoes.
	dumpEnd = "end of dump"
)

// A DumpError says that a key cannot be dumped without loss.
type DumpError struct {
	Key, Type string
}

// Error names the key and its type.
func (e *DumpError) Error() string {
	return fmt.Sprintf("engine: key %q is a %s, which cannot be dumped; delete it first", e.Key, e.Type)
}

// Dump writes the data set as commands that rebuild it, in RESP: any Redis takes
// them (with field TTLs, from 8.0 on), and Load does. It is one moment's data:
// other commands wait until w has it all. It takes the memory of all keys' names
// and twice that of the largest value. On an error what was written is of no use.
//
// Values, TTLs (to the millisecond, as moments), and the groups, consumers, pending
// entries and last ID of streams are kept. Scripts are not, nor is when a consumer
// was last seen.
func (e *Embedded) Dump(w io.Writer) error {
	e.observer.turn.Lock()
	defer e.observer.turn.Unlock()
	e.observer.ttl.advance(0)
	e.mini.Lock()
	defer e.mini.Unlock()
	d := dumper{inside: e.observer.inside, out: bufio.NewWriter(w)}
	if err := d.all(); err != nil {
		return err
	}
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("engine: write dump: %w", err)
	}
	return nil
}

// dumper writes one dump.
type dumper struct {
	*inside
	out *bufio.Writer
	raw []byte // reused
}

func (d *dumper) all() error {
	scanned := d.do("SCAN", "0") // miniredis answers all at once
	if scanned.IsError() || len(scanned.Array) != 2 {
		return fmt.Errorf("engine: list keys: unexpected reply %v", scanned)
	}
	for _, key := range scanned.Array[1].Array {
		if err := d.key(key.Text()); err != nil {
			return err
		}
	}
	return d.write("ECHO", dumpEnd)
}

func (d *dumper) key(key string) error {
	var err error
	switch kind := d.do("TYPE", key).Text(); kind {
	case "string":
		err = d.write("SET", key, d.do("GET", key).Text())
	case "list":
		err = d.collection([]string{"RPUSH", key}, 1, "LRANGE", key, "0", "-1")
	case "set":
		err = d.collection([]string{"SADD", key}, 1, "SMEMBERS", key)
	case "zset":
		err = d.sortedSet(key)
	case "hash":
		err = d.hash(key)
	case "stream":
		err = d.stream(key)
	default:
		err = &DumpError{Key: key, Type: kind}
	}
	if err != nil {
		return err
	}
	ttl := d.do("PTTL", key).Int
	if ttl < 0 {
		return nil
	}
	return d.write("PEXPIREAT", key, strconv.FormatInt(d.now()+ttl, 10))
}

// collection writes what a read command answers as writes of up to dumpBatch items
// of so many words each.
func (d *dumper) collection(write []string, words int, read ...string) error {
	items, err := d.strings(read...)
	if err != nil {
		return err
	}
	return d.batches(write, words, items)
}

func (d *dumper) batches(write []string, words int, items []string) error {
	batch, bytes := write, 0
	for i, item := range items {
		batch = append(batch, item)
		bytes += len(item)
		full := len(batch) >= len(write)+dumpBatch*words || bytes >= dumpBatchBytes
		if i+1 == len(items) || (full && (i+1)%words == 0) {
			if err := d.write(batch...); err != nil {
				return err
			}
			batch, bytes = write, 0
		}
	}
	return nil
}

// sortedSet turns the pairs around: scores are read after their member and written
// before.
func (d *dumper) sortedSet(key string) error {
	pairs, err := d.strings("ZRANGE", key, "0", "-1", "WITHSCORES")
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		pairs[i], pairs[i+1] = pairs[i+1], pairs[i]
	}
	return d.batches([]string{"ZADD", key}, 2, pairs)
}

// hash writes fields that expire one by one, with the moment.
func (d *dumper) hash(key string) error {
	pairs, err := d.strings("HGETALL", key)
	if err != nil {
		return err
	}
	var lasting []string
	for i := 0; i+1 < len(pairs); i += 2 {
		field, value := pairs[i], pairs[i+1]
		left := d.do("HPTTL", key, "FIELDS", "1", field)
		if len(left.Array) != 1 {
			return fmt.Errorf("engine: HPTTL of %q: unexpected reply %v", key, left)
		}
		ttl := left.Array[0].Int
		if ttl < 0 {
			lasting = append(lasting, field, value)
			continue
		}
		at := strconv.FormatInt(d.now()+ttl, 10)
		if err := d.write("HSETEX", key, "PXAT", at, "FIELDS", "1", field, value); err != nil {
			return err
		}
	}
	return d.batches([]string{"HSET", key}, 2, lasting)
}

func (d *dumper) write(words ...string) error {
	d.raw = resp.AppendHeader(d.raw[:0], resp.Array, len(words))
	for _, word := range words {
		d.raw = resp.AppendBulk(d.raw, []byte(word))
	}
	_, err := d.out.Write(d.raw)
	if cap(d.raw) > maxIdleBuffer {
		d.raw = nil
	}
	if err != nil {
		return fmt.Errorf("engine: write dump: %w", err)
	}
	return nil
}
