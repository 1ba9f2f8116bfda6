package providers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Suggest asks the text-suggestion endpoint.
type Suggest struct {
	http  *http.Client
	url   string
	token string // "" sends none
}

// Suggest returns suggestions for user, best first, given lines of what they wrote. There may be none.
func (s *Suggest) Suggest(ctx context.Context, user string, lines []string) ([]string, error) {
	req, err := s.question(ctx, user, lines)
	if err != nil {
		return nil, &Error{Provider: "suggest", Op: "suggest", Kind: KindPermanent, Err: withoutURL(err)}
	}
	answer, err := s.http.Do(req)
	if err != nil {
		return nil, s.fail("suggest", nil, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, s.fail("suggest", answer, nil)
	}
	var reply struct {
		Suggestions []string `json:"suggestions"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&reply); err != nil {
		return nil, s.fail("suggest", nil, fmt.Errorf("answer is not the expected JSON: %w", err))
	}
	return reply.Suggestions, nil
}

func (s *Suggest) question(ctx context.Context, user string, lines []string) (*http.Request, error) {
	body, err := json.Marshal(struct {
		User    string   `json:"user"`
		Context []string `json:"context"`
	}{user, lines})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		req.Header.Set("Authorization", bearer(s.token))
	}
	return req, nil
}

// fail maps every failure of the endpoint.
func (s *Suggest) fail(op string, answer *http.Response, err error) error {
	if answer == nil {
		return noAnswer("suggest", op, err)
	}
	cause := message(answer.StatusCode, "")
	return answered("suggest", op, kindOfStatus(answer.StatusCode), answer.StatusCode, answer.Header, cause)
}
