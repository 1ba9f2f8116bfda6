-- Deletes completed jobs of one queue whose retention is over.
--
-- KEYS: completed
-- ARGV: now in seconds, prefix of task keys, how many at most
-- Returns how many were deleted, and the time at which the next one is to be, if there is one.
local ids = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[1], "LIMIT", 0, ARGV[3])
if #ids > 0 then
	local keys = {}
	for i, id in ipairs(ids) do
		keys[i] = ARGV[2] .. id
	end
	redis.call("DEL", unpack(keys))
	redis.call("ZREM", KEYS[1], unpack(ids))
end
local next = redis.call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")
return {#ids, next[2] or ""}
