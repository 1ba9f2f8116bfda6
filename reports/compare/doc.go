// Package compare says what changed between earlier and later results of the same
// scenario, with noise taken into account, and shows how results went over time.
//
//	before, err := compare.Load("results/main")
//	after, err := compare.Load("results/branch")
//	c, err := compare.Compare(before.Results(), after.Results(), compare.DefaultLimits())
//	err = compare.WriteTerminal(os.Stdout, c, options)
//	os.Exit(c.ExitCode())
//
// # How noise is told from change
//
// All intervals are two-sided at 95 %. A change counts as one where its interval
// leaves out 0 and has the sign of the change of the medians. Which interval, the
// [Basis], depends on what there is; the first that applies is used:
//
//   - [BasisRepeats]: at least 3 repeats on both sides: Welch's t interval of the
//     difference of means. Not the bootstrap, which with 3 repeats has only 10
//     different resamples a side and far too narrow intervals; not Mann-Whitney,
//     whose smallest two-sided p with 3 against 3 is 0.1, so that it could never
//     find anything. Welch takes the means to be about normal; in the tests its false
//     alarms stay near or below 5 % with skewed figures, outliers and few values, too.
//   - [BasisSamples]: a share, such as a success rate: Newcombe's interval of the
//     difference of two shares, from the Wilson interval of each. A figure is
//     taken for a share when it is in per cent and, times its samples, a whole
//     number on both sides. It takes samples to be independent: failures that come
//     in clusters vary more than it says.
//   - [BasisQuantiles]: a latency quantile from a histogram: distribution-free
//     intervals between order statistics whose ranks are quantiles of the binomial
//     distribution, widened to the buckets of the histogram, and combined as
//     Newcombe does: the distances from the estimates to the ends that face each
//     other are added as squares. That is noise within the runs; noise between
//     runs is not seen in one run, so the change must also be beyond
//     [Limits].MinEffect.
//   - [BasisNone]: counts, and per cents that are no shares, with fewer than 3
//     repeats: the noise is unknown. Only a change beyond MinEffect counts, and it
//     is marked. That holds for simulations with the same seed, too: every command
//     is counted, but the seed does not control all of what sends them (see package
//     scenarios/month), so that two of them differ by some commands.
//   - [BasisTooFew]: anything else, such as a time or a ratio of times from one run,
//     varies so much from run to run that nothing can be said: [Unknown].
//
// At 5 % each, two false alarms among 40 figures are to be expected. That is why a
// change alone is no regression: it must be for the worse, beyond noise, and larger
// than [Limits].Regression as well. A criterion that no longer passes always is one.
//
// # Which way is worse
//
// It follows from the metric's criteria: an upper limit means lower is better, a
// lower limit higher is better; two limits, or an exact value, mean that only the
// distance from the range counts, and "> 0" only asks that there is some. Of
// latencies lower is better.
//
// Sources: B. L. Welch, "The generalization of Student's problem" (Biometrika 34,
// 1947); R. G. Newcombe, "Interval estimation for the difference between
// independent proportions" (Statistics in Medicine 17, 1998), method 10; G. Y. Zou
// and A. Donner, "Construction of confidence limits about effect measures"
// (Statistics in Medicine 27, 2008), for the same step with quantiles.
package compare
