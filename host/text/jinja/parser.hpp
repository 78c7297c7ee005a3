// Parser: tokens to a Program, by recursive descent as Jinja's own parser goes. Depth is bounded, so that no source can
// overflow the stack. One thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/jinja/ast.hpp"
#include "text/jinja/lexer.hpp"

namespace fthost::text::jinja {

class Parser {
 public:
  // Errors are TemplateErrors; *line then has where.
  Parser(std::vector<Token> tokens, int* line) : tokens_(std::move(tokens)), line_(*line) {}
  std::unique_ptr<Program> run();

 private:
  static constexpr int kMaxExpression = 120;

  // Names a macro's body may ask for without declaring them.
  struct Uses {
    bool varargs = false, kwargs = false, caller = false;
  };

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& next() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    line_ = token.line;
    return token;
  }
  bool at(Token::Kind kind) const { return peek().kind == kind; }
  bool is(std::string_view symbol) const { return at(Token::Kind::symbol) && peek().text == symbol; }
  bool is_name(std::string_view name) const { return at(Token::Kind::name) && peek().text == name; }
  bool take(std::string_view symbol);
  bool take_name(std::string_view name);
  void expect(std::string_view symbol);
  void expect(Token::Kind kind, const char* shown);
  std::string name_token(const char* what);
  [[noreturn]] void fail_here(const std::string& wanted) const;

  Block block(std::initializer_list<std::string_view> until);
  Block body(std::string_view name);
  void end_tag();
  std::unique_ptr<Statement> statement();
  std::unique_ptr<Statement> loop(int line);
  std::unique_ptr<Statement> branch(int line);
  std::unique_ptr<Statement> assign(int line);
  std::unique_ptr<Statement> macro(int line);
  std::unique_ptr<Statement> call(int line);
  std::unique_ptr<Statement> with(int line);
  void parameters(Statement& statement);
  void macro_body(Statement& statement, std::string_view end);
  Target single_target();
  Target target_list(std::initializer_list<std::string_view> until);

  ExpressionPtr expression();  // with "a if b else c"
  ExpressionPtr tuple(bool with_condition);
  ExpressionPtr disjunction();
  ExpressionPtr conjunction();
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr sum();
  ExpressionPtr concatenation();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr unary(bool with_filter);
  ExpressionPtr primary();
  ExpressionPtr parenthesis();
  ExpressionPtr list();
  ExpressionPtr dict();
  ExpressionPtr postfix(ExpressionPtr node);
  ExpressionPtr subscript(ExpressionPtr node);
  ExpressionPtr filters_and_tests(ExpressionPtr node);
  ExpressionPtr filter_chain(ExpressionPtr node, bool starts_with_pipe);
  ExpressionPtr test(ExpressionPtr node);
  void arguments(Expression& call);

  ExpressionPtr make(Expression::Kind kind) const;
  // Appends a part, keeping the depth of the tree in bounds.
  void add(Expression& parent, ExpressionPtr part) const;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int& line_;
  Program* program_ = nullptr;
  Uses uses_;
  int blocks_ = 0, loops_ = 0;
  int depth_ = 0;  // of expression() in expression()
};

}  // namespace fthost::text::jinja
