-- Moves up to n jobs of one queue from the pending to the active list, with leases.
--
-- KEYS: pending, paused, active, lease
-- ARGV: n, end of the leases, prefix of task keys, "messages" to return these too
-- Returns nil when the queue is paused, else IDs, each followed by its message ("" when it has none, or none is asked for).
if redis.call("EXISTS", KEYS[2]) == 1 then
	return nil
end
local ids
if ARGV[1] == "1" then
	local id = redis.call("RPOPLPUSH", KEYS[1], KEYS[3])
	ids = id and {id} or {}
else
	ids = redis.call("RPOP", KEYS[1], ARGV[1]) or {}
	if #ids > 0 then
		redis.call("LPUSH", KEYS[3], unpack(ids))
	end
end
if #ids == 0 then
	return {}
end
local lease, found = {}, {}
for _, id in ipairs(ids) do
	lease[#lease + 1] = ARGV[2]
	lease[#lease + 1] = id
	redis.call("HSET", ARGV[3] .. id, "state", "active")
	found[#found + 1] = id
	found[#found + 1] = ARGV[4] == "messages" and redis.call("HGET", ARGV[3] .. id, "msg") or ""
end
redis.call("ZADD", KEYS[4], unpack(lease))
return found
