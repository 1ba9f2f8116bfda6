-- Moves due jobs of one queue from its scheduled or retry set to the pending list, or to the active list with leases, or
-- back to their groups.
--
-- KEYS: the set, pending, active, lease
-- ARGV: now in seconds, prefix of task keys, now in nanoseconds, prefix of group keys, how many at most, and
--   the end of the leases of jobs that become active; "" to have them pending
-- Returns how many became pending, how many left the set, the time at which the next one is due ("" without one), and of
-- each job that became active its ID and its message.
local start = ARGV[6] ~= ""
local ids = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[1], "LIMIT", 0, ARGV[5])
local pending, active, lease, started = {}, {}, {}, {}
for _, id in ipairs(ids) do
	local key = ARGV[2] .. id
	local fields = redis.call("HMGET", key, "group", "msg")
	if fields[1] and fields[1] ~= "" then
		redis.call("ZADD", ARGV[4] .. fields[1], ARGV[1], id)
		redis.call("HSET", key, "state", "aggregating")
	elseif start and fields[2] then
		active[#active + 1] = id
		lease[#lease + 1] = ARGV[6]
		lease[#lease + 1] = id
		started[#started + 1] = id
		started[#started + 1] = fields[2]
		redis.call("HSET", key, "state", "active")
	else
		pending[#pending + 1] = id
		redis.call("HSET", key, "state", "pending", "pending_since", ARGV[3])
	end
end
if #pending > 0 then
	redis.call("LPUSH", KEYS[2], unpack(pending))
end
if #active > 0 then
	redis.call("LPUSH", KEYS[3], unpack(active))
	redis.call("ZADD", KEYS[4], unpack(lease))
end
if #ids > 0 then
	redis.call("ZREM", KEYS[1], unpack(ids))
end
local next = redis.call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")
return {#pending, #ids, next[2] or "", started}
