package reports_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const (
	// screenshotsVariable names the folder that pictures and prints of the pages are kept in.
	screenshotsVariable = "TOLLGATE_SCREENSHOTS"
	// browserTimeout bounds the start of the browser, viewTimeout the look at one page.
	browserTimeout = time.Minute
	viewTimeout    = 2 * time.Minute
)

// TestPagesInABrowser opens each golden page on a desk and on a phone, by day and by
// night, and prints it. It is skipped where there is no Chromium.
func TestPagesInABrowser(t *testing.T) {
	browser := startBrowser(t)
	keep := os.Getenv(screenshotsVariable)
	if keep != "" {
		require.NoError(t, os.MkdirAll(keep, 0o755))
	}
	for name := range pages(t) {
		path, err := filepath.Abs(filepath.Join("testdata", name+".html"))
		require.NoError(t, err)
		for _, v := range views {
			t.Run(fmt.Sprintf("%s-%d-%s", name, v.width, v.name), func(t *testing.T) {
				file := ""
				if keep != "" {
					file = filepath.Join(keep, filepath.Base(t.Name())+".png")
				}
				v.open(browser, t, "file://"+path, file)
			})
		}
		t.Run(name+"-print", func(t *testing.T) {
			sheets := printed(browser, t, "file://"+path)
			if keep != "" {
				require.NoError(t, os.WriteFile(filepath.Join(keep, name+".pdf"), sheets, 0o644))
			}
		})
	}
}

// startBrowser returns a context of a headless Chromium that ends with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no chromium, chromium-browser or google-chrome is installed: the pages are not opened")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.Flag("headless", "new"),
		chromedp.WSURLReadTimeout(browserTimeout))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(browser); err != nil {
			t.Logf("stop %s: %v", program, err)
		}
		cancel()
	})
	require.NoError(t, chromedp.Do(browser), "start %s", program)
	return browser
}

// view is a screen or a sheet of paper on which a page is read.
type view struct {
	width  int64
	name   string
	media  string
	scheme string
	ground string // the colour of the page
}

// views are a desk, a narrow window, a phone, and A4 paper without its margins.
var views = []view{
	{1280, "light", "screen", "light", "rgb(246, 247, 249)"},
	{1280, "dark", "screen", "dark", "rgb(15, 21, 28)"},
	{721, "light", "screen", "light", "rgb(246, 247, 249)"},
	{390, "light", "screen", "light", "rgb(246, 247, 249)"},
	{390, "dark", "screen", "dark", "rgb(15, 21, 28)"},
	{718, "paper", "print", "dark", "rgb(255, 255, 255)"},
}

// found is what a page says of itself when it is open.
type found struct {
	ScrollWidth int64    `json:"scrollWidth"`
	Ground      string   `json:"ground"`
	CutOff      []string `json:"cutOff"`
	Overwritten []string `json:"overwritten"`
}

// inspect looks for texts of the drawings on display that reach beyond their frame or
// write over one another.
const inspect = `(() => {
  const seen = [...document.querySelectorAll('figure > svg')].filter(s => s.getClientRects().length > 0);
  const cutOff = [], overwritten = [];
  for (const svg of seen) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(t => ({text: t.textContent, box: t.getBoundingClientRect()}));
    texts.forEach(({text, box}, i) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) cutOff.push(text);
      for (const other of texts.slice(i + 1)) {
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (across > 1 && down > 4) overwritten.push(text + ' / ' + other.text);
      }
    });
  }
  return {
    scrollWidth: document.documentElement.scrollWidth, ground: getComputedStyle(document.body).backgroundColor,
    cutOff, overwritten,
  };
})()`

// open opens the page in a tab of its own and judges it; a picture goes to file, if there is one.
func (v view) open(browser context.Context, t *testing.T, url, file string) {
	tab := openTab(browser, t)
	var heard complaints
	require.NoError(t, chromedp.Listen(tab, heard.listen))
	require.NoError(t, chromedp.Do(tab, call(log.Enable, cdp.Empty{}), call(network.Enable, network.EnableParams{}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media:    v.media,
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}},
		}),
		chromedp.EmulateViewport(v.width, 900), chromedp.Navigate(url)))
	got, err := chromedp.Run(tab, chromedp.Evaluate[found](inspect))
	require.NoError(t, err)
	if file != "" {
		picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100)) // a PNG
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, picture, 0o644))
	}

	heard.mu.Lock()
	defer heard.mu.Unlock()
	require.Equal(t, []string{url}, heard.fetched, "a page fetches nothing but itself")
	require.Empty(t, heard.said, "the console is silent")
	require.LessOrEqual(t, got.ScrollWidth, v.width, "the page is wider than the screen")
	require.Equal(t, v.ground, got.Ground)
	require.Empty(t, got.CutOff, "texts that reach beyond their drawing")
	require.Empty(t, got.Overwritten, "texts that write over one another")
}

// printed returns the page as a PDF, as a browser prints it that leaves backgrounds out.
func printed(browser context.Context, t *testing.T, url string) []byte {
	tab := openTab(browser, t)
	require.NoError(t, chromedp.Do(tab, chromedp.Navigate(url)))
	sheets, err := chromedp.Run(tab, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	require.NoError(t, err)
	return sheets
}

// openTab returns a context of a new tab that is closed with the test.
func openTab(browser context.Context, t *testing.T) context.Context {
	t.Helper()
	bounded, cancel := context.WithTimeout(browser, viewTimeout)
	t.Cleanup(cancel)
	tab, closeTab := chromedp.NewContext(bounded)
	t.Cleanup(closeTab)
	require.NoError(t, chromedp.Do(tab), "open a tab")
	return tab
}

// call is a step that sends one command of the browser's protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, command, params)
		return err
	})
}

// complaints collects what a page asks of the network and what the console says.
type complaints struct {
	mu      sync.Mutex
	fetched []string
	said    []string
}

func (c *complaints) listen(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		c.fetched = append(c.fetched, e.Request.URL)
	case *log.EventEntryAdded:
		c.said = append(c.said, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	case *runtime.EventConsoleAPICalled:
		c.said = append(c.said, string(e.Type))
	case *runtime.EventExceptionThrown:
		c.said = append(c.said, e.ExceptionDetails.Text)
	}
}
