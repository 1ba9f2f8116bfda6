package reports

// maxPoints is how many points of a line a drawn chart has at most; more would not
// be seen at the width of a page.
const maxPoints = 600

// downsample returns at most limit points that draw the same picture: the line is
// cut into equal runs, and of each run the lowest and the highest point stay, so
// that no peak gets lost. The first and the last point always stay. Limit is at
// least 4.
func downsample(points []Point, limit int) []Point {
	if len(points) <= limit {
		return points
	}
	inner := points[1 : len(points)-1]
	runs := (limit - 2) / 2
	kept := make([]Point, 0, limit)
	kept = append(kept, points[0])
	for i := range runs {
		run := inner[i*len(inner)/runs : (i+1)*len(inner)/runs]
		low, high := extremes(run)
		first, second := min(low, high), max(low, high)
		kept = append(kept, run[first])
		if second != first {
			kept = append(kept, run[second])
		}
	}
	return append(kept, points[len(points)-1])
}

// extremes returns the indexes of the lowest and the highest point of a run that
// is not empty.
func extremes(run []Point) (low, high int) {
	for i, p := range run {
		if p.Y < run[low].Y {
			low = i
		}
		if p.Y > run[high].Y {
			high = i
		}
	}
	return low, high
}
