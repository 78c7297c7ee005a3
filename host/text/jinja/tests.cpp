// Tests: what stands after "is".
#include <algorithm>

#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

using Kind = Sequence::Kind;

template <bool (*Check)(const Value&)>
bool simple(Interpreter&, const Value& value, Arguments& given) {
  given.done("test", 0);
  return Check(value);
}

bool is_iterable(const Value& value) {
  return value.is_undefined() || value.is_text() || value.is_items() || value.is_dict() || value.is<Loop*>();
}
bool is_sequence(const Value& value) {
  return value.is_undefined() || value.is_text() || value.is_dict() ||
         (value.is_items() && value.items().kind <= Kind::range);
}
bool is_callable(const Value& value) {
  return value.is_undefined() || value.is<Value::Function>() || value.is<Loop*>();
}

template <bool Lower>
bool is_case(const Value& value) {
  const std::string text = to_text(value);
  return (Lower ? lower(text) : upper(text)) == text && (Lower ? upper(text) : lower(text)) != text;
}

bool rest_is(const Value& value, const Value& by, Integer rest) {
  if (value.is_undefined()) fail_undefined(value);
  if (!value.is_integral() || !by.is_integral())
    fail(std::string("a test for divisibility wants ints, not ") + value.type_name());
  const Integer divisor = by.integer();
  if (divisor == 0) fail("integer modulo by zero");
  if (divisor == -1) return rest == 0;
  const Integer found = value.integer() % divisor;
  return (found < 0 ? -found : found) == rest;
}

bool even(Interpreter&, const Value& value, Arguments& given) {
  given.done("even", 0);
  return rest_is(value, Value(2), 0);
}
bool odd(Interpreter&, const Value& value, Arguments& given) {
  given.done("odd", 0);
  return rest_is(value, Value(2), 1);
}
bool divisible_by(Interpreter&, const Value& value, Arguments& given) {
  const Value by = given.require("divisibleby", 0, "num");
  given.done("divisibleby", 1);
  return rest_is(value, by, 0);
}

template <Expression::Operator Op>
bool compares(Interpreter& in, const Value& value, Arguments& given) {
  const Value other = given.require("test", 0, "other");
  given.done("test", 1);
  return in.compared(Op, value, other);
}

// Python's `is`: the same object, or an equal None, bool, number or text.
bool same_as(Interpreter&, const Value& value, Arguments& given) {
  const Value other = given.require("sameas", 0, "other");
  given.done("sameas", 1);
  if (value.is_items() && other.is_items()) return &value.items() == &other.items();
  if (value.is_dict() && other.is_dict()) return &value.dict() == &other.dict();
  return std::string_view(value.type_name()) == other.type_name() && equals(value, other);
}

template <bool Filter>
bool is_known(Interpreter&, const Value& value, Arguments& given) {
  given.done("test", 0);
  const std::string& name = text_of(value, "test");
  return Filter ? find_filter(name) != nullptr : find_test(name) != nullptr;
}

struct NamedTest {
  std::string_view name;
  TestFunction test;
};
using Operator = Expression::Operator;
constexpr NamedTest kTests[] = {{"defined", simple<[](const Value& v) { return !v.is_undefined(); }>},
                                {"undefined", simple<[](const Value& v) { return v.is_undefined(); }>},
                                {"none", simple<[](const Value& v) { return v.is_none(); }>},
                                {"string", simple<[](const Value& v) { return v.is_text(); }>},
                                {"number", simple<[](const Value& v) { return v.is_number(); }>},
                                {"integer", simple<[](const Value& v) { return v.is<Integer>(); }>},
                                {"float", simple<[](const Value& v) { return v.is<double>(); }>},
                                {"boolean", simple<[](const Value& v) { return v.is<bool>(); }>},
                                {"true", simple<[](const Value& v) { return v.is<bool>() && v.as<bool>(); }>},
                                {"false", simple<[](const Value& v) { return v.is<bool>() && !v.as<bool>(); }>},
                                {"mapping", simple<[](const Value& v) { return v.is_dict(); }>},
                                {"escaped", simple<[](const Value&) { return false; }>},
                                {"iterable", simple<is_iterable>},
                                {"sequence", simple<is_sequence>},
                                {"callable", simple<is_callable>},
                                {"lower", simple<is_case<true>>},
                                {"upper", simple<is_case<false>>},
                                {"even", even},
                                {"odd", odd},
                                {"divisibleby", divisible_by},
                                {"sameas", same_as},
                                {"filter", is_known<true>},
                                {"test", is_known<false>},
                                {"eq", compares<Operator::equal>},
                                {"equalto", compares<Operator::equal>},
                                {"==", compares<Operator::equal>},
                                {"ne", compares<Operator::not_equal>},
                                {"!=", compares<Operator::not_equal>},
                                {"lt", compares<Operator::less>},
                                {"lessthan", compares<Operator::less>},
                                {"<", compares<Operator::less>},
                                {"le", compares<Operator::less_equal>},
                                {"<=", compares<Operator::less_equal>},
                                {"gt", compares<Operator::greater>},
                                {"greaterthan", compares<Operator::greater>},
                                {">", compares<Operator::greater>},
                                {"ge", compares<Operator::greater_equal>},
                                {">=", compares<Operator::greater_equal>},
                                {"in", compares<Operator::in>}};

}  // namespace

TestFunction find_test(std::string_view name) {
  const auto found = std::ranges::find(kTests, name, &NamedTest::name);
  return found != std::end(kTests) ? found->test : nullptr;
}

}  // namespace fthost::text::jinja
