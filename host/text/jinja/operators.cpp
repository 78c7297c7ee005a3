// Python's arithmetic, slices and text search.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "text/jinja/interpreter.hpp"
#include "text/jinja/library.hpp"

namespace fthost::text::jinja {

using Operator = Expression::Operator;

namespace {

constexpr const char* kSigns[] = {"+", "-", "*", "/", "//", "%", "**"};

[[noreturn]] void unsupported(Operator op, const Value& a, const Value& b) {
  if (op == Operator::add && (a.is_text() || a.is_items())) {
    fail(std::string("can only concatenate ") + a.type_name() + " (not \"" + b.type_name() + "\") to " + a.type_name());
  }
  fail(std::string("unsupported operand type(s) for ") + kSigns[static_cast<int>(op)] + ": '" + a.type_name() +
       "' and '" + b.type_name() + "'");
}

Value integer_power(Integer base, Integer exponent) {
  if (exponent < 0) {
    if (base == 0) fail("0.0 cannot be raised to a negative power");
    return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  Integer result = 1;
  while (exponent > 0) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result)) fail("an integer is too large");
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) fail("an integer is too large");
  }
  return Value(result);
}

Value integers(Operator op, Integer a, Integer b) {
  Integer result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::subtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::multiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case Operator::power:
      return integer_power(a, b);
    case Operator::divide:
      if (b == 0) fail("division by zero");
      return Value(static_cast<double>(a) / static_cast<double>(b));
    default: {  // floor_divide and modulo: towards minus infinity
      if (b == 0) fail("integer division or modulo by zero");
      if (b == -1) return op == Operator::modulo ? Value(0) : integers(Operator::subtract, 0, a);
      Integer quotient = a / b, rest = a % b;
      if (rest != 0 && (rest < 0) != (b < 0)) {
        --quotient;
        rest += b;
      }
      return Value(op == Operator::modulo ? rest : quotient);
    }
  }
  if (overflow) fail("an integer is too large");
  return Value(result);
}

Value reals(Operator op, double a, double b) {
  switch (op) {
    case Operator::add:
      return Value(a + b);
    case Operator::subtract:
      return Value(a - b);
    case Operator::multiply:
      return Value(a * b);
    case Operator::power:
      if (a == 0 && b < 0) fail("0.0 cannot be raised to a negative power");
      if (a < 0 && b != std::floor(b)) fail("a negative number cannot be raised to a fraction");
      return Value(std::pow(a, b));
    default:
      break;
  }
  if (b == 0) fail("float division by zero");
  if (op == Operator::divide) return Value(a / b);
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  if (op == Operator::modulo) return Value(rest == 0 ? std::copysign(0.0, b) : rest);
  const double quotient = (a - rest) / b;
  const double whole = std::floor(quotient);
  return Value(quotient - whole > 0.5 ? whole + 1 : whole);
}

}  // namespace

std::size_t find_text(std::string_view in, std::string_view what, std::size_t from) {
  if (from > in.size()) return std::string_view::npos;
  if (what.empty()) return from;
  const void* found =
      memmem(in.data() + from, in.size() - from, what.data(), what.size());  // linear, unlike string::find
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - in.data()) : std::string_view::npos;
}

Value Interpreter::arithmetic(Operator op, const Value& a, const Value& b) {
  if (a.is_undefined()) fail_undefined(a);
  if (a.is_text() && op == Operator::modulo) return made(format_percent(a.text(), b));
  if (b.is_undefined()) fail_undefined(b);
  if (a.is_integral() && b.is_integral()) return integers(op, a.integer(), b.integer());
  if (a.is_number() && b.is_number()) return reals(op, a.real(), b.real());
  if (op == Operator::add && a.is_text() && b.is_text()) {
    charge(a.text().size() + b.text().size());
    return Value(a.text() + b.text());
  }
  if (op == Operator::add && a.is_items() && b.is_items() && a.items().kind == b.items().kind &&
      a.items().kind <= Sequence::Kind::tuple) {
    std::vector<Value> joined = a.items().items;
    joined.insert(joined.end(), b.items().items.begin(), b.items().items.end());
    return list(std::move(joined), a.items().kind);
  }
  if (op == Operator::multiply && (a.is_integral() || b.is_integral())) {
    const Value& times = a.is_integral() ? a : b;
    const Value& what = a.is_integral() ? b : a;
    const bool sequence = what.is_items() && what.items().kind <= Sequence::Kind::tuple;
    if (!what.is_text() && !sequence) unsupported(op, a, b);
    const std::size_t size = what.is_text() ? what.text().size() : what.items().items.size() * sizeof(Value);
    const Integer count = std::max(times.integer(), Integer{0});
    if (size > 0 && count > static_cast<Integer>(kMaxText / size))
      fail("a text or list is larger than a template may make");
    charge(size * static_cast<std::size_t>(count));
    std::string text;
    std::vector<Value> items;
    for (Integer i = 0; i < count && size > 0; ++i) {
      if (what.is_text())
        text += what.text();
      else
        items.insert(items.end(), what.items().items.begin(), what.items().items.end());
    }
    return what.is_text() ? Value(std::move(text)) : list(std::move(items), what.items().kind);
  }
  unsupported(op, a, b);
}

std::vector<std::size_t> slice_indexes(const Value& start, const Value& stop, const Value& step, std::size_t length) {
  const auto bound = [](const Value& value) -> std::optional<Integer> {
    if (value.is_none()) return std::nullopt;
    if (!value.is_integral()) fail("slice indices must be integers or None");
    return value.integer();
  };
  const Integer size = static_cast<Integer>(length);
  const Integer by = bound(step).value_or(1);
  if (by == 0) fail("slice step cannot be zero");
  const Integer lowest = by > 0 ? 0 : -1, highest = by > 0 ? size : size - 1;
  const auto clamp = [&](std::optional<Integer> given, Integer otherwise) {
    if (!given) return otherwise;
    const Integer from_start = *given < 0 ? *given + size : *given;
    return std::clamp(from_start, lowest, highest);
  };
  const Integer first = clamp(bound(start), by > 0 ? lowest : highest);
  const Integer last = clamp(bound(stop), by > 0 ? highest : lowest);
  std::vector<std::size_t> indexes;
  if (by > size || by < -size) {  // one at most; a larger step could overflow
    if (by > 0 ? first < last : first > last) indexes.push_back(static_cast<std::size_t>(first));
    return indexes;
  }
  for (Integer i = first; by > 0 ? i < last : i > last; i += by) indexes.push_back(static_cast<std::size_t>(i));
  return indexes;
}

const std::string& text_of(const Value& value, std::string_view function) {
  if (value.is_undefined()) fail_undefined(value);
  if (!value.is_text()) fail(std::string(function) + "() wants a str, not " + value.type_name());
  return value.text();
}

long integer_of(const Value& value, std::string_view function) {
  if (value.is_undefined()) fail_undefined(value);
  if (!value.is_integral()) fail(std::string(function) + "() wants an int, not " + value.type_name());
  const Integer number = value.integer();
  if (number > std::numeric_limits<long>::max() || number < std::numeric_limits<long>::min())
    fail("an integer is too large");
  return static_cast<long>(number);
}

}  // namespace fthost::text::jinja
