// Value: what a template computes with, Python's types as Jinja sees them. Values are cheap to copy and immutable;
// namespaces and loops, which are not, are owned by the interpreter and only pointed to, so that values never form a
// cycle. One thread: a render's values stay with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace fthost::text::jinja {

// Thrown inside the engine, turned into an Error with the line at its border.
struct TemplateError : std::runtime_error {
  explicit TemplateError(const std::string& message, bool by_template = false)
      : std::runtime_error(message), raised_by_template(by_template) {}
  bool raised_by_template;  // raise_exception() rather than the engine
};

class Interpreter;
class Value;
struct Arguments;
struct Namespace;
struct Loop;

// Python's have no limit: a result outside of these is an error. Those of a conversation are JSON's, see ChatTemplate.
__extension__ typedef __int128 Integer;

struct None {};
struct Undefined {
  std::shared_ptr<const std::string> why;  // the message if it is used
};
struct Sequence;
struct Mapping;
struct Callable;

inline constexpr int kMaxDepth = 100;                  // of lists in lists
inline constexpr std::size_t kMaxWeight = 10'000'000;  // values in a value, those in shared parts counted each time

class Value {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Items = std::shared_ptr<const Sequence>;
  using Dict = std::shared_ptr<const Mapping>;
  using Function = std::shared_ptr<const Callable>;

  Value() : held_(None{}) {}
  Value(bool v) : held_(v) {}
  Value(Integer v) : held_(v) {}
  Value(int v) : held_(Integer{v}) {}
  Value(std::size_t v) : held_(static_cast<Integer>(v)) {}
  Value(double v) : held_(v) {}
  Value(std::string v) : held_(std::make_shared<const std::string>(std::move(v))) {}
  Value(std::string_view v) : Value(std::string(v)) {}
  Value(const char* v) : Value(std::string(v)) {}
  Value(Items v) : held_(std::move(v)) {}
  Value(Dict v) : held_(std::move(v)) {}
  Value(Function v) : held_(std::move(v)) {}
  Value(Namespace* v) : held_(v) {}
  Value(Loop* v) : held_(v) {}
  static Value undefined(std::string why);

  template <class T>
  bool is() const {
    return std::holds_alternative<T>(held_);
  }
  template <class T>
  const T& as() const {
    return std::get<T>(held_);
  }
  bool is_undefined() const { return is<Undefined>(); }
  bool is_none() const { return is<None>(); }
  bool is_text() const { return is<Text>(); }
  bool is_items() const { return is<Items>(); }
  bool is_dict() const { return is<Dict>(); }
  bool is_integral() const { return is<Integer>() || is<bool>(); }  // Python's bool is an int
  bool is_number() const { return is_integral() || is<double>(); }
  const std::string& text() const { return *as<Text>(); }
  const Sequence& items() const { return *as<Items>(); }
  const Mapping& dict() const { return *as<Dict>(); }
  Integer integer() const { return is<bool>() ? Integer{as<bool>()} : as<Integer>(); }
  double real() const { return is<double>() ? as<double>() : static_cast<double>(integer()); }

  bool truth() const;
  int depth() const;
  std::size_t weight() const;
  const char* type_name() const;  // Python's: "str", "NoneType", ...

 private:
  std::variant<Undefined, None, bool, Integer, double, Text, Items, Dict, Function, Namespace*, Loop*> held_;
};

struct Sequence {
  enum class Kind { list, tuple, range, generator, keys, values, items };
  std::vector<Value> items;
  Kind kind = Kind::list;
  int depth = 1;
  std::size_t weight = 1;
  bool grouped = false;           // a pair of groupby's: .grouper and .list
  mutable bool consumed = false;  // of a generator: it can be walked once
};

struct Mapping {
  std::vector<std::pair<Value, Value>> entries;             // in the order of insertion
  std::unordered_map<std::string_view, std::size_t> index;  // of text keys, once there are many
  int depth = 1;
  std::size_t weight = 1;
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;
};

struct Callable {
  std::string name;
  std::function<Value(Interpreter&, Arguments&)> call;
  int depth = 1;  // of what it is bound to
};

struct Namespace {
  std::vector<std::pair<std::string, Value>> fields;
  Value* find(std::string_view name);
  void set(const std::string& name, Value value);
};

Value make_list(std::vector<Value> items, Sequence::Kind kind = Sequence::Kind::list);

class DictBuilder {
 public:
  void set(Value key, Value value);  // a key that is there keeps its place; TemplateError if it cannot be a key
  bool add(const Value& key);        // with no value; false: it was there
  std::size_t size() const { return made_->entries.size(); }
  Value finish();

 private:
  std::shared_ptr<Mapping> made_ = std::make_shared<Mapping>();
};

bool equals(const Value& a, const Value& b);
// <0, 0, >0. TemplateError for types without an order.
int compare(const Value& a, const Value& b);

// Python's str() and repr().
std::string to_text(const Value& value);
std::string to_repr(const Value& value);
std::string integer_text(Integer value);
std::string real_text(double value);

// json.dumps(value, ...) with Python's spelling. indent < 0: one line.
struct JsonStyle {
  bool ascii = false;
  bool sort_keys = false;
  bool lines = false;
  std::string indent;  // per level, with lines
  std::string item_separator = ", ", key_separator = ": ";
};
std::string to_json(const Value& value, const JsonStyle& style);

[[noreturn]] void fail(const std::string& message);
[[noreturn]] void fail_undefined(const Value& value);

}  // namespace fthost::text::jinja
