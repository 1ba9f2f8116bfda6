package reports_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// compileSchema reads one of our own schemas. Formats are checked, too: in this draft
// they are otherwise mere annotations.
func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("schema", name))
	require.NoError(t, err)
	return schema
}

// schemaNode is the part of an object's schema that is compared with a Go type.
type schemaNode struct {
	Defs       map[string]*schemaNode     `json:"$defs"`
	Required   []string                   `json:"required"`
	Properties map[string]json.RawMessage `json:"properties"`
	Additional json.RawMessage            `json:"additionalProperties"`
}

func loadSchema(t *testing.T) *schemaNode {
	t.Helper()
	data, err := os.ReadFile("schema/result-v2.schema.json")
	require.NoError(t, err)
	var root schemaNode
	require.NoError(t, json.Unmarshal(data, &root))
	return &root
}

func generic(t *testing.T, r reports.Result) map[string]any {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, reports.WriteJSON(&b, r))
	value, err := jsonschema.UnmarshalJSON(&b)
	require.NoError(t, err)
	return value.(map[string]any)
}

func TestResultsMatchTheSchema(t *testing.T) {
	schema := compileSchema(t, "result-v2.schema.json")
	emptyParts := sample()
	emptyParts.Charts = []reports.Chart{{Title: "nothing"}, {Lines: []reports.Line{{Name: "empty"}}}}
	emptyParts.Tables = []reports.Table{{Title: "nothing"}}
	partial := sample()
	partial.Partial, partial.Decision = true, reports.DecisionInterrupted
	for name, r := range map[string]reports.Result{
		"sample": sample(), "bare": {Scenario: "phase1"}, "empty parts": emptyParts, "partial": partial,
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, schema.Validate(generic(t, r)))
		})
	}
}

func TestSchemaRefusesWhatItShould(t *testing.T) {
	schema := compileSchema(t, "result-v2.schema.json")
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
			requireOneFlaw(t, schema, value)
		})
	}
}

// requireOneFlaw: the schema refuses value, for one reason only.
func requireOneFlaw(t *testing.T, schema *jsonschema.Schema, value any) {
	t.Helper()
	var flaws *jsonschema.ValidationError
	require.ErrorAs(t, schema.Validate(value), &flaws)
	require.Len(t, flaws.BasicOutput().Errors, 1, "%v", flaws)
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
		"percentile": reports.Percentile{},
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
	require.Len(t, schema.Defs, 14)
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
