// Package container is an engine in a container: a Redis of its own, started from
// an image and gone with Close.
//
// # What it does
//
// Start has a container engine (Docker, or what speaks its API) run a Redis image
// and connects an engine.Remote to it. The image is Config.Image, else the
// environment variable TOLLGATE_REDIS_IMAGE, else DefaultImage. Where no container
// engine answers, or the image cannot be had, the error says so in one line, and
// what to do.
//
// # What it does not
//
// It is a package of its own so that only who imports it links testcontainers-go.
// It sets none of that library's variables: where no image registry can be
// reached, TESTCONTAINERS_RYUK_DISABLED=true is needed, and inside a container
// with Docker TESTCONTAINERS_HOST_OVERRIDE=localhost; `make redis-image` says so.
//
// # Sources
//
// https://golang.testcontainers.org/features/configuration/ for the variables,
// https://hub.docker.com/_/redis for the image.
package container
