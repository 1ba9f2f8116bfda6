package command

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"tollgate/reports/exitcode"
)

// The variables by which bash's "complete -C" asks a program.
const (
	lineVariable  = "COMP_LINE"
	pointVariable = "COMP_POINT"
)

// completion prints what a shell's start-up file needs.
func (p Program) completion(shell string, w io.Writer) error {
	path, err := os.Executable()
	if err != nil {
		return exitcode.With(exitcode.Internal, fmt.Errorf("where this program is: %w", err))
	}
	quoted := "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	switch shell {
	case "bash":
		_, err = fmt.Fprintf(w, "complete -o default -C %s %s\n", quoted, p.Name)
	case "zsh":
		_, err = fmt.Fprintf(w, "autoload -U +X bashcompinit && bashcompinit\ncomplete -o default -C %s %s\n", quoted, p.Name)
	case "fish":
		_, err = fmt.Fprintf(w, "complete -c %s -a '(env %s=(commandline -cp) %s)'\n", p.Name, lineVariable, strings.ReplaceAll(path, "'", `\'`))
	default:
		return exitcode.With(exitcode.Usage, fmt.Errorf("--completion: unknown shell %q; use bash, zsh or fish", shell))
	}
	return exitcode.With(exitcode.Internal, err)
}

// complete prints what the last word of a line may become, one candidate a line; nothing where it is a file's name.
func complete(app *kong.Application, line, point string, w io.Writer) error {
	if n, err := strconv.Atoi(point); err == nil && n >= 0 && n < len(line) {
		line = line[:n]
	}
	words := strings.Fields(line)
	last := ""
	if len(words) > 0 && !strings.HasSuffix(line, " ") {
		last = words[len(words)-1]
		words = words[:len(words)-1]
	}
	node := app.Node
	for _, word := range words[min(1, len(words)):] {
		if i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word }); i >= 0 {
			node = node.Children[i]
		}
	}
	for _, candidate := range candidates(node, last, words) {
		if _, err := fmt.Fprintln(w, candidate); err != nil {
			return err
		}
	}
	return nil
}

// candidates are those that begin with last: values of the flag before it, else flags where it looks like one, else subcommands.
func candidates(node *kong.Node, last string, before []string) (all []string) {
	add := func(names ...string) {
		for _, name := range names {
			if strings.HasPrefix(name, last) {
				all = append(all, name)
			}
		}
	}
	if flag := flagBefore(node, before); flag != nil {
		if flag.Enum != "" {
			add(slices.Sorted(slices.Values(flag.EnumSlice()))...)
		}
		return all
	}
	if strings.HasPrefix(last, "-") {
		for _, group := range node.AllFlags(true) {
			for _, flag := range group {
				add("--" + flag.Name)
			}
		}
		slices.Sort(all)
		return all
	}
	for _, child := range node.Children {
		if !child.Hidden {
			add(child.Name)
		}
	}
	for _, arg := range node.Positional {
		add(arg.EnumSlice()...)
	}
	return all
}

// flagBefore is the flag whose value comes next, nil when none does.
func flagBefore(node *kong.Node, before []string) *kong.Flag {
	if len(before) == 0 {
		return nil
	}
	for _, group := range node.AllFlags(false) {
		for _, flag := range group {
			if "--"+flag.Name == before[len(before)-1] && !flag.IsBool() {
				return flag
			}
		}
	}
	return nil
}
