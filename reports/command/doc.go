// Package command is what the commands of Tollgate have in common: one grammar (alecthomas/kong), so that flags, help with
// examples, completion, errors and exit codes are the same in all of them.
//
//	func main() {
//		command.Program{
//			Name: "signoff", Description: "Shows what a run found.", Grammar: &grammar{},
//			Examples: []command.Example{{"signoff show reports/out/phase1/result.json", "the table once more"}},
//		}.Main()
//	}
//
// A subcommand is a struct with a method Run that takes a context.Context and a [Streams] and returns an error. The context
// ends with the first SIGINT or SIGTERM; a second one ends the program. The error's exit code is that of package exitcode,
// each of its lines is printed to standard error under the program's name, and an error made by [Judged] only sets the code:
// what there is to say has been said. A panic is an internal error. A server returns nil once it was told to stop, and lists its
// exit codes in Codes, for its 0 is not "all passed".
//
// Every program has --help, --version and --completion bash|zsh|fish, which prints what to put into the shell's start-up file.
// The completion asks the program itself, by the variables COMP_LINE and COMP_POINT of bash's "complete -C"
// (https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion-Builtins.html).
package command
