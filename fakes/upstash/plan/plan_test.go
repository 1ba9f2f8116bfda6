package plan_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/plan"
)

func TestPlansAreThePublishedOnes(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	rows := []struct {
		name            string
		monthly, per    float64
		commands        int64
		perSecond       int
		request, record int64
		data            int64
		connections     int
	}{
		{"free", 0, 0, 500_000, 10_000, 10485760, 100 * mib, 268435456, 10_000},
		{"payg", 0, 0.20, 0, 10_000, 10485760, 100 * mib, 100 * gib, 10_000},
		{"fixed-250mb", 10, 0, 0, 10_000, 10485760, 100 * mib, 250 * mib, 10_000},
		{"fixed-1gb", 20, 0, 0, 10_000, 10485760, 200 * mib, 1 * gib, 10_000},
		{"fixed-5gb", 100, 0, 0, 10_000, 20 * mib, 300 * mib, 5 * gib, 10_000},
		{"fixed-10gb", 200, 0, 0, 10_000, 30 * mib, 400 * mib, 10 * gib, 10_000},
		{"fixed-50gb", 400, 0, 0, 10_000, 52428800, 500 * mib, 50 * gib, 10_000},
		{"fixed-100gb", 800, 0, 0, 16_000, 75 * mib, 1 * gib, 100 * gib, 10_000},
		{"fixed-500gb", 1500, 0, 0, 16_000, 100 * mib, 5 * gib, 500 * gib, 100_000},
	}
	require.Len(t, plan.All(), len(rows))
	for i, row := range rows {
		want := plan.Plan{
			Name: row.name, MonthlyPrice: row.monthly, PricePer100K: row.per, MonthlyCommands: row.commands,
			CommandsPerSecond: row.perSecond, MaxRequestBytes: row.request, MaxKeyBytes: 32768,
			MaxConnections: row.connections, MaxRecordBytes: row.record, DataBytes: row.data,
		}
		if row.name == plan.Free {
			want.MaxReadRegions = 1
		}
		require.Equal(t, want, plan.All()[i])
		require.Equal(t, row.name, plan.Names()[i])
		found, err := plan.Lookup(row.name)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
}

func TestLookupOfNoPlan(t *testing.T) {
	_, err := plan.Lookup("gold")
	var unknown *plan.UnknownError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "gold", unknown.Name)
	require.ErrorContains(t, err, `no plan is called "gold": choose one of free, payg, fixed-250mb, `)
}

func TestPrice(t *testing.T) {
	rows := []struct {
		plan    string
		billed  int64
		dollars float64
		ok      bool
	}{
		{"free", 0, 0, true},
		{"free", 500_000, 0, true},
		{"free", 500_001, 0, false},
		{"payg", 0, 0, true},
		{"payg", 1, 0.000002, true},
		{"payg", 100_000, 0.20, true},
		{"payg", 500_000, 1, true}, // none of them free
		{"payg", 12_345_678, 24.691356, true},
		{"fixed-250mb", 0, 10, true},
		{"fixed-250mb", 1_000_000_000, 10, true},
		{"fixed-500gb", 7, 1500, true},
	}
	for _, row := range rows {
		p, err := plan.Lookup(row.plan)
		require.NoError(t, err)
		dollars, ok := p.Price(row.billed)
		require.Equal(t, row.ok, ok, row)
		require.InDelta(t, row.dollars, dollars, 1e-9, row)
	}
}

func TestCheapest(t *testing.T) {
	rows := []struct {
		billed  int64
		name    string
		dollars float64
	}{
		{0, "free", 0},
		{500_000, "free", 0},
		{500_001, "payg", 1.000002},
		{5_000_000, "payg", 10}, // as much as fixed-250mb
		{5_000_001, "fixed-250mb", 10},
		{1_000_000_000_000, "fixed-250mb", 10},
	}
	for _, row := range rows {
		p, dollars := plan.Cheapest(row.billed)
		require.Equal(t, row.name, p.Name, row)
		require.InDelta(t, row.dollars, dollars, 1e-9, row)
	}
}

func TestReadRegions(t *testing.T) {
	rows := []struct {
		plan    string
		regions int
		monthly float64
	}{
		{"free", 1, 0},
		{"payg", 3, 0},
		{"fixed-250mb", 0, 10},
		{"fixed-250mb", 1, 15},
		{"fixed-250mb", 4, 30},
		{"fixed-5gb", 2, 200},
	}
	for _, row := range rows {
		p, err := plan.Lookup(row.plan)
		require.NoError(t, err)
		with := p.WithReadRegions(7).WithReadRegions(row.regions)
		require.InDelta(t, row.monthly, with.MonthlyPrice, 1e-9, row)
		require.Equal(t, row.regions, with.ReadRegions)
		require.InDelta(t, p.MonthlyPrice, with.WithReadRegions(0).MonthlyPrice, 1e-9)
	}
}

// With read regions a fixed plan pays later, and the free one allows one.
func TestBillOfReadRegions(t *testing.T) {
	fixed, err := plan.Lookup("fixed-250mb")
	require.NoError(t, err)
	bill := plan.BillOf(fixed.WithReadRegions(1), 400_000)
	require.InDelta(t, 15, *bill.Dollars, 1e-9)
	require.Equal(t, "free", bill.Cheapest)
	require.Equal(t, "payg", plan.BillOf(fixed.WithReadRegions(2), 400_000).Cheapest)
	require.Equal(t, "payg", plan.BillOf(fixed.WithReadRegions(1), 7_000_000).Cheapest)
	bill = plan.BillOf(fixed.WithReadRegions(1), 8_000_000)
	require.Equal(t, "fixed-250mb", bill.Cheapest)
	require.InDelta(t, 15, bill.CheapestDollars, 1e-9)
}

func TestBillOf(t *testing.T) {
	payg, err := plan.Lookup(plan.PAYG)
	require.NoError(t, err)
	bill := plan.BillOf(payg, 10_000_000)
	require.NotNil(t, bill.Dollars)
	require.InDelta(t, 20, *bill.Dollars, 1e-9)
	require.Equal(t, "fixed-250mb", bill.Cheapest)
	require.InDelta(t, 10, bill.CheapestDollars, 1e-9)

	free, err := plan.Lookup(plan.Free)
	require.NoError(t, err)
	require.Nil(t, plan.BillOf(free, 500_001).Dollars, "refused")
	require.Nil(t, plan.BillOf(plan.Plan{}, 1).Dollars, "no plan of Upstash's")
}

func ExampleCheapest() {
	for _, billed := range []int64{400_000, 3_000_000, 30_000_000} {
		p, dollars := plan.Cheapest(billed)
		fmt.Printf("%d commands: %s, $%.2f\n", billed, p.Name, dollars)
	}
	// Output:
	// 400000 commands: free, $0.00
	// 3000000 commands: payg, $6.00
	// 30000000 commands: fixed-250mb, $10.00
}
