-- Adds jobs of one queue.
--
-- KEYS: pending, active, lease, scheduled
-- ARGV: prefix of task keys, now in nanoseconds, end of leases, and for each job
--   id, message, place (pending, active or scheduled), due, lock ("" without one), lock's seconds,
--   known: "look" the ID may be in use, "new" it cannot be, "again" this very job may have been written before
-- Returns for each job 1, 0 when the ID is in use, -1 when the lock is held.
local entry = 7
local look, results, seen = {}, {}, {}
for i = 4, #ARGV, entry do
	if ARGV[i + 6] == "look" then
		look[#look + 1] = ARGV[1] .. ARGV[i]
	end
end
local used = 0
if #look > 0 then
	used = redis.call("EXISTS", unpack(look))
end

local pending, active, lease, scheduled = {}, {}, {}, {}
local function put(place, id, due)
	if place == "pending" then
		pending[#pending + 1] = id
	elseif place == "active" then
		active[#active + 1] = id
		lease[#lease + 1] = ARGV[3]
		lease[#lease + 1] = id
	else
		scheduled[#scheduled + 1] = due
		scheduled[#scheduled + 1] = id
	end
end

local function placed(place, id)
	if place == "pending" then
		return redis.call("LPOS", KEYS[1], id)
	elseif place == "active" then
		return redis.call("LPOS", KEYS[2], id)
	end
	return redis.call("ZSCORE", KEYS[4], id)
end

local function write(i)
	local key, place = ARGV[1] .. ARGV[i], ARGV[i + 2]
	local fields = {"msg", ARGV[i + 1], "state", place}
	if place == "pending" then
		fields[#fields + 1] = "pending_since"
		fields[#fields + 1] = ARGV[2]
	end
	if ARGV[i + 4] ~= "" then
		fields[#fields + 1] = "unique_key"
		fields[#fields + 1] = ARGV[i + 4]
	end
	redis.call("HSET", key, unpack(fields))
	put(place, ARGV[i], ARGV[i + 3])
	seen[ARGV[i]] = true
	return 1
end

local function add(i)
	local id, place, lock, known = ARGV[i], ARGV[i + 2], ARGV[i + 4], ARGV[i + 6]
	if lock ~= "" and not redis.call("SET", lock, id, "NX", "EX", ARGV[i + 5]) then
		if known ~= "again" or redis.call("GET", lock) ~= id then
			return -1
		end
	end
	if seen[id] then
		return 0
	end
	if known == "look" and used > 0 and redis.call("EXISTS", ARGV[1] .. id) == 1 then
		return 0
	end
	if known == "again" then
		local state = redis.call("HGET", ARGV[1] .. id, "state")
		if state then
			if state == place and not placed(place, id) then -- the connection broke between two commands
				put(place, id, ARGV[i + 3])
			end
			return 1
		end
	end
	return write(i)
end

for i = 4, #ARGV, entry do
	results[#results + 1] = add(i)
end
if #pending > 0 then
	redis.call("LPUSH", KEYS[1], unpack(pending))
end
if #active > 0 then
	redis.call("ZADD", KEYS[3], unpack(lease))
	redis.call("LPUSH", KEYS[2], unpack(active))
end
if #scheduled > 0 then
	redis.call("ZADD", KEYS[4], unpack(scheduled))
end
return results
