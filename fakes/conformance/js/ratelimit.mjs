// @upstash/ratelimit: node ratelimit.mjs ALGORITHM LIMIT. For each line that comes in, an identifier, it asks once and
// prints whether the call is allowed.
import { createInterface } from "node:readline";
import { Ratelimit } from "@upstash/ratelimit";
import { connect } from "./client.mjs";

const [algorithm, limit] = process.argv.slice(2);
const limiters = {
  fixedWindow: (n) => Ratelimit.fixedWindow(n, "30 d"),
  slidingWindow: (n) => Ratelimit.slidingWindow(n, "30 d"),
  tokenBucket: (n) => Ratelimit.tokenBucket(n, "30 d", n),
};
const ratelimit = new Ratelimit({
  redis: connect(),
  limiter: limiters[algorithm](Number(limit)),
  analytics: false,
  ephemeralCache: false,
  prefix: `js-ratelimit-${algorithm}`,
});
for await (const identifier of createInterface({ input: process.stdin })) {
  const { success } = await ratelimit.limit(identifier);
  process.stdout.write(`${success}\n`);
}
