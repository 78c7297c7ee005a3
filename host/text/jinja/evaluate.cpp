// Interpreter of expressions, with Python's operators and Jinja's way to attributes and items.
#include <algorithm>
#include <cmath>

#include "text/jinja/interpreter.hpp"
#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {

using Kind = Expression::Kind;
using Operator = Expression::Operator;

namespace {

// As Jinja names a type in "'dict object' has no attribute".
std::string object_name(const Value& value) {
  return value.is_none() ? "'None'" : std::string("'") + value.type_name() + " object'";
}

// Python's index for a length: negative counts from the end. Nothing: outside.
std::optional<std::size_t> index_in(Integer index, std::size_t length) {
  if (index < 0) index += static_cast<Integer>(length);
  if (index < 0 || index >= static_cast<Integer>(length)) return std::nullopt;
  return static_cast<std::size_t>(index);
}

bool is_indexable(const Sequence& sequence) { return sequence.kind <= Sequence::Kind::range; }

std::string_view code_point_text(std::string_view text, std::size_t index) {
  const std::size_t begin = is_ascii(text) ? index : byte_offset(text, index);
  return text.substr(begin, code_point_at(text, begin).size);
}

}  // namespace

Value Interpreter::attribute(const Value& of, const std::string& name) {
  if (of.is_undefined()) fail_undefined(of);
  if (of.is<Namespace*>()) {
    if (const Value* field = of.as<Namespace*>()->find(name)) return *field;
  } else if (of.is<Loop*>()) {
    return loop_attribute(*of.as<Loop*>(), name);
  } else {
    if (of.is_items() && of.items().grouped && (name == "grouper" || name == "list"))
      return of.items().items[name == "list"];
    if (auto method = find_method(of, name)) return std::move(*method);
    if (of.is_dict()) {
      if (const Value* value = of.dict().find(std::string_view(name))) return *value;
    }
  }
  return Value::undefined(object_name(of) + " has no attribute '" + name + "'");
}

Value Interpreter::item(const Value& of, const Value& key) {
  if (of.is_undefined()) fail_undefined(of);
  if (of.is_dict()) {
    if (!key.is_text()) step(of.dict().entries.size() / 8);
    if (const Value* value = of.dict().find(key)) return *value;
  } else if (key.is_integral() && of.is_items() && is_indexable(of.items())) {
    if (const auto index = index_in(key.integer(), of.items().items.size())) return of.items().items[*index];
  } else if (key.is_integral() && of.is_text()) {
    const std::string& text = of.text();
    if (const auto index = index_in(key.integer(), count_code_points(text)))
      return made(std::string(code_point_text(text, *index)));
  }
  if (key.is_text()) return attribute(of, key.text());
  return Value::undefined(object_name(of) + " has no element " + to_repr(key));
}

Value::Items Interpreter::iterate(const Value& value) {
  static const Value::Items none = std::make_shared<const Sequence>();
  if (value.is_items()) {
    const Sequence& sequence = value.items();
    if (sequence.kind == Sequence::Kind::generator && std::exchange(sequence.consumed, true)) return none;
    return value.as<Value::Items>();
  }
  if (value.is_undefined()) return none;
  std::vector<Value> items;
  if (value.is_dict()) {
    for (const auto& entry : value.dict().entries) items.push_back(entry.first);
  } else if (value.is_text()) {
    const std::string_view text = value.text();
    charge(text.size() * 64);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = code_point_at(text, at).size;
      items.emplace_back(std::string(text.substr(at, size)));
      at += size;
    }
  } else {
    fail(std::string("'") + value.type_name() + "' object is not iterable");
  }
  return list(std::move(items)).as<Value::Items>();
}

Value Interpreter::call(const Value& callee, Arguments& given) {
  if (callee.is_undefined()) fail_undefined(callee);
  const Depth depth(*this);
  if (callee.is<Value::Function>()) {
    const Value::Function function = callee.as<Value::Function>();
    return function->call(*this, given);
  }
  if (callee.is<Loop*>()) return call_recursive(*callee.as<Loop*>(), given);
  fail(std::string("'") + callee.type_name() + "' object is not callable");
}

Arguments Interpreter::arguments(const Expression& expression, Scope* scope) {
  Arguments out;
  for (std::size_t i = 1; i < expression.parts.size(); ++i)
    out.positional.push_back(evaluate(*expression.parts[i], scope));
  for (const auto& [name, value] : expression.named) out.named.emplace_back(name, evaluate(*value, scope));
  return out;
}

Value Interpreter::evaluate_call(const Expression& expression, Scope* scope, const Value* caller) {
  const Value callee = evaluate(*expression.parts[0], scope);
  Arguments given = arguments(expression, scope);
  if (caller) given.named.emplace_back("caller", *caller);
  line_ = expression.line;
  return call(callee, given);
}

Value Interpreter::filtered(const Expression& expression, const Value& value, Scope* scope) {
  const Value input = expression.parts[0] ? filtered(*expression.parts[0], value, scope) : value;
  Arguments given = arguments(expression, scope);
  return expression.filter(*this, input, given);
}

Value Interpreter::evaluate(const Expression& expression, Scope* scope) {
  const Depth depth(*this);
  step();
  const auto part = [&](std::size_t i) { return evaluate(*expression.parts[i], scope); };
  switch (expression.kind) {
    case Kind::constant:
      return expression.constant;
    case Kind::variable:
      return lookup(scope, expression.symbol);
    case Kind::list:
    case Kind::tuple: {
      std::vector<Value> items;
      for (const auto& one : expression.parts) items.push_back(evaluate(*one, scope));
      return list(std::move(items), expression.kind == Kind::list ? Sequence::Kind::list : Sequence::Kind::tuple);
    }
    case Kind::dict: {
      DictBuilder dict;
      charge(expression.parts.size() * sizeof(Value) + 64);
      for (std::size_t i = 0; i < expression.parts.size(); i += 2) {
        Value key = part(i);
        dict.set(std::move(key), part(i + 1));
      }
      return dict.finish();
    }
    case Kind::attribute:
      return attribute(part(0), expression.text);
    case Kind::item: {
      const Value of = part(0);
      return item(of, part(1));
    }
    case Kind::slice:
      return evaluate_slice(expression, scope);
    case Kind::call:
      return evaluate_call(expression, scope, nullptr);
    case Kind::filter: {
      const Value input = part(0);
      Arguments given = arguments(expression, scope);
      line_ = expression.line;
      return expression.filter(*this, input, given);
    }
    case Kind::test: {
      const Value input = part(0);
      Arguments given = arguments(expression, scope);
      line_ = expression.line;
      return Value(expression.test(*this, input, given));
    }
    case Kind::negative:
    case Kind::positive: {
      const Value value = part(0);
      if (value.is_undefined()) fail_undefined(value);
      if (!value.is_number()) fail(std::string("bad operand type for unary operator: '") + value.type_name() + "'");
      if (expression.kind == Kind::positive) return value.is<double>() ? value : Value(value.integer());
      return value.is<double>() ? Value(-value.real()) : arithmetic(Operator::subtract, Value(0), value);
    }
    case Kind::logical_not:
      return Value(!part(0).truth());
    case Kind::logical_and: {
      Value left = part(0);
      return left.truth() ? part(1) : left;
    }
    case Kind::logical_or: {
      Value left = part(0);
      return left.truth() ? left : part(1);
    }
    case Kind::arithmetic: {
      const Value left = part(0);
      const Value right = part(1);
      line_ = expression.line;
      return arithmetic(expression.op, left, right);
    }
    case Kind::comparison:
      return evaluate_comparison(expression, scope);
    case Kind::concat: {
      std::string text;
      for (const auto& one : expression.parts) text += to_text(evaluate(*one, scope));
      return made(std::move(text));
    }
    case Kind::conditional:
      if (part(1).truth()) return part(0);
      if (expression.parts[2]) return part(2);
      return Value::undefined("the inline if-expression evaluated to false and no else section was defined");
  }
  return {};
}

Value Interpreter::evaluate_comparison(const Expression& expression, Scope* scope) {
  Value left = evaluate(*expression.parts[0], scope);
  for (std::size_t i = 0; i < expression.ops.size(); ++i) {
    Value right = evaluate(*expression.parts[i + 1], scope);
    line_ = expression.line;
    if (!compared(expression.ops[i], left, right)) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

bool Interpreter::compared(Operator op, const Value& a, const Value& b) {
  step(1 + std::min(a.weight(), b.weight()) / 8);
  switch (op) {
    case Operator::equal:
      return equals(a, b);
    case Operator::not_equal:
      return !equals(a, b);
    case Operator::in:
      return contains(b, a);
    case Operator::not_in:
      return !contains(b, a);
    case Operator::less:
      return compare(a, b) < 0;
    case Operator::less_equal:
      return compare(a, b) <= 0;
    case Operator::greater:
      return compare(b, a) < 0;
    default:
      return compare(b, a) <= 0;
  }
}

bool Interpreter::contains(const Value& in, const Value& what) {
  if (in.is_text()) {
    if (what.is_undefined()) fail_undefined(what);
    if (!what.is_text()) fail(std::string("'in <string>' requires string as left operand, not ") + what.type_name());
    return find_text(in.text(), what.text()) != std::string::npos;
  }
  if (in.is_dict()) {
    if (what.is_dict() || (what.is_items() && what.items().kind == Sequence::Kind::list)) {
      fail(std::string("unhashable type: '") + what.type_name() + "'");
    }
    if (!what.is_text()) step(in.dict().entries.size() / 8);
    return in.dict().find(what) != nullptr;
  }
  if (!in.is_items() && !in.is_undefined())
    fail(std::string("argument of type '") + in.type_name() + "' is not iterable");
  const Value::Items items = iterate(in);
  step(items->weight / 8);
  return std::ranges::any_of(items->items, [&](const Value& item) { return equals(item, what); });
}

Value Interpreter::evaluate_slice(const Expression& expression, Scope* scope) {
  const Value of = evaluate(*expression.parts[0], scope);
  Value bounds[3];
  for (std::size_t i = 0; i < 3; ++i) {
    if (expression.parts[i + 1]) bounds[i] = evaluate(*expression.parts[i + 1], scope);
  }
  if (of.is_undefined()) fail_undefined(of);
  if (of.is_text()) {
    const std::string_view text = of.text();
    std::string out;
    if (is_ascii(text)) {
      for (const std::size_t i : slice_indexes(bounds[0], bounds[1], bounds[2], text.size())) out += text[i];
    } else {
      const std::u32string points = to_code_points(text);
      charge(points.size() * 4);
      for (const std::size_t i : slice_indexes(bounds[0], bounds[1], bounds[2], points.size()))
        append_utf8(out, points[i]);
    }
    return made(std::move(out));
  }
  if (!of.is_items() || !is_indexable(of.items())) return Value::undefined(object_name(of) + " cannot be sliced");
  const auto& items = of.items().items;
  std::vector<Value> out;
  for (const std::size_t i : slice_indexes(bounds[0], bounds[1], bounds[2], items.size())) out.push_back(items[i]);
  return list(std::move(out), of.items().kind);
}

Value Interpreter::loop_attribute(Loop& loop, const std::string& name) {
  const auto& items = loop.items->items;
  const std::size_t index = loop.index, length = items.size();
  const auto bound = [&](auto call) {
    auto made = std::make_shared<Callable>();
    made->name = name;
    made->call = [&loop, call](Interpreter& interpreter, Arguments& given) { return call(interpreter, loop, given); };
    return Value(Value::Function(std::move(made)));
  };
  if (name == "index") return Value(index + 1);
  if (name == "index0") return Value(index);
  if (name == "revindex") return Value(length - index);
  if (name == "revindex0") return Value(length - index - 1);
  if (name == "first") return Value(index == 0);
  if (name == "last") return Value(index + 1 == length);
  if (name == "length") return Value(length);
  if (name == "depth") return Value(loop.depth + 1);
  if (name == "depth0") return Value(loop.depth);
  if (name == "previtem")
    return index > 0 && index <= length ? items[index - 1] : Value::undefined("there is no previous item");
  if (name == "nextitem") return index + 1 < length ? items[index + 1] : Value::undefined("there is no next item");
  if (name == "cycle") {
    return bound([](Interpreter&, Loop& of, Arguments& given) {
      if (given.positional.empty()) fail("no items for cycling given");
      return given.positional[of.index % given.positional.size()];
    });
  }
  if (name == "changed") {
    return bound([](Interpreter& interpreter, Loop& of, Arguments& given) {
      const Value now = interpreter.list(given.positional, Sequence::Kind::tuple);
      const bool same = of.last_changed && equals(*of.last_changed, now);
      of.last_changed = now;
      return Value(!same);
    });
  }
  return Value::undefined("'LoopContext object' has no attribute '" + name + "'");
}

}  // namespace fthost::text::jinja
