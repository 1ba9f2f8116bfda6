package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// schemaNode is the part of JSON Schema that the result's schema uses. Reading it
// strictly makes a keyword that this test would not check an error.
type schemaNode struct {
	Schema      string                 `json:"$schema"`
	ID          string                 `json:"$id"`
	Title       string                 `json:"title"`
	Description string                 `json:"description"`
	Ref         string                 `json:"$ref"`
	Defs        map[string]*schemaNode `json:"$defs"`
	Type        string                 `json:"type"`
	Format      string                 `json:"format"`
	Const       any                    `json:"const"`
	Enum        []string               `json:"enum"`
	MinLength   int                    `json:"minLength"`
	Minimum     *float64               `json:"minimum"`
	Required    []string               `json:"required"`
	Properties  map[string]*schemaNode `json:"properties"`
	Additional  json.RawMessage        `json:"additionalProperties"`
	Items       *schemaNode            `json:"items"`
}

func loadSchema(t *testing.T) *schemaNode {
	t.Helper()
	data, err := os.ReadFile("schema/result-v2.schema.json")
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var root schemaNode
	require.NoError(t, decoder.Decode(&root))
	return &root
}

func (s *schemaNode) resolve(node *schemaNode) *schemaNode {
	if name, ok := strings.CutPrefix(node.Ref, "#/$defs/"); ok {
		return s.Defs[name]
	}
	return node
}

// check returns every way in which value breaks the schema.
func (s *schemaNode) check(path string, node *schemaNode, value any) []string {
	node = s.resolve(node)
	if node == nil {
		return []string{path + ": dangling $ref"}
	}
	bad := func(format string, args ...any) []string { return []string{path + ": " + fmt.Sprintf(format, args...)} }
	switch v := value.(type) {
	case map[string]any:
		if node.Type != "object" {
			return bad("is an object, not %s", node.Type)
		}
		return s.checkObject(path, node, v)
	case []any:
		if node.Type != "array" {
			return bad("is an array, not %s", node.Type)
		}
		var all []string
		for i, item := range v {
			all = append(all, s.check(fmt.Sprintf("%s[%d]", path, i), node.Items, item)...)
		}
		return all
	case string:
		if node.Type != "string" || len(v) < node.MinLength || node.Enum != nil && !slices.Contains(node.Enum, v) {
			return bad("%q is not the %s wanted", v, node.Type)
		}
		if _, err := time.Parse(time.RFC3339Nano, v); node.Format == "date-time" && err != nil {
			return bad("%q is no date-time", v)
		}
	case json.Number:
		number, err := v.Float64()
		whole := !strings.ContainsAny(v.String(), ".eE")
		if err != nil || node.Type != "number" && (node.Type != "integer" || !whole) ||
			node.Minimum != nil && number < *node.Minimum || node.Const != nil && node.Const != number {
			return bad("%s is not the %s wanted", v, node.Type)
		}
	case bool:
		if node.Type != "boolean" {
			return bad("is a boolean, not %s", node.Type)
		}
	default:
		return bad("is %v", v)
	}
	return nil
}

func (s *schemaNode) checkObject(path string, node *schemaNode, value map[string]any) []string {
	var all []string
	for _, name := range node.Required {
		if _, ok := value[name]; !ok {
			all = append(all, path+"."+name+": is missing")
		}
	}
	for name, field := range value {
		if property, ok := node.Properties[name]; ok {
			all = append(all, s.check(path+"."+name, property, field)...)
			continue
		}
		if string(node.Additional) == "false" {
			all = append(all, path+"."+name+": is not in the schema")
			continue
		}
		var extra schemaNode
		if err := json.Unmarshal(node.Additional, &extra); err != nil {
			all = append(all, path+": additionalProperties is neither false nor a schema")
			continue
		}
		all = append(all, s.check(path+"."+name, &extra, field)...)
	}
	return all
}

func generic(t *testing.T, r reports.Result) map[string]any {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, reports.WriteJSON(&b, r))
	decoder := json.NewDecoder(&b)
	decoder.UseNumber()
	var value map[string]any
	require.NoError(t, decoder.Decode(&value))
	return value
}

func TestResultsMatchTheSchema(t *testing.T) {
	schema := loadSchema(t)
	emptyParts := sample()
	emptyParts.Charts = []reports.Chart{{Title: "nothing"}, {Lines: []reports.Line{{Name: "empty"}}}}
	emptyParts.Tables = []reports.Table{{Title: "nothing"}}
	partial := sample()
	partial.Partial, partial.Decision = true, reports.DecisionInterrupted
	for name, r := range map[string]reports.Result{
		"sample": sample(), "bare": {Scenario: "phase1"}, "empty parts": emptyParts, "partial": partial,
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, schema.check("result", schema, generic(t, r)))
		})
	}
}

func TestSchemaRefusesWhatItShould(t *testing.T) {
	schema := loadSchema(t)
	tests := map[string]func(map[string]any){
		"unknown field":     func(v map[string]any) { v["extra"] = "x" },
		"missing field":     func(v map[string]any) { delete(v, "seed") },
		"other version":     func(v map[string]any) { v["schema_version"] = json.Number("3") },
		"unknown decision":  func(v map[string]any) { v["decision"] = "FINE" },
		"not a time":        func(v map[string]any) { v["started"] = "yesterday" },
		"fraction as seed":  func(v map[string]any) { v["seed"] = json.Number("1.5") },
		"null judgements":   func(v map[string]any) { v["judgements"] = nil },
		"wrong module type": func(v map[string]any) { v["build"].(map[string]any)["modules"] = map[string]any{"a": true} },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			value := generic(t, sample())
			spoil(value)
			require.Len(t, schema.check("result", schema, value), 1)
		})
	}
}

// TestSchemaDescribesEveryField compares the schema with the Go types, field by
// field, both ways, and what is required with what is always written.
func TestSchemaDescribesEveryField(t *testing.T) {
	schema := loadSchema(t)
	for name, value := range map[string]any{
		"": reports.Result{}, "judgement": reports.Judgement{}, "measurement": reports.Measurement{},
		"chart": reports.Chart{}, "line": reports.Line{}, "point": reports.Point{}, "limit_line": reports.LimitLine{},
		"table": reports.Table{}, "column": reports.Column{}, "build": reports.Build{},
		"part": reports.Part{}, "histogram": reports.Histogram{}, "input": reports.Input{}, "segment": reports.Segment{},
	} {
		t.Run("type "+name, func(t *testing.T) {
			node := schema
			if name != "" {
				node = schema.Defs[name]
			}
			all, always := jsonFields(reflect.TypeOf(value))
			require.ElementsMatch(t, all, slices.Collect(maps.Keys(node.Properties)))
			require.ElementsMatch(t, always, node.Required)
			require.Equal(t, "false", string(node.Additional))
		})
	}
	require.Len(t, schema.Defs, 13)
}

// jsonFields returns the names of all fields and of those written even when empty.
func jsonFields(typ reflect.Type) (all, always []string) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Anonymous {
			innerAll, innerAlways := jsonFields(field.Type)
			all, always = append(all, innerAll...), append(always, innerAlways...)
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, name)
		if options == "" {
			always = append(always, name)
		}
	}
	return all, always
}
