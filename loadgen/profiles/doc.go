// Package profiles describes a workload as data: how many jobs per queue, how
// many API requests, SMS checks and cache operations, over what time, on how
// many keys, users and API clients, and from which seed.
//
// # What it holds
//
// Two profiles are built in (see [Names]):
//
//   - reference-month: the 30-day workload that every month figure is about;
//   - phase: the same mix divided by six, 1000 jobs, squeezed into some 20 seconds.
//
// Their numbers are an example of one service, not a law: copy a file, put your
// own numbers in and pass its path instead of a name.
//
// # The calendar
//
// A run begins on a Monday at 00:00 UTC: that is what offset 0 is, for these two optional parts of a profile:
//
//   - rhythm has 24 weights for the hours of a day and 7 for the days of a week. How many arrivals there are stays as the
//     profile says; how many come at any moment is proportional to the weight of the hour times that of the day.
//   - schedules are cron expressions of five fields, by queue. The service adds their jobs itself. They are a part of the
//     queue's count in jobs, and package loadgen leaves as many out of what it sends.
//
// In a file:
//
//	rhythm: {hours: [1, 1, ...], weekdays: [5, 5, 5, 5, 5, 2, 2]}
//	schedules: {token-refresh: 37 * * * *, calendar-sync: [0 9 * * *, 0 17 * * 1-5]}
//
// # Strictness
//
// [Parse] refuses what it does not know. An unknown field, a negative count, an
// unknown or a missing queue, a popularity that is out of range, a value of the
// wrong type: each becomes one [Problem] with file, line, field and what to do,
// and all of them are reported at once in one [Error]. A profile that names a
// larger one as its origin (scale: {of, divisor}) is held to that arithmetic.
//
// # What it does not do
//
// It does not know the queues (the caller passes their names in), it does not
// lay out arrivals in time (package loadgen does) and it starts nothing.
package profiles
