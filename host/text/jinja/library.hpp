// What templates can call by name: filters, tests, functions and the methods of Python's types.
#pragma once

#include <optional>
#include <string_view>

#include "text/jinja/ast.hpp"
#include "text/jinja/interpreter.hpp"

namespace fthost::text::jinja {

// Null: there is none of that name.
FilterFunction find_filter(std::string_view name);
FilterFunction find_text_filter(std::string_view name);
FilterFunction find_list_filter(std::string_view name);
TestFunction find_test(std::string_view name);
// range, namespace, raise_exception ...; null: none.
Value::Function find_global(std::string_view name);

// A method of a str, dict, list, tuple, int or float: a function bound to `self`. Nothing: Python's type has none of
// that name; Undefined: it has, but it would change the value.
std::optional<Value> find_method(const Value& self, std::string_view name);

// Python's text % values and text.format(...).
std::string format_percent(std::string_view text, const Value& values);
std::string format_braces(std::string_view text, Arguments& arguments);

// Where `what` begins in a text at or after `from`, in bytes, or npos. Linear time.
std::size_t find_text(std::string_view in, std::string_view what, std::size_t from = 0);
// All of `from` in a text replaced, at most `limit` of them (negative: all). Python's str.replace.
std::string replace_text(std::string_view text, std::string_view from, std::string_view to, long limit);
// Python's str.title and str.capitalize.
std::string title_text(std::string_view text);
std::string capitalize_text(std::string_view text);

// What str.isalpha and its like ask of each character. Digits and numbers go by category, which is Python's answer but
// for some signs that have a value without being numbers.
bool is_alphabetic(char32_t c);
bool is_alphanumeric(char32_t c);
bool is_decimal(char32_t c);
bool is_digit(char32_t c);
bool is_numeric(char32_t c);
bool is_python_space(char32_t c);

// Text of a str argument; TemplateError for another type.
const std::string& text_of(const Value& value, std::string_view function);
// An int argument within the range of a long; TemplateError for another type.
long integer_of(const Value& value, std::string_view function);
// Python's slice bounds for a length: the indexes to take, in order.
std::vector<std::size_t> slice_indexes(const Value& start, const Value& stop, const Value& step, std::size_t length);

}  // namespace fthost::text::jinja
