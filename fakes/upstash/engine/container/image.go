package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/testcontainers/testcontainers-go"
)

var (
	// ErrNoEngine is the error where nothing runs containers.
	ErrNoEngine = errors.New("container: no container engine answers")
	// ErrNoImage is the error where the image is not there and cannot be downloaded.
	ErrNoImage = errors.New("container: the image cannot be had")
)

// What to do about them.
const (
	adviceEngine = "start Docker, or set DOCKER_HOST, or use another Redis"
	adviceImage  = "`make redis-image` builds one where no registry can be reached; set " + ImageVariable + " to its name"
)

// ensureImage sees to it that there is a container engine and that it has the
// image.
func ensureImage(ctx context.Context, image string) error {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return oneLine(fmt.Errorf("%w: %w; %s", ErrNoEngine, err, adviceEngine))
	}
	defer func() { _ = provider.Close() }()
	if _, err := provider.Client().ImageInspect(ctx, image); err == nil {
		return nil
	}
	err = provider.PullImage(ctx, image)
	if err == nil {
		_, err = provider.Client().ImageInspect(ctx, image) // a download may end early without an error
	}
	if err != nil {
		return oneLine(fmt.Errorf("%w: %s: %w; %s", ErrNoImage, image, err, adviceImage))
	}
	return nil
}

// lineError is an error whose text has one line.
type lineError struct{ error }

func oneLine(err error) error { return lineError{err} }

func (e lineError) Error() string {
	return strings.Join(strings.FieldsFunc(e.error.Error(), func(r rune) bool { return r == '\n' }), "; ")
}

func (e lineError) Unwrap() error { return e.error }
