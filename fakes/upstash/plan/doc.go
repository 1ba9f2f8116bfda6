// Package plan is what Upstash Redis sells, as data: its plans, their limits and their prices.
//
// # What it does
//
// All lists the plans and Lookup finds one by name. Price says what a month of commands costs on a plan,
// Cheapest which plan costs least, and BillOf both at once, for those who show a bill. WithReadRegions adds
// read regions to a plan, and their price.
//
// # What it does not
//
// It enforces nothing: package upstash does. It prices commands and read regions alone: no data beyond what is
// included, no bandwidth, no add-ons and no negotiated plans.
//
// # Sources
//
//   - Prices, data, bandwidth, commands a month and a second, request and record sizes, as of 2026-08:
//     https://upstash.com/pricing/redis and https://upstash.com/docs/redis/overall/billing.
//   - Key size: https://upstash.com/docs/redis/troubleshooting/max_key_size_exceeded.
//   - Connections: https://upstash.com/docs/redis/overall/pricing had them until 2025-12-18; nothing is
//     published since.
//   - Read regions multiply writes: https://upstash.com/docs/redis/features/globaldatabase. On a fixed plan each
//     costs half the plan's price: https://upstash.com/docs/redis/overall/billing. The free plan may have one;
//     for the others no limit is published.
package plan
