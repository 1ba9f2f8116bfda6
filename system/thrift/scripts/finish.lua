-- Ends the attempts of active jobs of one queue.
--
-- KEYS: active, lease, pending, retry, completed, archived
-- ARGV: prefix of task keys, cutoff and size of the archive, and for each job
--   id, end (done, completed, retry, archived or pending), message, score, lock ("" without one),
--   waited ("1": the hash may have the time since when the job was pending), own ("1": this process runs it)
-- Returns for each job 1, 0 when it is not active.
local entry, most = 7, 1000
local jobs = (#ARGV - 3) / entry

-- Which of the jobs are active? They leave the list: one by one when they are few, else all together.
local left = {}
if jobs > 3 then
	local wanted, rest = {}, {}
	for i = 4, #ARGV, entry do
		wanted[ARGV[i]] = true
	end
	local list = redis.call("LRANGE", KEYS[1], 0, -1)
	local together = #list <= most
	for _, id in ipairs(list) do
		if wanted[id] then
			left[id] = true
		else
			rest[#rest + 1] = id
		end
	end
	if together and #rest < #list then
		redis.call("DEL", KEYS[1])
		if #rest > 0 then
			redis.call("RPUSH", KEYS[1], unpack(rest))
		end
	elseif not together then
		for id in pairs(left) do
			redis.call("LREM", KEYS[1], 0, id)
		end
	end
else
	for i = 4, #ARGV, entry do
		left[ARGV[i]] = redis.call("LREM", KEYS[1], 0, ARGV[i]) > 0 or nil
	end
end

local results, leases, gone, pending = {}, {}, {}, {}
local sets = {retry = {}, completed = {}, archived = {}}

-- What a broken connection left of a job: a lease, and nothing in the active list. The job is over.
local function torn(id)
	if redis.call("ZREM", KEYS[2], id) == 0 then
		return 0
	end
	gone[#gone + 1] = ARGV[1] .. id
	return 1
end

local function finish(i)
	local id, place, lock = ARGV[i], ARGV[i + 1], ARGV[i + 4]
	if not left[id] then
		return ARGV[i + 6] == "1" and 0 or torn(id)
	end
	left[id] = nil
	leases[#leases + 1] = id
	if lock ~= "" and redis.call("GET", lock) == id then
		gone[#gone + 1] = lock
	end
	local key = ARGV[1] .. id
	if place == "done" then
		gone[#gone + 1] = key
		return 1
	end
	if place == "pending" then
		pending[#pending + 1] = id
		redis.call("HSET", key, "state", place)
	else
		local set = sets[place]
		set[#set + 1] = ARGV[i + 3]
		set[#set + 1] = id
		redis.call("HSET", key, "msg", ARGV[i + 2], "state", place)
	end
	if ARGV[i + 5] == "1" then
		redis.call("HDEL", key, "pending_since")
	end
	return 1
end

for i = 4, #ARGV, entry do
	results[#results + 1] = finish(i)
end
if #leases > 0 then
	redis.call("ZREM", KEYS[2], unpack(leases))
end
if #pending > 0 then
	redis.call("RPUSH", KEYS[3], unpack(pending))
end
if #sets.retry > 0 then
	redis.call("ZADD", KEYS[4], unpack(sets.retry))
end
if #sets.completed > 0 then
	redis.call("ZADD", KEYS[5], unpack(sets.completed))
end
if #sets.archived > 0 then
	redis.call("ZADD", KEYS[6], unpack(sets.archived))
	for _, old in ipairs({
		redis.call("ZRANGE", KEYS[6], "-inf", ARGV[2], "BYSCORE"),
		redis.call("ZRANGE", KEYS[6], 0, -ARGV[3]),
	}) do
		if #old > 0 then
			redis.call("ZREM", KEYS[6], unpack(old))
			for _, id in ipairs(old) do
				gone[#gone + 1] = ARGV[1] .. id
			end
		end
	end
end
if #gone > 0 then
	redis.call("DEL", unpack(gone))
end
return results
