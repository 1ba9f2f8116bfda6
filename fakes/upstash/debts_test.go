package upstash

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Debts are paid in the order in which they were taken on, whether they are counted
// or kept.
func TestDebtsKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q debts
		var want []debt
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"plain", "plain", "plain", "local", "blocks", "paid", "paid"}).Draw(t, "step") {
			case "plain":
				want = append(want, debt{})
			case "local":
				want = append(want, debt{kind: owedByServer, local: []byte("+OK\r\n")})
			case "blocks":
				want = append(want, debt{blocks: true})
			default:
				if n := min(1, len(want)); n > 0 {
					n = rapid.IntRange(n, max(n, q.plain())).Draw(t, "so many")
					q.paid(n)
					want = want[n:]
				}
			}
			if q.count < len(want) {
				q.add(&want[len(want)-1])
			}
			require.Equal(t, len(want), q.count)
			plain, blocks := 0, false
			for _, d := range want {
				blocks = blocks || d.blocks
			}
			for plain < len(want) && want[plain].plain() {
				plain++
			}
			require.Equal(t, plain, q.plain())
			require.Equal(t, blocks, q.blocks())
			if len(want) == 0 {
				require.Nil(t, q.head())
				continue
			}
			require.Equal(t, want[0], *q.head())
		}
	})
}

// They take no more memory than a few times what they are at most, also where there is
// never none.
func TestDebtsAreTidiedUp(t *testing.T) {
	var q debts
	local := debt{kind: owedByServer}
	for range 100 * keptDebts {
		q.add(&local)
		q.add(&debt{})
		if q.count > 10 {
			q.paid(1)
			q.paid(1)
		}
	}
	require.LessOrEqual(t, cap(q.queue), 4*keptDebts)
	for q.count > 0 {
		q.paid(1)
	}
	require.LessOrEqual(t, cap(q.queue), keptDebts)
}
