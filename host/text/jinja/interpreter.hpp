// Interpreter: one render of a Program. Bounded in steps, in bytes made and in depth, so that a template that comes
// with data cannot hang or exhaust the host. One thread, one render.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/jinja/ast.hpp"

namespace fthost::text::jinja {

inline constexpr std::size_t kMaxText = std::size_t{64} << 20;  // bytes of one text, the output included
inline constexpr std::size_t kMaxMade = std::size_t{1} << 29;   // bytes of all texts and lists made in a render
inline constexpr std::size_t kMaxSteps = 50'000'000;            // expressions and statements run
inline constexpr int kMaxCalls = 300;                           // depth of evaluation, macros in macros included
inline constexpr std::size_t kMaxRange = 100'000;               // of range(), as Jinja's sandbox has it

// A call's arguments, taken one by one by the function called.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  // The argument at `index` or with that name; nothing if it was not given. A name taken is removed.
  std::optional<Value> take(std::size_t index, std::string_view name);
  Value require(std::string_view function, std::size_t index, std::string_view name);
  // TemplateError if more were given than `positional_limit`, or names that nobody took.
  void done(std::string_view function, std::size_t positional_limit) const;
};

// The variable `loop`.
struct Loop {
  Value::Items items;
  std::size_t index = 0;  // from 0
  int depth = 0;          // from 0
  std::optional<Value> last_changed;
  const Statement* statement = nullptr;  // of a recursive loop
  struct Scope* scope = nullptr;
};

struct Scope {
  Scope* parent = nullptr;
  std::vector<std::pair<Symbol, Value>> names;
  bool captured = false;  // a macro refers to it, so it lives until the render ends
};

struct Span {
  std::size_t begin, end;
};

class Interpreter {
 public:
  // `now`: what strftime_now formats.
  Interpreter(const Program& program, std::function<std::tm()> now) : program_(program), now_(std::move(now)) {}

  // The text; TemplateError with the line in line(). `context` becomes the template's variables.
  std::string run(const std::vector<std::pair<std::string, Value>>& context);
  int line() const { return line_; }
  const std::vector<Span>& generations() const { return generations_; }  // byte ranges of {% generation %}

  // For filters, tests and functions.
  void charge(std::size_t bytes);  // counts what is made; TemplateError beyond the limit
  void step(std::size_t steps = 1);
  Value made(std::string text);
  Value list(std::vector<Value> items, Sequence::Kind kind = Sequence::Kind::list);
  Value::Items iterate(const Value& value);  // the items of what can be walked; a generator's only once
  Value attribute(const Value& of, const std::string& name);
  Value item(const Value& of, const Value& key);
  Value call(const Value& callee, Arguments& arguments);
  bool compared(Expression::Operator op, const Value& a, const Value& b);
  Value arithmetic(Expression::Operator op, const Value& a, const Value& b);
  Namespace* make_namespace();
  std::tm now() const { return now_(); }

 private:
  enum class Flow { normal, leave, next };

  class Depth {
   public:
    explicit Depth(Interpreter& owner) : owner_(owner) {
      if (++owner_.depth_ > kMaxCalls) fail("macros or loops are nested too deeply");
    }
    ~Depth() { --owner_.depth_; }
    Depth(const Depth&) = delete;

   private:
    Interpreter& owner_;
  };

  Scope* push_scope(Scope* parent);
  void pop_scope(Scope* scope);
  static void capture_scope(Scope* scope);
  void set(Scope& scope, Symbol symbol, Value value);
  Value lookup(const Scope* scope, Symbol symbol);
  void write(std::string_view text);

  Flow run_block(const Block& block, Scope* scope);
  Flow run_statement(const Statement& statement, Scope* scope);
  Flow run_loop(const Statement& statement, const Value& over, Scope* scope, int depth);
  void assign(const Target& target, const Value& value, Scope* scope);
  std::string captured(const std::function<void()>& body);
  std::string run_body(const Block& body, Scope* parent);  // in a scope of its own, into a text
  void run_with(const Statement& statement, Scope* scope);
  Value macro(const Statement& statement, Scope* scope);
  Value call_macro(const Statement& statement, Scope* scope, Arguments& arguments);
  Value call_recursive(Loop& loop, Arguments& arguments);

  Value evaluate(const Expression& expression, Scope* scope);
  Value evaluate_call(const Expression& expression, Scope* scope, const Value* caller);
  Value evaluate_comparison(const Expression& expression, Scope* scope);
  Value evaluate_slice(const Expression& expression, Scope* scope);
  Value filtered(const Expression& expression, const Value& value, Scope* scope);  // the chain on a {% filter %} body
  Arguments arguments(const Expression& expression, Scope* scope);
  bool contains(const Value& in, const Value& what);
  Value loop_attribute(Loop& loop, const std::string& name);

  const Program& program_;
  std::function<std::tm()> now_;
  std::vector<Value> context_;  // by symbol
  std::vector<bool> in_context_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::vector<Scope*> free_scopes_;
  std::vector<std::unique_ptr<Namespace>> namespaces_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<Loop*> free_loops_;
  std::string root_;  // what is written outside any capture
  std::string* out_ = &root_;
  std::vector<Span> generations_;
  std::size_t made_ = 0, steps_ = 0;
  int depth_ = 0, line_ = 0;
};

}  // namespace fthost::text::jinja
