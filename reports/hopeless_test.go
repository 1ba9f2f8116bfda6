package reports_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func TestHopeless(t *testing.T) {
	const hopeless, open = true, false
	for _, tt := range []struct {
		op              reports.Operator
		value           float64
		rising, falling bool
	}{
		{reports.AtMost, 9, open, open},
		{reports.AtMost, 10, open, open},
		{reports.AtMost, 11, hopeless, open},
		{reports.Below, 10, hopeless, open},
		{reports.AtLeast, 10, open, open},
		{reports.AtLeast, 9, open, hopeless},
		{reports.Above, 10, open, hopeless},
		{reports.Equal, 10, open, open},
		{reports.Equal, 11, hopeless, open},
		{reports.Equal, 9, open, hopeless},
		{reports.Between, 9, open, hopeless},
		{reports.Between, 15, open, open},
		{reports.Between, 21, hopeless, open},
		{"~", 1, open, open},
	} {
		t.Run(fmt.Sprint(tt.op, tt.value), func(t *testing.T) {
			c := reports.Criterion{Operator: tt.op, Limit: 10}
			if tt.op == reports.Between {
				c.Upper = ptr(20)
			}
			require.Equal(t, tt.rising, c.Hopeless(tt.value, reports.Rising), "rising")
			require.Equal(t, tt.falling, c.Hopeless(tt.value, reports.Falling), "falling")
		})
	}
}
