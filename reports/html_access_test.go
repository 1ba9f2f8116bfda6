package reports_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	dom "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// TestHTMLIsAccessible: what a reader needs who does not see the page, or uses no
// mouse, is there: language, one first heading and no gap below it, captions and
// scopes of tables, names of pictures and of what scrolls.
func TestHTMLIsAccessible(t *testing.T) {
	for name, page := range pages(t) {
		t.Run(name, func(t *testing.T) {
			document, err := dom.Parse(strings.NewReader(page))
			require.NoError(t, err)
			level := 0
			for n := range document.Descendants() {
				if n.Type != dom.ElementNode {
					continue
				}
				switch n.DataAtom {
				case atom.Html:
					require.Equal(t, "en", attribute(n, "lang"))
				case atom.Title:
					require.NotEmpty(t, text(n))
				case atom.H1, atom.H2, atom.H3, atom.H4:
					next := int(n.Data[1] - '0')
					require.NotEmpty(t, text(n))
					require.LessOrEqual(t, next, level+1, "a gap before %q", text(n))
					require.Equal(t, next == 1, level == 0, "one first heading, before all others: %q", text(n))
					level = next
				case atom.Table:
					require.Len(t, elements(n, "caption"), 1)
					require.NotEmpty(t, text(elements(n, "caption")[0]))
				case atom.Th:
					require.Contains(t, []string{"col", "row"}, attribute(n, "scope"))
				case atom.Figure:
					require.Len(t, elements(n, "figcaption"), 1)
				}
				if n.Data == "svg" && attribute(n, "aria-hidden") != "true" {
					require.Equal(t, "img", attribute(n, "role"))
					require.NotEmpty(t, attribute(n, "aria-label"))
				}
				if attribute(n, "class") == "scroll" {
					require.Equal(t, "0", attribute(n, "tabindex"))
					require.Equal(t, "region", attribute(n, "role"))
					require.NotEmpty(t, attribute(n, "aria-label"))
				}
				if strings.HasPrefix(attribute(n, "class"), "badge") {
					require.NotEmpty(t, text(n), "a verdict is a word, not a colour")
				}
			}
			require.Positive(t, level)
		})
	}
}

func attribute(n *dom.Node, name string) string {
	i := slices.IndexFunc(n.Attr, func(a dom.Attribute) bool { return a.Key == name })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

func text(n *dom.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == dom.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
