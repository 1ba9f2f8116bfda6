package providers_test

import (
	"context"
	"fmt"
	"net/http"

	"tollgate/fakes/providers"
)

// A webhook target that fails its first call.
func Example() {
	server, err := providers.Start(context.Background(), providers.Config{
		Plan: providers.Plan{Subjects: map[string]providers.Subject{
			"crm": {FailFirst: 1, Status: http.StatusServiceUnavailable},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 2 {
		answer, err := client.Get(server.HookURL("crm"))
		if err != nil {
			fmt.Println(err)
			return
		}
		answer.Body.Close()
		fmt.Println(answer.Status)
	}
	count := server.Counts()["hooks"]
	fmt.Println("served", count.Served, "failed", count.Failed)
	// Output:
	// 503 Service Unavailable
	// 200 OK
	// served 1 failed 1
}
