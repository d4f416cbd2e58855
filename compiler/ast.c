#include "compiler/ast.h"

#include "base/die.h"

const char *ast_kind_name(enum ast_kind kind)
{
    static const char *const names[] = {
        [AST_BINDING] = "binding", [AST_NODE] = "node",
        [AST_DEFINE] = "define", [AST_OFF] = "off", [AST_NONE] = "none",
        [AST_BOOL] = "bool", [AST_INT] = "int", [AST_DURATION] = "duration",
        [AST_SIZE] = "size", [AST_FLOAT] = "float",
        [AST_PERCENT] = "percent", [AST_STRING] = "string",
        [AST_TEMPLATE] = "template", [AST_NAME] = "name",
        [AST_MEMBER] = "member", [AST_INDEX] = "index", [AST_CALL] = "call",
        [AST_UNARY] = "unary", [AST_BINARY] = "binary", [AST_COND] = "cond",
        [AST_LIST] = "list", [AST_MAP] = "map", [AST_FOR] = "for",
        [AST_ERROR] = "error",
    };
    return names[kind];
}

const char *ast_op_name(enum ast_op op)
{
    static const char *const names[] = {
        [AST_NOT] = "!", [AST_NEGATE] = "-", [AST_OR] = "||",
        [AST_AND] = "&&", [AST_EQ] = "==", [AST_NE] = "!=", [AST_LT] = "<",
        [AST_LE] = "<=", [AST_GT] = ">", [AST_GE] = ">=", [AST_IN] = "in",
        [AST_MATCH] = "=~", [AST_ADD] = "+", [AST_SUB] = "-",
        [AST_MUL] = "*", [AST_DIV] = "/", [AST_MOD] = "%",
    };
    return names[op];
}

_Noreturn void ast_mismatch(const struct ast *n, const char *want)
{
    BUG("a %s is no struct %s", ast_kind_name(n->kind), want);
}
