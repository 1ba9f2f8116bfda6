package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"tollgate/fakes/providers"
	"tollgate/reports/atomicfile"
)

// maxUsers keeps the phone numbers of the users apart.
const maxUsers = 100_000

// account is one user in the file, as the service reads it from ACCOUNTS_FILE.
type account struct {
	User         string   `json:"user"`
	RefreshToken string   `json:"refresh_token"`
	Phone        string   `json:"phone"`
	Webhooks     []string `json:"webhooks"`
}

// writeAccounts writes accounts whose tokens and webhooks srv knows.
func writeAccounts(path string, users int, srv *providers.Server) error {
	all := make([]account, users)
	for i := range all {
		user := "u-" + strconv.Itoa(i)
		all[i] = account{
			User: user, RefreshToken: "refresh-" + user, Phone: fmt.Sprintf("+1202%07d", i), Webhooks: []string{srv.HookURL(user)},
		}
	}
	return atomicfile.Write(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
}
