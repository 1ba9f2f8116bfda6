package reports

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// significant is how many digits a fraction is printed with: 12.3 ms, 1.04×.
const significant = 3

// largestPlain is the magnitude from which numbers are printed as powers of ten.
const largestPlain = 1e15

// smallestPlain is the magnitude below which they are.
const smallestPlain = 1e-6

// Format prints a value for people, with its unit: "33", "119,000,000", "32.4 %",
// "12.3 ms", "1.04×". Whole numbers keep every digit, fractions get three
// significant ones, and a percentage reads 100 or 0 only if it is. The units "count"
// and "" print nothing after the number.
func Format(value float64, unit string) string {
	return formatApart(value, unit)
}

func suffix(unit string) string {
	switch unit {
	case "", "count":
		return ""
	case "percent":
		return " %"
	case "ratio":
		return "×"
	default:
		return " " + unit
	}
}

// formatApart prints value with enough digits to keep it on its side of each of
// the others, so that 95.04 never reads "95 %" beside a limit of 95 %.
func formatApart(value float64, unit string, others ...float64) string {
	if unit == "percent" {
		others = append(others, 0, 100)
	}
	text := plain(value, significant)
	for n := significant + 1; n <= 17 && moved(value, text, others); n++ {
		text = plain(value, n)
	}
	return group(text) + suffix(unit)
}

// moved reports whether rounding to text carried value onto or past one of the others.
func moved(value float64, text string, others []float64) bool {
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	for _, other := range others {
		if cmp.Compare(rounded, other) != cmp.Compare(value, other) {
			return true
		}
	}
	return false
}

// exact prints a number with every digit it has: limits are never rounded.
func exact(value float64) string {
	if size := math.Abs(value); size >= largestPlain || size != 0 && size < smallestPlain {
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	return group(strconv.FormatFloat(value+0, 'f', -1, 64))
}

// plain prints a number with n significant digits, whole numbers with all of theirs.
func plain(value float64, n int) string {
	size := math.Abs(value)
	switch {
	case value == 0:
		return "0"
	case math.IsNaN(value) || size >= largestPlain || size < smallestPlain:
		return strconv.FormatFloat(value, 'g', n, 64)
	case value == math.Trunc(value):
		return strconv.FormatFloat(value, 'f', 0, 64)
	default:
		return strconv.FormatFloat(value, 'f', decimals(value, n), 64)
	}
}

// decimals returns how many places after the point show n significant digits.
func decimals(value float64, n int) int {
	magnitude := int(math.Floor(math.Log10(math.Abs(value))))
	return max(0, n-1-magnitude)
}

// group puts a comma between thousands and drops trailing zeros after the point.
// Text that is not plain digits, such as 1.2e+18 or NaN, stays as it is.
func group(plain string) string {
	if strings.ContainsAny(plain, "eNI") {
		return plain
	}
	sign := ""
	if strings.HasPrefix(plain, "-") {
		sign, plain = "-", plain[1:]
	}
	whole, fraction, _ := strings.Cut(plain, ".")
	fraction = strings.TrimRight(fraction, "0")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}
