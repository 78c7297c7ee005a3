// The syntax tree of a template: immutable once parsed, shared by every render of it. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/jinja/value.hpp"

namespace fthost::text::jinja {

using Symbol = std::uint32_t;  // a variable's name, as a number
using FilterFunction = Value (*)(Interpreter&, const Value&, Arguments&);
using TestFunction = bool (*)(Interpreter&, const Value&, Arguments&);

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  enum class Kind : std::uint8_t {
    constant,     // constant
    variable,     // symbol
    list,         // parts
    tuple,        // parts
    dict,         // parts: key, value, key, value ...
    attribute,    // parts[0].text
    item,         // parts[0][parts[1]]
    slice,        // parts[0][parts[1]:parts[2]:parts[3]], missing ones null
    call,         // parts[0](parts[1...], named)
    filter,       // parts[0]|text(parts[1...], named); parts[0] null in {% filter %}
    test,         // parts[0] is text(parts[1...], named)
    negative,     // -parts[0]
    positive,     // +parts[0]
    logical_not,  // not parts[0]
    logical_and,  // parts[0] and parts[1]
    logical_or,   // parts[0] or parts[1]
    arithmetic,   // parts[0] op parts[1]
    comparison,   // parts[0] ops[0] parts[1] ops[1] parts[2] ...
    concat,       // parts joined with ~
    conditional,  // parts[0] if parts[1] else parts[2]; the last may be null
  };
  enum class Operator : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    floor_divide,
    modulo,
    power,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    not_in
  };

  Kind kind = Kind::constant;
  Operator op = Operator::add;
  Symbol symbol = 0;
  int line = 0;
  int depth = 1;  // of the tree below
  Value constant;
  std::string text;
  std::vector<ExpressionPtr> parts;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  std::vector<Operator> ops;
  FilterFunction filter = nullptr;
  TestFunction test = nullptr;
};

struct Statement;
using Block = std::vector<std::unique_ptr<Statement>>;

// What an assignment or a loop writes to: a name, an attribute of a namespace, or several of them.
struct Target {
  Symbol symbol = 0;
  std::string attribute;      // ns.attribute = ...
  std::vector<Target> parts;  // a, b = ...
};

// One if or elif.
struct Clause {
  ExpressionPtr condition;
  Block body;
};

struct Parameter {
  Symbol symbol = 0;
  std::string name;
  ExpressionPtr otherwise;  // null: Undefined if it is not given
};

struct Statement {
  enum class Kind : std::uint8_t {
    text,        // text
    output,      // {{ value }}
    loop,        // for target in value if condition: body, otherwise; recursive
    branch,      // clauses, otherwise
    assign,      // set target = value
    capture,     // set target: body; value is a chain of filters or null
    macro,       // symbol, name in text, parameters, body
    call,        // call(parameters) value: body
    filter,      // filter value: body
    with,        // parameters as assignments, body
    generation,  // body
    leave,       // break
    next,        // continue
  };
  Kind kind = Kind::text;
  bool recursive = false;
  bool uses_extra = false, uses_named = false, uses_caller = false;  // of a macro: varargs, kwargs, caller
  Symbol symbol = 0;
  int line = 0;
  std::string text;
  ExpressionPtr value, condition;
  Target target;
  std::vector<Parameter> parameters;
  Block body, otherwise;
  std::vector<Clause> clauses;
};

// A parsed template.
struct Program {
  Block body;
  std::deque<std::string> names;                         // of symbols
  std::unordered_map<std::string_view, Symbol> symbols;  // into names
  bool has_generation = false;

  Symbol symbol(std::string_view name);
};

// Throws TemplateError, with the line in *line.
std::unique_ptr<Program> parse(std::string_view source, int* line);

}  // namespace fthost::text::jinja
