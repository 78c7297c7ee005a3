#include "text/jinja/interpreter.hpp"

#include <algorithm>

#include "text/jinja/library.hpp"

namespace fthost::text::jinja {

std::optional<Value> Arguments::take(std::size_t index, std::string_view name) {
  const auto found = std::ranges::find(named, name, &std::pair<std::string, Value>::first);
  if (index < positional.size()) {
    if (found != named.end()) fail("got multiple values for argument '" + std::string(name) + "'");
    return positional[index];
  }
  if (found == named.end()) return std::nullopt;
  Value value = std::move(found->second);
  named.erase(found);
  return value;
}

Value Arguments::require(std::string_view function, std::size_t index, std::string_view name) {
  if (auto value = take(index, name)) return std::move(*value);
  fail(std::string(function) + "() misses its argument '" + std::string(name) + "'");
}

void Arguments::done(std::string_view function, std::size_t positional_limit) const {
  if (positional.size() > positional_limit) {
    fail(std::string(function) + "() takes " + std::to_string(positional_limit) + " arguments but " +
         std::to_string(positional.size()) + " were given");
  }
  if (!named.empty()) fail(std::string(function) + "() got an unexpected argument '" + named.front().first + "'");
}

void Interpreter::charge(std::size_t bytes) {
  if (bytes > kMaxText) fail("a text or list is larger than a template may make");
  made_ += bytes;
  if (made_ > kMaxMade) fail("the template makes more text than a template may");
}

void Interpreter::step(std::size_t steps) {
  steps_ += steps;
  if (steps_ > kMaxSteps) fail("the template takes more steps than a template may");
}

Value Interpreter::made(std::string text) {
  charge(text.size() + 32);
  return Value(std::move(text));
}

Value Interpreter::list(std::vector<Value> items, Sequence::Kind kind) {
  charge(items.size() * sizeof(Value) + 64);
  return make_list(std::move(items), kind);
}

Namespace* Interpreter::make_namespace() {
  charge(sizeof(Namespace));
  return namespaces_.emplace_back(std::make_unique<Namespace>()).get();
}

Scope* Interpreter::push_scope(Scope* parent) {
  Scope* scope = nullptr;
  if (!free_scopes_.empty()) {
    scope = free_scopes_.back();
    free_scopes_.pop_back();
  } else {
    charge(sizeof(Scope));
    scope = scopes_.emplace_back(std::make_unique<Scope>()).get();
  }
  scope->parent = parent;
  return scope;
}

void Interpreter::pop_scope(Scope* scope) {
  if (scope->captured) return;
  scope->names.clear();
  free_scopes_.push_back(scope);
}

void Interpreter::capture_scope(Scope* scope) {
  for (; scope && !scope->captured; scope = scope->parent) scope->captured = true;
}

void Interpreter::set(Scope& scope, Symbol symbol, Value value) {
  for (auto& [known, held] : scope.names) {
    if (known != symbol) continue;
    held = std::move(value);
    return;
  }
  scope.names.emplace_back(symbol, std::move(value));
}

Value Interpreter::lookup(const Scope* scope, Symbol symbol) {
  for (; scope; scope = scope->parent) {
    for (const auto& [known, value] : scope->names) {
      if (known == symbol) return value;
    }
  }
  if (in_context_[symbol]) return context_[symbol];
  const std::string& name = program_.names[symbol];
  if (auto global = find_global(name)) return Value(std::move(global));
  return Value::undefined("'" + name + "' is undefined");
}

void Interpreter::write(std::string_view text) {
  charge(text.size());
  if (out_->size() + text.size() > kMaxText) fail("the rendered text is larger than a template may make");
  *out_ += text;
}

std::string Interpreter::run(const std::vector<std::pair<std::string, Value>>& context) {
  context_.assign(program_.names.size(), Value());
  in_context_.assign(program_.names.size(), false);
  for (const auto& [name, value] : context) {
    const auto symbol = program_.symbols.find(name);
    if (symbol == program_.symbols.end()) continue;
    context_[symbol->second] = value;
    in_context_[symbol->second] = true;
  }
  run_block(program_.body, push_scope(nullptr));
  return std::move(root_);
}

Interpreter::Flow Interpreter::run_block(const Block& block, Scope* scope) {
  for (const auto& statement : block) {
    const Flow flow = run_statement(*statement, scope);
    if (flow != Flow::normal) return flow;
  }
  return Flow::normal;
}

Interpreter::Flow Interpreter::run_statement(const Statement& statement, Scope* scope) {
  const Depth depth(*this);
  step();
  line_ = statement.line;
  using Kind = Statement::Kind;
  switch (statement.kind) {
    case Kind::text:
      write(statement.text);
      break;
    case Kind::output: {
      const Value value = evaluate(*statement.value, scope);
      if (value.is_text())
        write(value.text());
      else
        write(to_text(value));
      break;
    }
    case Kind::loop:
      return run_loop(statement, evaluate(*statement.value, scope), scope, 0);
    case Kind::branch:
      for (const Clause& clause : statement.clauses) {
        if (evaluate(*clause.condition, scope).truth()) return run_block(clause.body, scope);
      }
      return run_block(statement.otherwise, scope);
    case Kind::assign:
      assign(statement.target, evaluate(*statement.value, scope), scope);
      break;
    case Kind::capture: {
      Value value = made(run_body(statement.body, scope));
      if (statement.value) value = filtered(*statement.value, value, scope);
      assign(statement.target, value, scope);
      break;
    }
    case Kind::macro:
      set(*scope, statement.symbol, macro(statement, scope));
      break;
    case Kind::call: {
      const Value caller = macro(statement, scope);
      write(to_text(evaluate_call(*statement.value, scope, &caller)));
      break;
    }
    case Kind::filter:
      write(to_text(filtered(*statement.value, made(run_body(statement.body, scope)), scope)));
      break;
    case Kind::with:
      run_with(statement, scope);
      break;
    case Kind::generation: {
      const std::string text = run_body(statement.body, scope);
      generations_.push_back({root_.size(), root_.size() + text.size()});
      write(text);
      break;
    }
    case Kind::leave:
      return Flow::leave;
    case Kind::next:
      return Flow::next;
  }
  return Flow::normal;
}

Interpreter::Flow Interpreter::run_loop(const Statement& statement, const Value& over, Scope* scope, int depth) {
  Value::Items items = iterate(over);
  if (statement.condition) {
    std::vector<Value> kept;
    for (const Value& item : items->items) {
      Scope* inner = push_scope(scope);
      assign(statement.target, item, inner);
      if (evaluate(*statement.condition, inner).truth()) kept.push_back(item);
      pop_scope(inner);
    }
    items = list(std::move(kept)).as<Value::Items>();
  }
  if (items->items.empty()) {
    Scope* inner = push_scope(scope);
    const Flow flow = run_block(statement.otherwise, inner);
    pop_scope(inner);
    return flow;
  }
  Loop* loop = nullptr;
  if (!free_loops_.empty()) {
    loop = free_loops_.back();
    free_loops_.pop_back();
    *loop = Loop{};
  } else {
    loop = loops_.emplace_back(std::make_unique<Loop>()).get();
  }
  loop->items = items;
  loop->depth = depth;
  loop->statement = statement.recursive ? &statement : nullptr;
  loop->scope = scope;
  static const std::string kLoop = "loop";
  const auto name = program_.symbols.find(kLoop);
  for (std::size_t i = 0; i < items->items.size(); ++i) {
    step();
    loop->index = i;
    Scope* inner = push_scope(scope);
    if (name != program_.symbols.end()) set(*inner, name->second, Value(loop));
    assign(statement.target, items->items[i], inner);
    const Flow flow = run_block(statement.body, inner);
    pop_scope(inner);
    if (flow == Flow::leave) break;
  }
  loop->items = std::make_shared<const Sequence>();
  loop->last_changed.reset();
  free_loops_.push_back(loop);
  return Flow::normal;
}

void Interpreter::assign(const Target& target, const Value& value, Scope* scope) {
  if (target.parts.empty()) {
    if (target.attribute.empty()) return set(*scope, target.symbol, value);
    const Value space = lookup(scope, target.symbol);
    if (!space.is<Namespace*>())
      fail("cannot assign to an attribute of '" + program_.names[target.symbol] + "', which is no namespace");
    charge(sizeof(Value));
    space.as<Namespace*>()->set(target.attribute, value);
    return;
  }
  const Value::Items parts = iterate(value);
  if (parts->items.size() != target.parts.size()) {
    fail((parts->items.size() > target.parts.size() ? "too many values to unpack (expected "
                                                    : "not enough values to unpack (expected ") +
         std::to_string(target.parts.size()) + ")");
  }
  for (std::size_t i = 0; i < target.parts.size(); ++i) assign(target.parts[i], parts->items[i], scope);
}

std::string Interpreter::captured(const std::function<void()>& body) {
  std::string text;
  std::string* const outer = std::exchange(out_, &text);
  try {
    body();
  } catch (...) {
    out_ = outer;
    throw;
  }
  out_ = outer;
  return text;
}

std::string Interpreter::run_body(const Block& body, Scope* parent) {
  return captured([&] {
    Scope* inner = push_scope(parent);
    run_block(body, inner);
    pop_scope(inner);
  });
}

void Interpreter::run_with(const Statement& statement, Scope* scope) {
  Scope* inner = push_scope(scope);
  for (const Parameter& parameter : statement.parameters)
    set(*inner, parameter.symbol, evaluate(*parameter.otherwise, scope));
  run_block(statement.body, inner);
  pop_scope(inner);
}

Value Interpreter::macro(const Statement& statement, Scope* scope) {
  capture_scope(scope);
  charge(sizeof(Callable));
  auto made = std::make_shared<Callable>();
  made->name = statement.text;
  made->call = [&statement, scope](Interpreter& interpreter, Arguments& arguments) {
    return interpreter.call_macro(statement, scope, arguments);
  };
  return Value(Value::Function(std::move(made)));
}

Value Interpreter::call_macro(const Statement& statement, Scope* scope, Arguments& given) {
  const Depth depth(*this);
  const int line = line_;
  Scope* inner = push_scope(scope);
  std::vector<const Parameter*> missing;
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const Parameter& parameter = statement.parameters[i];
    if (auto value = given.take(i, parameter.name))
      set(*inner, parameter.symbol, std::move(*value));
    else
      missing.push_back(&parameter);
  }
  for (const Parameter* parameter : missing) {
    set(*inner, parameter->symbol,
        parameter->otherwise ? evaluate(*parameter->otherwise, inner)
                             : Value::undefined("parameter '" + parameter->name + "' was not provided"));
  }
  const auto special = [&](const char* name, Value value) {
    if (const auto symbol = program_.symbols.find(name); symbol != program_.symbols.end())
      set(*inner, symbol->second, std::move(value));
  };
  if (statement.uses_caller) {
    auto caller = given.take(given.positional.size(), "caller");
    special("caller", caller ? std::move(*caller) : Value::undefined("No caller defined"));
  }
  const std::size_t expected = statement.parameters.size();
  if (statement.uses_extra) {
    std::vector<Value> extra;
    for (std::size_t i = expected; i < given.positional.size(); ++i) extra.push_back(given.positional[i]);
    given.positional.resize(std::min(given.positional.size(), expected));
    special("varargs", list(std::move(extra), Sequence::Kind::tuple));
  }
  if (statement.uses_named) {
    DictBuilder named;
    for (auto& [name, value] : given.named) named.set(Value(name), std::move(value));
    given.named.clear();
    special("kwargs", named.finish());
  }
  given.done("macro '" + statement.text + "'", expected);
  std::string text = captured([&] { run_block(statement.body, inner); });
  pop_scope(inner);
  line_ = line;
  return made(std::move(text));
}

Value Interpreter::call_recursive(Loop& loop, Arguments& given) {
  if (!loop.statement) fail("'loop' is called, but its {% for %} is not recursive");
  const Value over = given.require("loop", 0, "iterable");
  given.done("loop", 1);
  const Depth depth(*this);
  const Statement& statement = *loop.statement;
  Scope* const scope = loop.scope;
  const int level = loop.depth + 1;
  return made(captured([&] { run_loop(statement, over, scope, level); }));
}

}  // namespace fthost::text::jinja
