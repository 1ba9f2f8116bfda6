// One pipeline of 144 mixed commands, as long as the one that Upstash's own tests send, without JSON.*, FUNCTION and
// FCALL, which the embedded engine does not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, key } from "./client.mjs";

const redis = connect();

test("144 mixed commands in one pipeline, and no error", async () => {
  const p = redis.pipeline();
  const k = key("p");
  const [s, s2, n, h, l, l2, set, set2, z, z2, x, b, g, hll] =
    ["s", "s2", "n", "h", "l", "l2", "set", "set2", "z", "z2", "x", "b", "g", "hll"].map((name) => `${k}-${name}`);
  const start = redis.createScript("return ARGV[1]");
  // strings and keys
  p.set(s, "v").get(s).append(s, "w").strlen(s).getrange(s, 0, 1).setrange(s, 1, "x").getset(s, "y").getex(s, { ex: 100 });
  p.mset({ [s2]: "a" }).mget(s, s2).msetnx({ [`${s}-nx`]: 1 }).setnx(`${s}-nx`, 2).setex(s, 100, "v").psetex(s, 100000, "v");
  p.set(n, 1).incr(n).incrby(n, 5).incrbyfloat(n, 0.5).set(n, 10).decr(n).decrby(n, 2);
  p.exists(s, s2).type(s).ttl(s).pttl(s).expire(s, 100).pexpire(s, 100000).expireat(s, 4102444800).pexpireat(s, 4102444800000);
  p.persist(s).copy(s, `${s}-copy`).rename(`${s}-copy`, `${s}-moved`).renamenx(`${s}-moved`, `${s}-again`);
  p.unlink(`${s}-again`).del(`${s}-nx`).keys(`${k}-nothing*`).scan(0, { match: `${k}-nothing*` }).randomkey().dbsize();
  p.getdel(s2).set(s2, "a", { ex: 100 }).set(s2, "b", { get: true });
  // bits, HyperLogLog and places
  p.setbit(b, 7, 1).getbit(b, 7).bitcount(b, 0, -1).bitpos(b, 1).bitop("and", `${b}-2`, b).bitop("not", `${b}-3`, b);
  p.pfadd(hll, "a", "b").pfcount(hll).pfmerge(`${hll}-2`, hll);
  p.geoadd(g, { longitude: 13.361389, latitude: 38.115556, member: "Palermo" });
  p.geoadd(g, { longitude: 15.087269, latitude: 37.502669, member: "Catania" });
  p.geodist(g, "Palermo", "Catania", "KM").geohash(g, ["Palermo"]).geopos(g, ["Palermo"]);
  p.geosearch(g, { type: "FROMLONLAT", coordinate: { lon: 15, lat: 37 } }, { type: "BYRADIUS", radius: 200, radiusType: "KM" }, "ASC");
  // hashes
  p.hset(h, { a: 1, b: 2, c: 3 }).hget(h, "a").hgetall(h).hmget(h, "a", "b").hmset(h, { d: 4 }).hsetnx(h, "e", 5).hexists(h, "a");
  p.hlen(h).hkeys(h).hvals(h).hincrby(h, "a", 2).hincrbyfloat(h, "a", 0.5).hrandfield(h).hscan(h, 0).hdel(h, "e");
  p.hexpire(h, "b", 100).httl(h, "b").hpttl(h, "b").hpexpire(h, "b", 100000).hexpiretime(h, "b").hpersist(h, "b");
  // lists
  p.rpush(l, "a", "b", "c").lpush(l, "z").lrange(l, 0, -1).llen(l).lindex(l, 0).lset(l, 0, "y").linsert(l, "before", "a", "x");
  p.lpos(l, "a").lrem(l, 1, "x").ltrim(l, 0, 9).lmove(l, l2, "left", "right").lpop(l).rpop(l).lpushx(l, "q");
  p.lmpop(1, [l2], "LEFT", 1);
  // sets
  p.sadd(set, "a", "b", "c").sadd(set2, "b", "d").scard(set).sismember(set, "a").smismember(set, ["a", "z"]).smembers(set);
  p.sinter(set, set2).sunion(set, set2).sdiff(set, set2).sinterstore(`${set}-i`, set, set2).sunionstore(`${set}-u`, set, set2);
  p.sdiffstore(`${set}-d`, set, set2).smove(set, set2, "a").srandmember(set).spop(set).srem(set2, "d").sscan(set2, 0);
  // sorted sets
  p.zadd(z, { score: 1, member: "a" }, { score: 2, member: "b" }, { score: 3, member: "c" }).zadd(z2, { score: 9, member: "b" });
  p.zcard(z).zcount(z, 0, 9).zscore(z, "a").zmscore(z, ["a", "z"]).zincrby(z, 1, "a").zrank(z, "a").zrevrank(z, "a").zrange(z, 0, -1);
  p.zunion(2, [z, z2]).zinterstore(`${z}-i`, 2, [z, z2]).zunionstore(`${z}-u`, 2, [z, z2]).zdiffstore(`${z}-d`, 2, z, z2);
  p.zlexcount(z, "-", "+").zremrangebyscore(z, 9, 10).zremrangebyrank(z, 5, 6).zscan(z, 0).zpopmin(z).zpopmax(z).zrem(z2, "b");
  // streams
  p.xadd(x, "1-1", { a: 1 }).xlen(x).xrange(x, "-", "+").xrevrange(x, "+", "-").xgroup(x, { type: "CREATE", group: "g", id: "0" });
  p.xreadgroup("g", "c", x, ">").xack(x, "g", "1-1").xtrim(x, { strategy: "MAXLEN", threshold: 1 }).xdel(x, "1-1");
  // scripts, messages and the rest
  p.eval(start.script, [], ["v"]).scriptExists("f".repeat(40)).scriptLoad("return 1").publish(`${k}-c`, "m");

  assert.equal(p.length(), 144);
  const outcomes = await p.exec({ keepErrors: true });
  assert.equal(outcomes.length, 144);
  assert.deepEqual(outcomes.flatMap((o, i) => (o.error ? [`${i}: ${o.error}`] : [])), []);
});
