// @upstash/redis against the fake, with the runner that comes with Node. ../js_test.go starts both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis, errors } from "@upstash/redis";
import { connect, key, readOnlyToken, token, url } from "./client.mjs";

const redis = connect();

/** sent counts the requests that f makes, by path. */
async function sent(f) {
  const paths = [];
  const original = globalThis.fetch;
  globalThis.fetch = (target, options) => {
    paths.push(new URL(target).pathname);
    return original(target, options);
  };
  try {
    await f();
  } finally {
    globalThis.fetch = original;
  }
  return paths;
}

/** until waits for a condition, at most 5 seconds. */
async function until(condition) {
  for (const end = Date.now() + 5000; !condition() && Date.now() < end; ) await sleep(5);
  assert.ok(condition(), "it has not come to pass within 5 seconds");
}

test("values of all kinds come back as they went", async () => {
  const k = key("value");
  for (const value of ["text", "héllo € 😀", "", 42, -1.5, true, null, { a: [1, { b: "c" }] }, ["x", 1, null], "OK", "\u0000\n\"\\"]) {
    assert.equal(await redis.set(k, value), "OK");
    assert.deepEqual(await redis.get(k), value);
  }
  assert.equal(await redis.get(key("none")), null);
});

test("integers too large for a number stay strings", async () => {
  const k = key("n");
  await redis.set(k, "9007199254740993");
  assert.equal(await redis.get(k), "9007199254740993");
  await redis.set(k, 41);
  assert.equal(await redis.incr(k), 42);
});

test("without base64 text comes back all the same", async () => {
  const plain = connect({ responseEncoding: false });
  const k = key("plain");
  await plain.set(k, "héllo €");
  assert.equal(await plain.get(k), "héllo €");
  assert.equal(await redis.get(k), "héllo €");
});

test("commands of one tick go in one pipeline, reads and writes apart", async () => {
  const auto = connect({ enableAutoPipelining: true });
  const k = key("auto");
  const paths = await sent(async () => {
    const answers = await Promise.all([auto.set(k, 1), auto.incr(k), auto.hset(`${k}-h`, { a: 1 }), auto.sadd(`${k}-s`, "x")]);
    assert.deepEqual(answers, ["OK", 2, 1, 1]);
    assert.deepEqual(await Promise.all([auto.get(k), auto.hget(`${k}-h`, "a"), auto.sismember(`${k}-s`, "x")]), [2, 1, 1]);
  });
  assert.deepEqual(paths, ["/pipeline", "/pipeline"]);
});

test("an error within an automatic pipeline is its command's alone", async () => {
  const auto = connect({ enableAutoPipelining: true });
  const k = key("auto-error");
  await auto.set(k, "text");
  const [bad, good] = await Promise.allSettled([auto.incr(k), auto.set(`${k}-2`, "v")]);
  assert.equal(bad.status, "rejected");
  assert.match(bad.reason.message, /Command failed: ERR value is not an int or out of range/);
  assert.equal(good.value, "OK");
});

test("a client reads its own writes: the sync token moves", async () => {
  const own = connect({ enableAutoPipelining: false });
  const k = key("sync");
  const seen = new Set();
  await own.set(k, 1);
  seen.add(own.readYourWritesSyncToken);
  await own.incr(k);
  seen.add(own.readYourWritesSyncToken);
  await own.pipeline().set(k, 5).exec();
  seen.add(own.readYourWritesSyncToken);
  await own.eval("return redis.call('INCR', KEYS[1])", [k], []);
  seen.add(own.readYourWritesSyncToken);
  assert.equal(seen.size, 4, "four writes have four tokens");
  assert.ok(!seen.has(""));
  own.readYourWritesSyncToken = "my-new-sync-token";
  assert.equal(await own.get(k), 6);
});

test("a transaction is all or nothing", async () => {
  const k = key("multi");
  assert.deepEqual(await redis.multi().set(k, 1).incr(k).get(k).exec(), ["OK", 2, 2]);
  await assert.rejects(redis.multi().set(k, "x").incr(k).exec(), errors.UpstashError);
  const kept = await redis.multi().set(k, "x").incr(k).get(k).exec({ keepErrors: true });
  assert.equal(kept[1].error, "ERR value is not an int or out of range");
  assert.equal(kept[2].result, "x");
});

test("SUBSCRIBE", async () => {
  const channel = key("channel");
  const subscription = redis.subscribe([channel]);
  const heard = [];
  let ready = false;
  subscription.on("subscribe", () => (ready = true));
  subscription.on("message", (event) => heard.push(event));
  await until(() => ready);
  assert.equal(await redis.publish(channel, { a: 1 }), 1);
  assert.equal(await redis.publish(channel, "text"), 1);
  await until(() => heard.length === 2);
  assert.deepEqual(heard, [{ channel, message: { a: 1 } }, { channel, message: "text" }]);
  await subscription.unsubscribe();
});

test("PSUBSCRIBE", async () => {
  const base = key("pattern");
  const subscription = redis.psubscribe([`${base}.*`]);
  const heard = [];
  let ready = false;
  subscription.on("psubscribe", () => (ready = true));
  subscription.on("pmessage", (event) => heard.push(event));
  await until(() => ready);
  await redis.publish(`${base}.a`, { a: 1 }); // of patterns the library takes JSON only
  await until(() => heard.length === 1);
  assert.deepEqual(heard, [{ pattern: `${base}.*`, channel: `${base}.a`, message: { a: 1 } }]);
  await subscription.unsubscribe();
});

test("a script that is not there is loaded, once", async () => {
  const k = key("script");
  const script = redis.createScript(`return redis.call("INCR", KEYS[1]) + ${process.pid}000`);
  await assert.rejects(redis.evalsha("f".repeat(40), [], []), /NOSCRIPT No matching script\. Please use EVAL\./);
  const first = await sent(() => script.exec([k], []));
  assert.equal(first.length, 2, "EVALSHA, then EVAL");
  const second = await sent(() => script.exec([k], []));
  assert.equal(second.length, 1, "EVALSHA alone");
  assert.equal(await redis.get(k), 2);
});

test("a missing script is named in a failed pipeline", async () => {
  const p = redis.pipeline();
  p.get(key("none"));
  p.evalsha("f".repeat(40), [], []);
  await assert.rejects(p.exec(), /Command 2 \[ evalsha \] failed: NOSCRIPT No matching script\. Please use EVAL\./);
});

test("EVAL_RO refuses to write", async () => {
  const k = key("ro");
  assert.equal(await redis.evalRo("return 7", [], []), 7);
  await assert.rejects(redis.evalRo("return redis.call('SET', KEYS[1], 'v')", [k], []), /commands are not allowed from read-only/);
  assert.equal(await redis.exists(k), 0);
});

test("a scan's cursor is a string", async () => {
  const k = key("scan");
  await redis.mset({ [`${k}-1`]: 1, [`${k}-2`]: 2 });
  const [cursor, found] = await redis.scan(0, { match: `${k}-*`, count: 100000 });
  assert.equal(cursor, "0");
  assert.deepEqual(found.sort(), [`${k}-1`, `${k}-2`]);
  await redis.hset(`${k}-h`, { a: 1 });
  assert.deepEqual(await redis.hscan(`${k}-h`, 0), ["0", ["a", 1]]);
  await redis.sadd(`${k}-s`, "m");
  assert.deepEqual(await redis.sscan(`${k}-s`, 0), ["0", ["m"]]);
  await redis.zadd(`${k}-z`, { score: 1, member: "m" });
  assert.deepEqual(await redis.zscan(`${k}-z`, 0), ["0", ["m", 1]]);
});

test("failures are UpstashErrors that name the command", async () => {
  const plain = connect({ enableAutoPipelining: false });
  const k = key("error");
  await plain.set(k, "text");
  await assert.rejects(plain.incr(k), (err) => {
    assert.ok(err instanceof errors.UpstashError);
    assert.match(err.message, /ERR value is not an int or out of range, command was: \["incr","/);
    return true;
  });
  await assert.rejects(new Redis({ url, token: "guess", retry: false }).get(k), /WRONGPASS invalid or missing auth token/);
  const reader = new Redis({ url, token: readOnlyToken, retry: false, enableAutoPipelining: false });
  assert.equal(await reader.get(k), "text");
  await assert.rejects(reader.set(k, "v"), /NOPERM this user has no permissions to run the 'set' command/);
  assert.notEqual(token, readOnlyToken);
});

test("hashes become objects", async () => {
  const k = key("hash");
  assert.equal(await redis.hset(k, { a: 1, b: "two", c: { d: [3] } }), 3);
  assert.deepEqual(await redis.hgetall(k), { a: 1, b: "two", c: { d: [3] } });
  assert.deepEqual(await redis.hmget(k, "a", "none"), { a: 1, none: null });
  assert.equal(await redis.hgetall(key("none")), null);
  assert.equal(await redis.hincrby(k, "a", 4), 5);
  assert.deepEqual(await redis.hrandfield(k, 9, true), { a: 5, b: "two", c: { d: [3] } });
});

test("fields of hashes expire", async () => {
  const k = key("fields");
  await redis.hset(k, { a: 1, b: 2 });
  assert.deepEqual(await redis.hexpire(k, ["a", "none"], 100), [1, -2]);
  const [ttl] = await redis.httl(k, "a");
  assert.ok(ttl > 90 && ttl <= 100);
  assert.deepEqual(await redis.hpersist(k, "a"), [1]);
});

test("sorted sets become members with scores", async () => {
  const k = key("zset");
  assert.equal(await redis.zadd(k, { score: 1, member: "a" }, { score: 2.5, member: "b" }), 2);
  assert.deepEqual(await redis.zrange(k, 0, -1), ["a", "b"]);
  assert.deepEqual(await redis.zrange(k, 0, -1, { withScores: true }), ["a", 1, "b", 2.5]);
  assert.deepEqual(await redis.zrange(k, 2, 1, { byScore: true, rev: true }), ["a"]);
  assert.equal(await redis.zscore(k, "b"), 2.5);
  assert.deepEqual(await redis.zmscore(k, ["a", "none"]), [1, null]);
  assert.equal(await redis.zrank(k, "b"), 1);
  assert.deepEqual(await redis.zpopmin(k), ["a", 1]);
});

test("streams become objects", async () => {
  const k = key("stream");
  const id = await redis.xadd(k, "*", { a: 1, b: "two" });
  assert.match(id, /^\d+-\d+$/);
  assert.deepEqual(await redis.xrange(k, "-", "+"), { [id]: { a: 1, b: "two" } });
  assert.equal(await redis.xlen(k), 1);
  assert.equal(await redis.xgroup(k, { type: "CREATE", group: "g", id: "0" }), "OK");
  assert.deepEqual(await redis.xreadgroup("g", "c", k, ">"), [[k, [[id, ["a", 1, "b", "two"]]]]]);
  assert.equal(await redis.xack(k, "g", id), 1);
  assert.deepEqual(await redis.xread(k, "0-0"), [[k, [[id, ["a", 1, "b", "two"]]]]]);
});

test("options of SET and EXPIRE", async () => {
  const k = key("options");
  assert.equal(await redis.set(k, 1, { nx: true, ex: 100 }), "OK");
  assert.equal(await redis.set(k, 2, { nx: true }), null);
  assert.equal(await redis.set(k, 2, { get: true, keepTtl: true }), 1);
  assert.ok((await redis.ttl(k)) > 90);
  assert.equal(await redis.expire(k, 50, "GT"), 0);
  assert.equal(await redis.expire(k, 500, "GT"), 1);
  assert.equal(await redis.getex(k, { persist: true }), 2);
  assert.equal(await redis.ttl(k), -1);
  assert.equal(await redis.getdel(k), 2);
});

test("a command of one's own", async () => {
  const k = key("raw");
  assert.equal(await redis.exec(["SET", k, "v"]), "OK");
  assert.equal(await redis.ping(), "PONG");
  assert.equal(await redis.echo("hello"), "hello");
  assert.equal((await redis.time()).length, 2);
});
