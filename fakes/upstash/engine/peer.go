package engine

import (
	"reflect"
	"sync"

	"github.com/alicebob/miniredis/v2/server"
)

// What miniredis knows of a connection is in Peer.Ctx, whose type it does not
// export. These read it, and change nothing.

// scriptOf is the SHA-1 of the script that a peer of miniredis's own calls for;
// "" if it is a connection's.
func scriptOf(peer *server.Peer) string {
	if sha := nestedSHA.of(peer); sha.Kind() == reflect.String {
		return sha.String()
	}
	return ""
}

// queues says whether the connection is between MULTI and EXEC.
func queues(peer *server.Peer) bool {
	transaction := transactionField.of(peer)
	return transaction.Kind() == reflect.Slice && !transaction.IsNil()
}

// subscribed says whether the connection has subscriptions.
func subscribed(peer *server.Peer) bool {
	subscriber := subscriberField.of(peer)
	return subscriber.Kind() == reflect.Pointer && !subscriber.IsNil()
}

// databaseOf is the number of the database that the connection has selected.
func databaseOf(peer *server.Peer) int {
	if database := databaseField.of(peer); database.CanInt() {
		return int(database.Int())
	}
	return 0
}

var (
	databaseField    = contextField{name: "selectedDB"}
	nestedSHA        = contextField{name: "nestedSHA"}
	transactionField = contextField{name: "transaction"}
	subscriberField  = contextField{name: "subscriber"}
)

// contextField is a field of a context. It is looked up by name only once: that is
// slow, and contexts are all of one type.
type contextField struct {
	name  string
	once  sync.Once
	index []int // nil if there is no such field
}

// of is invalid before the connection's first command.
func (f *contextField) of(peer *server.Peer) reflect.Value {
	ctx := reflect.ValueOf(peer.Ctx)
	if ctx.Kind() != reflect.Pointer || ctx.Elem().Kind() != reflect.Struct {
		return reflect.Value{}
	}
	f.once.Do(func() {
		if field, ok := ctx.Elem().Type().FieldByName(f.name); ok {
			f.index = field.Index
		}
	})
	if f.index == nil {
		return reflect.Value{}
	}
	return ctx.Elem().FieldByIndex(f.index)
}
