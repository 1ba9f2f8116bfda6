// Package httptarget is a loadgen.Target over HTTP: it sends jobs and requests
// to the API of a running service, over any network that can be dialled.
//
// Jobs go to POST /v1/jobs/{queue}, which answers 2xx with {"id": "..."};
// requests go out as they are, with the client's name in X-API-Key; GET /healthz
// tells whether the service is there. Nothing is retried: a failure that a retry
// hides would not be measured.
//
// A cache is not part of the API. Cache operations go to Config.Cache, and fail
// with [ErrNoCache] where there is none.
package httptarget
