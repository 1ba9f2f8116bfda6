// Package live shows a load on a terminal while it runs: a bar for each queue, rates, percentiles, errors, and what the
// account of the Redis says. A frame is drawn over the one before, five times a second, and has at most as many lines
// and columns as the terminal, whose size may change meanwhile.
//
// The cursor is hidden only within the single write that draws a frame. Whatever ends the program, the terminal is as it
// was, with the last frame left standing.
//
// For an output that is no terminal there is loadgen.Reporter, which writes plain lines.
package live
