package reports

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"
)

// UnknownCommit stands for a commit that could not be told.
const UnknownCommit = "unknown"

// gitTimeout bounds each of the two git calls of [ReadBuild].
const gitTimeout = 2 * time.Second

// ReadBuild says what program this is. Commit and Dirty come from the build
// information; where it was built without them (go test, -buildvcs=off), from git
// in the working directory, which takes at most four seconds; else Commit is
// "unknown". It is read once in a process: what is committed while the program runs is
// not what runs. ReadBuild never fails and is safe for concurrent use.
var ReadBuild = sync.OnceValue(func() Build {
	info, _ := debug.ReadBuildInfo()
	b := readBuild(info, git)
	b.CPU, b.MemoryBytes = hardware()
	return b
})

// hardware returns the processor's model and the machine's memory, as far as they can be told.
func hardware() (model string, memory uint64) {
	if cores, err := cpu.Info(); err == nil && len(cores) > 0 {
		model = strings.TrimSpace(cores[0].ModelName)
	}
	if all, err := mem.VirtualMemory(); err == nil {
		memory = all.Total
	}
	return model, memory
}

func readBuild(info *debug.BuildInfo, git func(args ...string) (string, error)) Build {
	b := Build{
		Go:   runtime.Version(),
		OS:   runtime.GOOS,
		Arch: runtime.GOARCH,
		CPUs: runtime.GOMAXPROCS(0),
	}
	if info != nil {
		b.fromInfo(info)
	}
	if b.Commit == "" {
		b.fromGit(git)
	}
	return b
}

// shortCommit is how many characters of a commit are shown.
const shortCommit = 12

// ShortCommit is the commit for people: "7d3f0c1e9ab2", with " and changes" when the working tree differed.
func (b Build) ShortCommit() string {
	text := b.Commit[:min(shortCommit, len(b.Commit))]
	if b.Dirty {
		text += " and changes"
	}
	return text
}

func (b *Build) fromInfo(info *debug.BuildInfo) {
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.modified":
			b.Dirty = setting.Value == "true"
		}
	}
	if len(info.Deps) > 0 {
		b.Modules = make(map[string]string, len(info.Deps))
	}
	for _, module := range info.Deps {
		version := module.Version
		if r := module.Replace; r != nil {
			version = strings.TrimSpace("replaced by " + r.Path + " " + r.Version)
		}
		b.Modules[module.Path] = version
	}
}

func (b *Build) fromGit(git func(args ...string) (string, error)) {
	commit, err := git("rev-parse", "HEAD")
	if err != nil || commit == "" {
		b.Commit = UnknownCommit
		return
	}
	b.Commit = commit
	status, err := git("status", "--porcelain")
	b.Dirty = err != nil || status != ""
}

// git runs git in the working directory, without taking locks.
func git(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), gitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0")
	cmd.WaitDelay = gitTimeout / 4
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
