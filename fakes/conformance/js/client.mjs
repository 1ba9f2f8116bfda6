// The client under test. Where the fake listens comes from the Go test that runs the scripts; see ../js_test.go.
import { Redis } from "@upstash/redis";

export const url = process.env.FAKE_URL;
export const token = process.env.FAKE_TOKEN;
export const readOnlyToken = process.env.FAKE_READ_ONLY_TOKEN;

export function connect(options = {}) {
  return new Redis({ url, token, enableTelemetry: false, retry: false, ...options });
}

let keys = 0;

/** key is a name that no other test uses. */
export function key(name) {
  keys += 1;
  return `js-${process.pid}-${keys}-${name}`;
}
