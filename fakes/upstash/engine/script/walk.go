package script

import "github.com/yuin/gopher-lua/ast"

// What follows goes through all of a script. Where it meets what it does not know, nothing is proved.

func (i *inspector) block(all []ast.Stmt) {
	for _, s := range all {
		i.statement(s)
	}
}

func (i *inspector) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, e := range s.Lhs {
			i.target(e)
		}
		i.expressions(s.Rhs...)
	case *ast.LocalAssignStmt:
		i.expressions(s.Exprs...)
	case *ast.FuncCallStmt:
		i.expressions(s.Expr)
	case *ast.DoBlockStmt:
		i.block(s.Stmts)
	case *ast.WhileStmt:
		i.expressions(s.Condition)
		i.block(s.Stmts)
	case *ast.RepeatStmt:
		i.expressions(s.Condition)
		i.block(s.Stmts)
	case *ast.IfStmt:
		i.expressions(s.Condition)
		i.block(s.Then)
		i.block(s.Else)
	case *ast.NumberForStmt:
		i.expressions(s.Init, s.Limit, s.Step)
		i.block(s.Stmts)
	case *ast.GenericForStmt:
		i.expressions(s.Exprs...)
		i.block(s.Stmts)
	case *ast.FuncDefStmt:
		if s.Name.Func != nil {
			i.target(s.Name.Func)
		}
		i.expressions(s.Name.Receiver, s.Func)
	case *ast.ReturnStmt:
		i.expressions(s.Exprs...)
	case *ast.BreakStmt, *ast.LabelStmt, *ast.GotoStmt:
	default:
		i.findings = findings{}
	}
}

// target is what a script assigns to.
func (i *inspector) target(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		i.harmless = i.harmless && !globals()[e.Value]
	case *ast.AttrGetExpr:
		i.expressions(e.Object, e.Key) // a library, in hand
	default:
		i.findings = findings{}
	}
}

// expressions takes nil for none.
func (i *inspector) expressions(all ...ast.Expr) {
	for _, e := range all {
		i.expression(e)
	}
}

func (i *inspector) expression(e ast.Expr) {
	switch e := e.(type) {
	case nil, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.NumberExpr, *ast.StringExpr, *ast.Comma3Expr:
	case *ast.IdentExpr:
		i.harmless = i.harmless && (harmlessGlobals[e.Value] || !globals()[e.Value])
	case *ast.AttrGetExpr:
		i.member(e)
	case *ast.FuncCallExpr:
		i.call(e)
	case *ast.FunctionExpr:
		i.block(e.Stmts)
	case *ast.TableExpr:
		limitLastField(e)
		for _, field := range e.Fields {
			i.expressions(field.Key, field.Value)
		}
	case *ast.LogicalOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.RelationalOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.StringConcatOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.ArithmeticOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.UnaryMinusOpExpr:
		i.expressions(e.Expr)
	case *ast.UnaryNotOpExpr:
		i.expressions(e.Expr)
	case *ast.UnaryLenOpExpr:
		i.expressions(e.Expr)
	default:
		i.findings = findings{}
	}
}
