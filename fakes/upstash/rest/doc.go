// Package rest speaks the REST API of Upstash Redis: an http.Handler over a Backend that runs the commands.
//
// # What it does
//
// A command comes as a JSON array in the body of a request to "/"; or in the path, percent-encoded segment by
// segment, with the body, if there is one, as its last argument and the query's parameters after that; or, with
// others, as an array of arrays to /pipeline (in order, each with its own outcome) or /multi-exec (all or none).
// The answer is {"result": ...} or {"error": "..."}, an array of those for several commands, with status 200, or
// 400 where a single command or a whole transaction failed.
//
// The handler checks the token, finds out whose request it is, refuses what Upstash does not have, what has no
// place in REST and what a read-only token may not do, bounds what it reads, and turns replies into JSON, with
// strings in base64 on demand, or into RESP2. It sends a sync token that moves with every write.
//
// The component of a request is the token's, or <name> when the User-Agent starts with "tollgate-<name>/".
//
// # Large answers
//
// Replies stay in RESP2, as the backend's engine gave them, until they are encoded piece by piece into the response.
// An answer of up to 32 KiB has a Content-Length; others are sent in chunks. When a pipeline has a MiB of replies
// they are sent, and the backend lets go of the engine meanwhile. So a single result is in memory once, and a client
// that does not read holds a MiB and one result, for as long as the server's WriteTimeout allows. If the engine fails
// when a part of the answer is out already, the connection is broken off.
//
// # Server-sent events
//
// POST or GET /subscribe/<channel>/..., /psubscribe/<pattern>/... and /monitor, with "Accept: text/event-stream",
// are answered with a stream: "data: subscribe,chat,1" and then "data: message,chat,hello" for each message, or
// "data: "OK"" and then a line for each command. A body is ignored. Texts are never in base64. After 15 seconds of
// silence there is a comment. A client that does not make room for an event within 10 seconds is cut off; one that
// falls behind the commands is told so in a comment, and that is the end.
//
// # What it does not
//
// It runs, bills and limits no commands: the Backend does. It does not hold back a read until a sync token's
// write has arrived, as there is one copy of the data.
//
// # Sources
//
//   - https://upstash.com/docs/redis/features/restapi for the forms of requests, status codes, encodings,
//     transactions, and what is supported;
//   - https://upstash.com/docs/redis/howto/readyourwrites for the sync token;
//   - https://upstash.com/docs/redis/troubleshooting/http_unauthorized and .../max_request_size_exceeded for texts;
//   - github.com/upstash/redis-js for what a client expects: only a status OK at the top of a result is left
//     alone by base64, whereas strings inside arrays are always decoded;
//   - github.com/mna/upstashdis for valueless query parameters and the text of an empty pipeline.
//
// # What had to be assumed
//
// No public source says how Upstash answers these, so the fake does what fits its neighbours: a blocking command
// is refused as "not allowed in REST"; a query parameter with an empty value is one argument, as one without "=";
// true and false in a command are the words; data after the JSON array is refused; a row of a pipeline that is
// not a filled array of plain values fails the whole request; an engine that cannot be reached is status 500.
// A stream without that Accept header, or asked for with HEAD or PUT, is refused as "not allowed in REST"; each line
// of a text of several has its own "data: ", as the HTML standard says.
// An empty body cannot stand for an empty argument; an empty path segment can.
package rest
