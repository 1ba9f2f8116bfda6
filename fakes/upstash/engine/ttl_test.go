package engine_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
)

// ttlWords are the commands of TestTimeIsPassedOnWhenItMatters; %d is a number of seconds, %k a key.
var ttlWords = []string{
	"GET %k", "GET %k", "GET %k", "MGET %k %k", "EXISTS %k", "SET %k v", "SET %k v EX %d", "SET %k v EX %d", "SET %k v PX 1500", "SET %k v EX 0", "SET %k v EX %d NX", "SETEX %k -1 v", "SET %k v KEEPTTL", "SETEX %k %d v", "PSETEX %k 1500 v",
	"EXPIRE %k %d", "EXPIRE %k %d NX", "EXPIRE %k %d GT", "PEXPIRE %k 2500", "PERSIST %k", "TTL %k", "DEL %k", "GETEX %k EX %d",
	"RENAME %k %k", "COPY %k %k REPLACE", "DBSIZE", "HSET h%k f v", "HEXPIRE h%k %d FIELDS 1 f", "HGET h%k f", "HLEN h%k",
	"MULTI", "EXEC", "DISCARD", "FLUSHDB", "SELECT 0", "SELECT 1", "ZADD z%k 1 a", "EXPIRE z%k %d", "ZCARD z%k", "ZRANGEBYLEX z%k - +",
	"EVAL redis.call('SET',KEYS[1],'s','EX',ARGV[1]) 1 %k %d", "EVAL return#redis.call('MGET',KEYS[1],KEYS[2]) 2 %k %k",
	"EVAL return{redis.call('GET',KEYS[1]),redis.call('EXPIRE',KEYS[1],ARGV[1])} 1 %k %d",
	"EVAL return{redis.call('DEL',KEYS[1]),redis.call('GET',KEYS[2])} 2 %k %k", "EVAL return{redis.call(ARGV[1],KEYS[1])} 1 %k TTL",
	"EVAL return(function(c)return{c('TTL',KEYS[1])}end)(redis.call) 1 %k", "EVAL return{redis.call('GET',KEYS[1]),load('return{}')} 1 %k",
}

// TestTimeIsPassedOnWhenItMatters: to every sequence of commands and pauses the engine replies as one that passes time on before
// every command.
func TestTimeIsPassedOnWhenItMatters(t *testing.T) {
	runtime.GC()
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(300) {
			random := rand.New(rand.NewPCG(seed, 1))
			words := ttlWords
			if seed%3 > 0 { // without what has the clock give up
				words = nil
				for _, w := range ttlWords {
					if !strings.HasPrefix(w, "SELECT 1") && !strings.HasPrefix(w, "HEXPIRE") {
						words = append(words, w)
					}
				}
			}
			lazy, eager := newTTLEngine(t, false), newTTLEngine(t, true)
			var said []string
			for range 80 {
				if random.IntN(3) == 0 {
					time.Sleep(time.Duration(1+random.IntN(8)) * time.Second / 2)
				}
				text := words[random.IntN(len(words))]
				for strings.Contains(text, "%k") {
					text = strings.Replace(text, "%k", fmt.Sprint("k", random.IntN(3)), 1)
				}
				text = strings.ReplaceAll(text, "%d", fmt.Sprint(1+random.IntN(6)))
				said = append(said, fmt.Sprintf("%s %s", time.Now().Format("05.0"), text))
				require.Equal(t, eager.say(text), lazy.say(text), "seed %d: %s", seed, strings.Join(said, "; "))
			}
			lazy.close()
			eager.close()
		}
	})
}

// TestTimeIsNotPassedOnForNothing: reads do not visit all keys.
func TestTimeIsNotPassedOnForNothing(t *testing.T) {
	runtime.GC()
	synctest.Test(t, func(t *testing.T) {
		e := newTTLEngine(t, false)
		e.say("SET a v EX 3600")
		e.say("SET b v EX 7200")
		passed := e.TimePassed()
		for range 50 {
			time.Sleep(time.Minute)
			require.Equal(t, `$"v"`, e.say("GET a"))
		}
		require.Equal(t, passed, e.TimePassed())
		time.Sleep(11 * time.Minute)
		require.Equal(t, "_", e.say("GET a"), "it has expired")
		require.Equal(t, `$"v"`, e.say("GET b"))
		e.close()
	})
}

// ttlEngine is an engine with one client.
type ttlEngine struct {
	*engine.Embedded
	client *client
}

func newTTLEngine(t *testing.T, eager bool) *ttlEngine {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	if eager {
		e.PassTimeAlways()
	}
	return &ttlEngine{e, dial(t, e)}
}

func (e *ttlEngine) say(text string) string { return e.client.do(strings.Fields(text)...) }

func (e *ttlEngine) close() {
	e.client.conn.Close()
	_ = e.Close()
}

// TestTimeIsPassedOnAfter: what may have set a TTL out of sight is not forgotten.
func TestTimeIsPassedOnAfter(t *testing.T) {
	for name, words := range map[string][]string{
		"a transaction":        {"SET a v", "MULTI", "EXPIRE a 2", "EXEC"},
		"a script":             {"EVAL redis.call('SET',KEYS[1],'v','EX',2) 1 a"},
		"another database":     {"SELECT 1", "SET a v EX 2"},
		"an extension":         {"SET a v EX 2 GET"},
		"a copy":               {"SET b v EX 2", "COPY b a", "DEL b"},
		"a field of a hash":    {"HSET a f v", "HEXPIRE a 2 FIELDS 1 f"},
		"two keys, the nearer": {"SET b v EX 100", "SET a v EX 2", "SET c v EX 50"},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			synctest.Test(t, func(t *testing.T) {
				e := newTTLEngine(t, false)
				e.say("EXISTS a") // nothing can expire yet
				for _, text := range words {
					e.say(text)
				}
				require.Equal(t, ":1", e.say("EXISTS a"))
				time.Sleep(3 * time.Second)
				require.Equal(t, ":0", e.say("EXISTS a"))
				e.close()
			})
		})
	}
}
