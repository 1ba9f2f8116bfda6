package benchthrift

import "tollgate/system/thrift"

// Variant is a way to run asynq.
type Variant struct {
	Name string `json:"name"`
	// PerQueue is plain asynq with a server for each queue, each with a go-redis client of its own as asynq makes it, and a
	// further one for each queue's producer. Otherwise one server and its producers share one client.
	PerQueue bool `json:"per_queue,omitempty"`
	// Level is that of the governor; "" is plain asynq.
	Level thrift.Level `json:"level,omitempty"`
	// Alone is a governor without wake-ups, on one connection.
	Alone bool `json:"alone,omitempty"`
	// Unmarked leaves the IDs of jobs to asynq instead of telling the governor that they are fresh.
	Unmarked bool `json:"unmarked,omitempty"`
}

// Variants are the columns of the table.
func Variants() []Variant {
	variants := []Variant{{Name: "per queue", PerQueue: true}, {Name: "shared"}}
	for _, level := range thrift.Levels() {
		if level != thrift.Off {
			variants = append(variants, Variant{Name: string(level), Level: level})
		}
	}
	return variants
}

// governed says whether the variant is ours.
func (v Variant) governed() bool { return v.Level != "" }

// alone is the variant without wake-ups.
func (v Variant) alone() Variant {
	v.Alone = true
	return v
}

// unmarked is the variant with asynq's IDs.
func (v Variant) unmarked() Variant {
	v.Unmarked = true
	return v
}

// pool is the size of the shared client's pool; the subscriber comes on top unless the variant is alone.
func (v Variant) pool() int {
	if v.Alone {
		return 1
	}
	return 2
}

// conns is the most connections of the shared client.
func (v Variant) conns() int {
	if v.Alone {
		return 1
	}
	return v.pool() + 1
}

// servers is how many asynq servers the variant runs.
func (v Variant) servers() int {
	if v.PerQueue {
		return len(queues())
	}
	return 1
}

// String is the variant's name with what differs from the column of that name.
func (v Variant) String() string {
	name := v.Name
	if v.Alone {
		name += ", without wake-ups"
	}
	if v.Unmarked {
		name += ", IDs not marked"
	}
	return name
}
