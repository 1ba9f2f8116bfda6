package reports_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func TestTextPage(t *testing.T) {
	page := reports.NewTextPage(reports.TerminalOptions{Width: 44, Color: true})
	page.Paragraph("", "", "phase2: three runs before \x1b[31mand two after, on another machine")
	page.Blank()
	page.Table(reports.Table{
		Columns: []reports.Column{{Name: "Metric"}, {Name: "After", Align: reports.AlignRight}, {Name: "Verdict"}},
		Rows:    [][]string{{"Billed commands in the reference month", "142,800", "worse"}, {"Errors", "0", "same"}},
	}, map[string]reports.Verdict{"worse": reports.Fail})
	page.Paragraph("worse", reports.Fail, "it is")
	var b bytes.Buffer
	require.NoError(t, page.Write(&b))
	require.Equal(t, "phase2: three runs before [31mand two\n  after, on another machine\n\n"+
		"Metric                        After  Verdict\n"+
		"--------------------------  -------  -------\n"+
		"Billed commands in the      142,800  \x1b[1;31mworse\x1b[0m\n"+
		"reference month\n"+
		"Errors                            0  same\n"+
		"\x1b[1;31mworse\x1b[0m it is\n", b.String())
	require.ErrorIs(t, page.Write(broken{}), errBroken)
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestTextPageOfAnEmptyTable(t *testing.T) {
	page := reports.NewTextPage(reports.TerminalOptions{})
	page.Table(reports.Table{}, nil)
	var b bytes.Buffer
	require.NoError(t, page.Write(&b))
	require.Empty(t, b.String())
}
