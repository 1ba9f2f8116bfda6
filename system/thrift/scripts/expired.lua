-- Finds active jobs of one queue whose lease is over. A lease without a job is removed.
--
-- KEYS: lease, active
-- ARGV: cutoff in seconds, prefix of task keys, how many of the leases that come next to return
-- Returns the messages of the jobs, and the next leases: the job's ID and the lease's end, in turn.
local messages = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[1])) do
	local message = redis.call("HGET", ARGV[2] .. id, "msg")
	if message then
		messages[#messages + 1] = message
	else
		redis.call("ZREM", KEYS[1], id)
		redis.call("LREM", KEYS[2], 0, id)
	end
end
return {messages, redis.call("ZRANGE", KEYS[1], #messages, #messages + ARGV[3], "WITHSCORES")}
