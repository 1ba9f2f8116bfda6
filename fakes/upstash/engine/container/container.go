package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/wait"

	"tollgate/fakes/upstash/engine"
)

const (
	// DefaultImage is the image where nobody says another.
	DefaultImage = "redis:8.2-alpine"
	// ImageVariable is the environment variable that says another.
	ImageVariable = "TOLLGATE_REDIS_IMAGE"

	// pullTimeout bounds the download of the image.
	pullTimeout = 2 * time.Minute
	// startTimeout bounds the start of the container, until Redis answers.
	startTimeout = time.Minute
	// closeTimeout bounds the end of the container.
	closeTimeout = 15 * time.Second
	port         = "6379/tcp"
	ready        = "Ready to accept connections"
)

// Config says what to start. The zero value is usable.
type Config struct {
	// Image is the image to run; "" means that of ImageVariable, else DefaultImage.
	// It has redis-server in its PATH.
	Image string
}

// Container is a Redis in a container. Make one with Start.
type Container struct {
	*engine.Remote
	image     string
	container *testcontainers.DockerContainer
	once      sync.Once
	closeErr  error
}

var (
	_ engine.Engine        = (*Container)(nil)
	_ engine.ScriptWatcher = (*Container)(nil)
)

// quiet keeps testcontainers-go, which tells of each step, from writing to the
// standard error of the process.
var quiet = sync.OnceFunc(func() { log.SetDefault(log.NewNoopLogger()) })

// Start runs the image and waits until Redis answers: at most 2 minutes for the
// download and one for the start. Errors are ErrNoEngine, ErrNoImage or others,
// each in one line.
func Start(ctx context.Context, cfg Config) (*Container, error) {
	quiet()
	image := cmp.Or(cfg.Image, os.Getenv(ImageVariable), DefaultImage)
	if err := ensureImage(ctx, image); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	c := &Container{image: image}
	var err error
	c.container, err = testcontainers.Run(ctx, image,
		testcontainers.WithCmd("redis-server", "--protected-mode", "no", "--save", ""),
		testcontainers.WithExposedPorts(port),
		testcontainers.WithWaitStrategy(wait.ForLog(ready).WithStartupTimeout(startTimeout)),
	)
	if err == nil {
		c.Remote, err = c.connect(ctx)
	}
	if err != nil {
		return nil, errors.Join(oneLine(fmt.Errorf("container: start %s: %w", image, err)), c.terminate())
	}
	return c, nil
}

// Image is what runs.
func (c *Container) Image() string { return c.image }

// Close ends the connections and the container, within 20 seconds. The data is
// lost.
func (c *Container) Close() error {
	c.once.Do(func() { c.closeErr = errors.Join(c.Remote.Close(), c.terminate()) })
	return c.closeErr
}

func (c *Container) connect(ctx context.Context) (*engine.Remote, error) {
	endpoint, err := c.container.PortEndpoint(ctx, port, "redis")
	if err != nil {
		return nil, err
	}
	return engine.NewRemote(ctx, engine.RemoteConfig{URL: endpoint})
}

// terminate ends the container, if there is one.
func (c *Container) terminate() error {
	if c.container == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := c.container.Terminate(ctx, testcontainers.StopContext(ctx), testcontainers.StopTimeout(0))
	if err != nil {
		return oneLine(fmt.Errorf("container: end of %s: %w", c.image, err))
	}
	return nil
}
