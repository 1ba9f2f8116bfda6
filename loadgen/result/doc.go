// Package result turns the summary of a load into a reports.Result: judged, with histograms that can be merged, and with all
// figures as tables.
//
// A load is judged by whether it was sent and answered, not by how fast: nothing failed, nothing was dropped, everything
// sent came to an end, and arrivals started on time. The last one is about the machine of the load: one that is late
// measures itself, so that its latencies prove nothing of the target. That is FAIL, not NO DATA: the figure is there,
// and it is bad.
//
// Each measurement says how those of several machines become that of the whole (reports.MergeSegments).
package result
