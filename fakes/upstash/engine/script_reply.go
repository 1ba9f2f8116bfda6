package engine

import (
	"bytes"
	"regexp"
)

// miniredis says of a script that fails while it runs what it says of one that
// cannot be compiled; Upstash has other words, which clients look for.
var (
	scriptFailed = regexp.MustCompile(`^-ERR Error compiling script \(new function\): (:\d+: )`)
	readOnlyText = []byte("Write commands are not allowed in read-only scripts")
	upstashText  = []byte("READONLY Write commands are not allowed from read-only scripts")
)

// scriptReply gives a reply that begins with the error of a script that failed the
// words of Upstash.
func scriptReply(reply []byte) []byte {
	if !bytes.HasPrefix(reply, []byte("-ERR Error compiling")) {
		return reply
	}
	reply = bytes.Replace(reply, readOnlyText, upstashText, 1)
	return scriptFailed.ReplaceAll(reply, []byte("-ERR Error running script: @user_script$1"))
}
