package thrift

import (
	_ "embed"

	"github.com/redis/go-redis/v9"
)

// The scripts, each for one queue. What a Redis bills for one is the call and each redis.call in it.
var (
	//go:embed scripts/add.lua
	addText string
	//go:embed scripts/fetch.lua
	fetchText string
	//go:embed scripts/finish.lua
	finishText string
	//go:embed scripts/forward.lua
	forwardText string
	//go:embed scripts/expire.lua
	expireText string
	//go:embed scripts/expired.lua
	expiredText string

	addScript     = redis.NewScript(addText)
	fetchScript   = redis.NewScript(fetchText)
	finishScript  = redis.NewScript(finishText)
	forwardScript = redis.NewScript(forwardText)
	expireScript  = redis.NewScript(expireText)
	expiredScript = redis.NewScript(expiredText)
)

// maxBatch is how many jobs go into one script: Lua cannot unpack much more than 8,000 values, and Redis serves nobody
// else meanwhile.
const maxBatch = 200
