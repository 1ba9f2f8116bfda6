package engine

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // what Redis names scripts by
	"encoding/hex"
)

// maxFunctionName bounds what the name of a function makes of an account's memory,
// in bytes.
const maxFunctionName = 64

// ScriptOf names what a command of that upper-case name runs: the SHA-1 of a
// script, or "function:" and the name of a function. It is "" for a command that
// runs none, and for what is no SHA-1, which may be long.
func ScriptOf(name string, args [][]byte) string {
	if len(args) < 2 {
		return ""
	}
	switch name {
	case "EVALSHA", "EVALSHA_RO":
		if len(args[1]) == hex.EncodedLen(sha1.Size) {
			return string(bytes.ToLower(args[1]))
		}
	case "EVAL", "EVAL_RO":
		sum := sha1.Sum(args[1]) //nolint:gosec // what Redis names scripts by
		return hex.EncodeToString(sum[:])
	case "FCALL", "FCALL_RO":
		return "function:" + string(args[1][:min(len(args[1]), maxFunctionName)])
	}
	return ""
}

// RunsScript says whether a command of that upper-case name runs a script or a
// function.
func RunsScript(name string) bool {
	switch name {
	case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO":
		return true
	}
	return false
}
