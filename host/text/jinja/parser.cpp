// Parser of statements: {% for %}, {% if %}, {% set %} ... Expressions are in expressions.cpp.
#include "text/jinja/parser.hpp"

namespace fthost::text::jinja {
namespace {

constexpr int kMaxBlocks = 60;  // statements in statements

std::unique_ptr<Statement> make_statement(Statement::Kind kind, int line) {
  auto made = std::make_unique<Statement>();
  made->kind = kind;
  made->line = line;
  return made;
}

}  // namespace

Symbol Program::symbol(std::string_view name) {
  const auto known = symbols.find(name);
  if (known != symbols.end()) return known->second;
  const auto made = static_cast<Symbol>(names.size());
  symbols.emplace(names.emplace_back(name), made);
  return made;
}

std::unique_ptr<Program> Parser::run() {
  auto program = std::make_unique<Program>();
  program_ = program.get();
  program->body = block({});
  return program;
}

Block Parser::block(std::initializer_list<std::string_view> until) {
  if (++blocks_ > kMaxBlocks) fail("blocks are nested too deeply");
  Block out;
  while (!at(Token::Kind::end)) {
    const Token& token = next();
    line_ = token.line;
    if (token.kind == Token::Kind::text) {
      out.push_back(make_statement(Statement::Kind::text, token.line));
      out.back()->text = token.text;
    } else if (token.kind == Token::Kind::output_begin) {
      out.push_back(make_statement(Statement::Kind::output, token.line));
      out.back()->value = tuple(true);
      expect(Token::Kind::output_end, "}}");
    } else {
      if (!at(Token::Kind::name)) fail("a tag does not begin with a name");
      for (const std::string_view end : until) {
        if (peek().text == end) {
          --blocks_;
          return out;
        }
      }
      if (auto made = statement()) out.push_back(std::move(made));
    }
  }
  if (until.size() > 0) fail("{% " + std::string(*(until.end() - 1)) + " %} is missing");
  --blocks_;
  return out;
}

void Parser::end_tag() { expect(Token::Kind::block_end, "%}"); }

// The body up to {% name %}, which is taken too.
Block Parser::body(std::string_view name) {
  end_tag();
  Block out = block({name});
  next();
  end_tag();
  return out;
}

std::unique_ptr<Statement> Parser::statement() {
  const std::string name = next().text;
  const int line = line_;
  if (name == "for") return loop(line);
  if (name == "if") return branch(line);
  if (name == "set") return assign(line);
  if (name == "macro") return macro(line);
  if (name == "call") return call(line);
  if (name == "with") return with(line);
  if (name == "filter") {
    auto made = make_statement(Statement::Kind::filter, line);
    made->value = filter_chain(nullptr, false);
    made->body = body("endfilter");
    return made;
  }
  if (name == "generation") {
    auto made = make_statement(Statement::Kind::generation, line);
    program_->has_generation = true;
    const int outer = std::exchange(loops_, 0);
    made->body = body("endgeneration");
    loops_ = outer;
    return made;
  }
  if (name == "break" || name == "continue") {
    if (loops_ == 0) fail("{% " + name + " %} outside a loop");
    auto made = make_statement(name == "break" ? Statement::Kind::leave : Statement::Kind::next, line);
    end_tag();
    return made;
  }
  for (const char* known :
       {"extends", "block", "include", "import", "from", "autoescape", "do", "trans", "print", "debug"}) {
    if (name == known) fail("{% " + name + " %} is not supported in chat templates");
  }
  fail("unknown tag {% " + name + " %}");
}

Target Parser::single_target() {
  if (take("(")) {
    Target many = target_list({")"});
    expect(")");
    return many;
  }
  Target one;
  const std::string name = name_token("a name to assign to");
  if (name == "true" || name == "false" || name == "none" || name == "True" || name == "False" || name == "None") {
    fail("cannot assign to '" + name + "'");
  }
  one.symbol = program_->symbol(name);
  return one;
}

// One target, or several with commas, up to one of the given tokens.
Target Parser::target_list(std::initializer_list<std::string_view> until) {
  const auto ends = [&] {
    for (const std::string_view end : until) {
      if (peek().text == end) return true;
    }
    return at(Token::Kind::block_end);
  };
  Target first = single_target();
  if (!is(",")) return first;
  Target many;
  many.parts.push_back(std::move(first));
  while (take(",") && !ends()) many.parts.push_back(single_target());
  return many;
}

std::unique_ptr<Statement> Parser::loop(int line) {
  auto made = make_statement(Statement::Kind::loop, line);
  made->target = target_list({"in"});
  if (!take_name("in")) fail("'in' is missing after {% for");
  made->value = tuple(false);
  if (take_name("if")) made->condition = expression();
  made->recursive = take_name("recursive");
  end_tag();
  ++loops_;
  made->body = block({"else", "endfor"});
  --loops_;
  if (next().text == "else")
    made->otherwise = body("endfor");
  else
    end_tag();
  return made;
}

std::unique_ptr<Statement> Parser::branch(int line) {
  auto made = make_statement(Statement::Kind::branch, line);
  while (true) {
    Clause& clause = made->clauses.emplace_back();
    clause.condition = tuple(false);
    end_tag();
    clause.body = block({"elif", "else", "endif"});
    const std::string name = next().text;
    if (name == "elif") continue;
    if (name == "else")
      made->otherwise = body("endif");
    else
      end_tag();
    return made;
  }
}

std::unique_ptr<Statement> Parser::assign(int line) {
  auto made = make_statement(Statement::Kind::assign, line);
  if (at(Token::Kind::name) && peek(1).text == "." && peek(1).kind == Token::Kind::symbol) {
    made->target.symbol = program_->symbol(next().text);
    next();
    made->target.attribute = name_token("an attribute");
  } else {
    made->target = target_list({"="});
  }
  if (take("=")) {
    made->value = tuple(true);
    end_tag();
    return made;
  }
  made->kind = Statement::Kind::capture;
  if (!made->target.parts.empty()) fail("{% set %} of a block takes one name");
  if (is("|")) made->value = filter_chain(nullptr, true);
  made->body = body("endset");
  return made;
}

void Parser::parameters(Statement& statement) {
  expect("(");
  while (!take(")")) {
    if (!statement.parameters.empty()) expect(",");
    if (take(")")) return;
    Parameter parameter;
    parameter.name = name_token("a parameter");
    parameter.symbol = program_->symbol(parameter.name);
    if (take("="))
      parameter.otherwise = expression();
    else if (!statement.parameters.empty() && statement.parameters.back().otherwise)
      fail("a parameter without a default follows one with a default");
    statement.parameters.push_back(std::move(parameter));
  }
}

// Reads a macro's body and sees which of the special names it uses.
void Parser::macro_body(Statement& statement, std::string_view end) {
  const Uses outer = std::exchange(uses_, {});
  const int outer_loops = std::exchange(loops_, 0);
  statement.body = body(end);
  statement.uses_extra = uses_.varargs;
  statement.uses_named = uses_.kwargs;
  statement.uses_caller = uses_.caller;
  uses_ = {outer.varargs || uses_.varargs, outer.kwargs || uses_.kwargs, outer.caller || uses_.caller};
  loops_ = outer_loops;
}

std::unique_ptr<Statement> Parser::macro(int line) {
  auto made = make_statement(Statement::Kind::macro, line);
  made->text = name_token("a macro's name");
  made->symbol = program_->symbol(made->text);
  parameters(*made);
  macro_body(*made, "endmacro");
  return made;
}

std::unique_ptr<Statement> Parser::call(int line) {
  auto made = make_statement(Statement::Kind::call, line);
  made->text = "caller";
  if (is("(")) parameters(*made);
  made->value = expression();
  if (made->value->kind != Expression::Kind::call) fail("{% call %} wants a call");
  macro_body(*made, "endcall");
  return made;
}

std::unique_ptr<Statement> Parser::with(int line) {
  auto made = make_statement(Statement::Kind::with, line);
  while (!at(Token::Kind::block_end)) {
    if (!made->parameters.empty()) expect(",");
    Parameter assignment;
    assignment.name = name_token("a name");
    assignment.symbol = program_->symbol(assignment.name);
    expect("=");
    assignment.otherwise = expression();
    made->parameters.push_back(std::move(assignment));
  }
  made->body = body("endwith");
  return made;
}

std::unique_ptr<Program> parse(std::string_view source, int* line) {
  return Parser(tokenize(source, line), line).run();
}

}  // namespace fthost::text::jinja
