// Parser of expressions. Precedence, loosest first: if-else, or, and, not, comparison, + -, ~, * / // %, **, unary,
// filters.
#include <algorithm>

#include "text/jinja/interpreter.hpp"
#include "text/jinja/library.hpp"
#include "text/jinja/parser.hpp"

namespace fthost::text::jinja {

using Kind = Expression::Kind;
using Operator = Expression::Operator;

bool Parser::take(std::string_view symbol) {
  if (!is(symbol)) return false;
  next();
  return true;
}

bool Parser::take_name(std::string_view name) {
  if (!is_name(name)) return false;
  next();
  return true;
}

void Parser::fail_here(const std::string& wanted) const {
  const Token& token = peek();
  line_ = token.line;
  switch (token.kind) {
    case Token::Kind::end:
      fail("the template ends where " + wanted + " should be");
    case Token::Kind::output_end:
      fail("}} stands where " + wanted + " should be");
    case Token::Kind::block_end:
      fail("%} stands where " + wanted + " should be");
    case Token::Kind::integer:
    case Token::Kind::real:
      fail(to_text(token.number) + " stands where " + wanted + " should be");
    default:
      fail("'" + token.text + "' stands where " + wanted + " should be");
  }
}

void Parser::expect(std::string_view symbol) {
  if (!take(symbol)) fail_here("'" + std::string(symbol) + "'");
}

void Parser::expect(Token::Kind kind, const char* shown) {
  if (!at(kind)) fail_here(shown);
  next();
}

std::string Parser::name_token(const char* what) {
  if (!at(Token::Kind::name)) fail_here(what);
  return next().text;
}

ExpressionPtr Parser::make(Kind kind) const {
  auto made = std::make_unique<Expression>();
  made->kind = kind;
  made->line = line_;
  return made;
}

void Parser::add(Expression& parent, ExpressionPtr part) const {
  if (part) parent.depth = std::max(parent.depth, part->depth + 1);
  if (parent.depth > kMaxExpression) fail("an expression is nested too deeply");
  parent.parts.push_back(std::move(part));
}

ExpressionPtr Parser::expression() {
  if (++depth_ > kMaxExpression / 2) fail("an expression is nested too deeply");
  ExpressionPtr node = disjunction();
  for (int links = 0; take_name("if"); ++links) {
    if (links > kMaxExpression) fail("an expression is nested too deeply");
    ExpressionPtr made = make(Kind::conditional);
    add(*made, std::move(node));
    add(*made, disjunction());
    add(*made, take_name("else") ? expression() : nullptr);
    node = std::move(made);
  }
  --depth_;
  return node;
}

// a, b, c without parentheses; one without a comma is itself.
ExpressionPtr Parser::tuple(bool with_condition) {
  const auto one = [&] { return with_condition ? expression() : disjunction(); };
  ExpressionPtr first = one();
  if (!is(",")) return first;
  ExpressionPtr made = make(Kind::tuple);
  add(*made, std::move(first));
  while (take(",")) {
    if (at(Token::Kind::output_end) || at(Token::Kind::block_end) || is(")") || is_name("if") || is_name("recursive"))
      break;
    add(*made, one());
  }
  return made;
}

ExpressionPtr Parser::disjunction() {
  ExpressionPtr node = conjunction();
  while (take_name("or")) {
    ExpressionPtr made = make(Kind::logical_or);
    add(*made, std::move(node));
    add(*made, conjunction());
    node = std::move(made);
  }
  return node;
}

ExpressionPtr Parser::conjunction() {
  ExpressionPtr node = negation();
  while (take_name("and")) {
    ExpressionPtr made = make(Kind::logical_and);
    add(*made, std::move(node));
    add(*made, negation());
    node = std::move(made);
  }
  return node;
}

ExpressionPtr Parser::negation() {
  if (!take_name("not")) return comparison();
  if (++depth_ > kMaxExpression) fail("an expression is nested too deeply");
  ExpressionPtr made = make(Kind::logical_not);
  add(*made, negation());
  --depth_;
  return made;
}

ExpressionPtr Parser::comparison() {
  ExpressionPtr node = sum();
  std::vector<Operator> ops;
  std::vector<ExpressionPtr> others;
  while (true) {
    if (take("=="))
      ops.push_back(Operator::equal);
    else if (take("!="))
      ops.push_back(Operator::not_equal);
    else if (take("<"))
      ops.push_back(Operator::less);
    else if (take("<="))
      ops.push_back(Operator::less_equal);
    else if (take(">"))
      ops.push_back(Operator::greater);
    else if (take(">="))
      ops.push_back(Operator::greater_equal);
    else if (take_name("in"))
      ops.push_back(Operator::in);
    else if (is_name("not") && peek(1).kind == Token::Kind::name && peek(1).text == "in") {
      next();
      next();
      ops.push_back(Operator::not_in);
    } else {
      break;
    }
    others.push_back(sum());
  }
  if (ops.empty()) return node;
  ExpressionPtr made = make(Kind::comparison);
  add(*made, std::move(node));
  for (ExpressionPtr& other : others) add(*made, std::move(other));
  made->ops = std::move(ops);
  return made;
}

ExpressionPtr Parser::sum() {
  ExpressionPtr node = concatenation();
  while (is("+") || is("-")) {
    const bool plus = next().text == "+";
    ExpressionPtr made = make(Kind::arithmetic);
    made->op = plus ? Operator::add : Operator::subtract;
    add(*made, std::move(node));
    add(*made, concatenation());
    node = std::move(made);
  }
  return node;
}

ExpressionPtr Parser::concatenation() {
  ExpressionPtr node = product();
  if (!is("~")) return node;
  ExpressionPtr made = make(Kind::concat);
  add(*made, std::move(node));
  while (take("~")) add(*made, product());
  return made;
}

ExpressionPtr Parser::product() {
  ExpressionPtr node = power();
  while (is("*") || is("/") || is("//") || is("%")) {
    const std::string op = next().text;
    ExpressionPtr made = make(Kind::arithmetic);
    made->op = op == "*"    ? Operator::multiply
               : op == "/"  ? Operator::divide
               : op == "//" ? Operator::floor_divide
                            : Operator::modulo;
    add(*made, std::move(node));
    add(*made, power());
    node = std::move(made);
  }
  return node;
}

ExpressionPtr Parser::power() {
  ExpressionPtr node = unary(true);
  while (take("**")) {
    ExpressionPtr made = make(Kind::arithmetic);
    made->op = Operator::power;
    add(*made, std::move(node));
    add(*made, unary(true));
    node = std::move(made);
  }
  return node;
}

ExpressionPtr Parser::unary(bool with_filter) {
  ExpressionPtr node;
  if (is("-") || is("+")) {
    if (++depth_ > kMaxExpression) fail("an expression is nested too deeply");
    node = make(next().text == "-" ? Kind::negative : Kind::positive);
    add(*node, unary(false));
    --depth_;
  } else {
    node = primary();
  }
  node = postfix(std::move(node));
  return with_filter ? filters_and_tests(std::move(node)) : std::move(node);
}

ExpressionPtr Parser::primary() {
  const Token& token = peek();
  switch (token.kind) {
    case Token::Kind::name: {
      const std::string& name = next().text;
      ExpressionPtr node = make(Kind::constant);
      if (name == "true" || name == "True")
        node->constant = Value(true);
      else if (name == "false" || name == "False")
        node->constant = Value(false);
      else if (name != "none" && name != "None") {
        node->kind = Kind::variable;
        node->symbol = program_->symbol(name);
        node->text = name;
        uses_.varargs |= name == "varargs";
        uses_.kwargs |= name == "kwargs";
        uses_.caller |= name == "caller";
      }
      return node;
    }
    case Token::Kind::string: {
      ExpressionPtr node = make(Kind::constant);
      std::string text = next().text;
      while (at(Token::Kind::string)) text += next().text;
      node->constant = Value(std::move(text));
      return node;
    }
    case Token::Kind::integer:
    case Token::Kind::real: {
      ExpressionPtr node = make(Kind::constant);
      node->constant = next().number;
      return node;
    }
    default:
      break;
  }
  if (is("(")) return parenthesis();
  if (is("[")) return list();
  if (is("{")) return dict();
  fail_here("a value");
}

ExpressionPtr Parser::parenthesis() {
  expect("(");
  if (take(")")) return make(Kind::tuple);
  ExpressionPtr node = tuple(true);
  expect(")");
  return node;
}

ExpressionPtr Parser::list() {
  expect("[");
  ExpressionPtr made = make(Kind::list);
  while (!take("]")) {
    if (!made->parts.empty()) expect(",");
    if (take("]")) break;
    add(*made, expression());
  }
  return made;
}

ExpressionPtr Parser::dict() {
  expect("{");
  ExpressionPtr made = make(Kind::dict);
  while (!take("}")) {
    if (!made->parts.empty()) expect(",");
    if (take("}")) break;
    add(*made, expression());
    expect(":");
    add(*made, expression());
  }
  return made;
}

ExpressionPtr Parser::postfix(ExpressionPtr node) {
  while (true) {
    if (is(".") || is("[")) {
      node = subscript(std::move(node));
    } else if (is("(")) {
      ExpressionPtr made = make(Kind::call);
      add(*made, std::move(node));
      arguments(*made);
      node = std::move(made);
    } else {
      return node;
    }
  }
}

ExpressionPtr Parser::subscript(ExpressionPtr node) {
  if (take(".")) {
    if (at(Token::Kind::integer)) {
      ExpressionPtr made = make(Kind::item);
      add(*made, std::move(node));
      ExpressionPtr index = make(Kind::constant);
      index->constant = next().number;
      add(*made, std::move(index));
      return made;
    }
    ExpressionPtr made = make(Kind::attribute);
    made->text = name_token("an attribute's name");
    add(*made, std::move(node));
    return made;
  }
  expect("[");
  ExpressionPtr made = make(Kind::item);
  add(*made, std::move(node));
  ExpressionPtr start;
  if (!is(":")) start = expression();
  if (!is(":")) {
    if (is(",")) fail("a subscript with a comma is not supported");
    add(*made, std::move(start));
    expect("]");
    return made;
  }
  made->kind = Kind::slice;
  add(*made, std::move(start));
  next();
  add(*made, is(":") || is("]") ? nullptr : expression());
  add(*made, take(":") && !is("]") ? expression() : nullptr);
  expect("]");
  return made;
}

void Parser::arguments(Expression& call) {
  expect("(");
  bool first = true;
  while (!take(")")) {
    if (!std::exchange(first, false)) expect(",");
    if (take(")")) return;
    if (is("*") || is("**")) fail("a call with * or ** is not supported");
    if (at(Token::Kind::name) && peek(1).kind == Token::Kind::symbol && peek(1).text == "=") {
      std::string name = next().text;
      next();
      ExpressionPtr value = expression();
      call.depth = std::max(call.depth, value->depth + 1);
      call.named.emplace_back(std::move(name), std::move(value));
      continue;
    }
    if (!call.named.empty()) fail("a positional argument follows a named one");
    add(call, expression());
  }
}

ExpressionPtr Parser::filters_and_tests(ExpressionPtr node) {
  while (true) {
    if (is("|")) {
      node = filter_chain(std::move(node), true);
    } else if (is_name("is")) {
      node = test(std::move(node));
    } else if (is("(")) {
      ExpressionPtr made = make(Kind::call);
      add(*made, std::move(node));
      arguments(*made);
      node = std::move(made);
    } else {
      return node;
    }
  }
}

ExpressionPtr Parser::filter_chain(ExpressionPtr node, bool starts_with_pipe) {
  while (!starts_with_pipe || take("|")) {
    starts_with_pipe = true;
    ExpressionPtr made = make(Kind::filter);
    made->text = name_token("a filter's name");
    while (take(".")) made->text += "." + name_token("a filter's name");
    made->filter = find_filter(made->text);
    if (!made->filter) fail("the filter '" + made->text + "' is not known");
    add(*made, std::move(node));
    if (is("(")) arguments(*made);
    node = std::move(made);
  }
  return node;
}

ExpressionPtr Parser::test(ExpressionPtr node) {
  next();
  const bool negated = take_name("not");
  ExpressionPtr made = make(Kind::test);
  made->text = name_token("a test's name");
  while (take(".")) made->text += "." + name_token("a test's name");
  made->test = find_test(made->text);
  if (!made->test) fail("the test '" + made->text + "' is not known");
  add(*made, std::move(node));
  if (is("(")) {
    arguments(*made);
  } else if (is("[") || is("{") || at(Token::Kind::string) || at(Token::Kind::integer) || at(Token::Kind::real) ||
             (at(Token::Kind::name) && !is_name("else") && !is_name("or") && !is_name("and"))) {
    if (is_name("is")) fail("tests cannot be chained with 'is'");
    add(*made, postfix(primary()));
  }
  if (!negated) return made;
  ExpressionPtr opposite = make(Kind::logical_not);
  add(*opposite, std::move(made));
  return opposite;
}

}  // namespace fthost::text::jinja
