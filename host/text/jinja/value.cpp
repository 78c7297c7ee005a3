#include "text/jinja/value.hpp"

#include <algorithm>
#include <cmath>

#include "text/jinja/interpreter.hpp"

namespace fthost::text::jinja {
namespace {

constexpr std::size_t kIndexFrom = 12;  // entries from which a mapping is indexed

int nested(int depth) {
  if (depth > kMaxDepth) fail("values are nested too deeply");
  return depth;
}
std::size_t weighed(std::size_t weight) {
  if (weight > kMaxWeight) fail("a value holds too many others");
  return weight;
}

int order(double a, double b) { return a < b ? -1 : a > b; }

}  // namespace

void fail(const std::string& message) { throw TemplateError(message); }

void fail_undefined(const Value& value) { fail(*value.as<Undefined>().why); }

Value Value::undefined(std::string why) {
  Value made;
  made.held_ = Undefined{std::make_shared<const std::string>(std::move(why))};
  return made;
}

bool Value::truth() const {
  if (is<bool>()) return as<bool>();
  if (is<Integer>()) return as<Integer>() != 0;
  if (is<double>()) return as<double>() != 0;
  if (is_text()) return !text().empty();
  if (is_items()) return items().kind == Sequence::Kind::generator || !items().items.empty();
  if (is_dict()) return !dict().entries.empty();
  return !is_undefined() && !is_none();
}

int Value::depth() const {
  if (is_items()) return items().depth;
  if (is_dict()) return dict().depth;
  if (is<Function>()) return as<Function>()->depth;
  return 0;
}

std::size_t Value::weight() const {
  if (is_items()) return items().weight;
  if (is_dict()) return dict().weight;
  return 1 + (is_text() ? text().size() / 64 : 0);
}

const char* Value::type_name() const {
  if (is_undefined()) return "Undefined";
  if (is_none()) return "NoneType";
  if (is<bool>()) return "bool";
  if (is<Integer>()) return "int";
  if (is<double>()) return "float";
  if (is_text()) return "str";
  if (is_dict()) return "dict";
  if (is<Function>()) return "function";
  if (is<Namespace*>()) return "Namespace";
  if (is<Loop*>()) return "LoopContext";
  switch (items().kind) {
    case Sequence::Kind::tuple:
      return "tuple";
    case Sequence::Kind::range:
      return "range";
    case Sequence::Kind::generator:
      return "generator";
    case Sequence::Kind::keys:
      return "dict_keys";
    case Sequence::Kind::values:
      return "dict_values";
    case Sequence::Kind::items:
      return "dict_items";
    case Sequence::Kind::list:
      break;
  }
  return "list";
}

const Value* Mapping::find(std::string_view key) const {
  if (!index.empty()) {
    const auto found = index.find(key);
    return found != index.end() ? &entries[found->second].second : nullptr;
  }
  for (const auto& [known, value] : entries) {
    if (known.is_text() && known.text() == key) return &value;
  }
  return nullptr;
}

const Value* Mapping::find(const Value& key) const {
  if (key.is_text()) return find(std::string_view(key.text()));
  for (const auto& [known, value] : entries) {
    if (equals(known, key)) return &value;
  }
  return nullptr;
}

Value* Namespace::find(std::string_view name) {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, Value>::first);
  return found != fields.end() ? &found->second : nullptr;
}

void Namespace::set(const std::string& name, Value value) {
  if (Value* known = find(name))
    *known = std::move(value);
  else
    fields.emplace_back(name, std::move(value));
}

Value make_list(std::vector<Value> items, Sequence::Kind kind) {
  auto made = std::make_shared<Sequence>();
  int depth = 0;
  for (const Value& item : items) {
    depth = std::max(depth, item.depth());
    made->weight = weighed(made->weight + item.weight());
  }
  made->depth = nested(depth + 1);
  made->items = std::move(items);
  made->kind = kind;
  return Value(Value::Items(std::move(made)));
}

void DictBuilder::set(Value key, Value value) {
  if (key.is_dict() || (key.is_items() && key.items().kind == Sequence::Kind::list)) {
    fail(std::string("unhashable type: '") + key.type_name() + "'");
  }
  if (key.is_undefined()) fail_undefined(key);
  made_->weight = weighed(made_->weight + key.weight() + value.weight());
  made_->depth = std::max(made_->depth, nested(std::max(key.depth(), value.depth()) + 1));
  if (const Value* known = made_->find(key)) {
    const_cast<Value&>(*known) = std::move(value);  // still being built, nobody else has seen it
    return;
  }
  made_->entries.emplace_back(std::move(key), std::move(value));
  const std::size_t count = made_->entries.size();
  if (count < kIndexFrom) return;
  for (std::size_t i = count == kIndexFrom ? 0 : count - 1; i < count; ++i) {
    const Value& added = made_->entries[i].first;
    if (added.is_text()) made_->index.emplace(added.text(), i);
  }
}

bool DictBuilder::add(const Value& key) {
  const std::size_t before = made_->entries.size();
  set(key, Value());
  return made_->entries.size() > before;
}

Value DictBuilder::finish() { return Value(Value::Dict(std::move(made_))); }

bool equals(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return a.is_integral() && b.is_integral() ? a.integer() == b.integer() : a.real() == b.real();
  }
  if (a.is_text() && b.is_text()) return a.text() == b.text();
  if (a.is_items() && b.is_items()) {
    const Sequence &x = a.items(), &y = b.items();
    if (&x == &y) return true;
    const bool plain = x.kind == y.kind && x.kind != Sequence::Kind::generator;
    return plain && std::equal(x.items.begin(), x.items.end(), y.items.begin(), y.items.end(), equals);
  }
  if (a.is_dict() && b.is_dict()) {
    const Mapping &x = a.dict(), &y = b.dict();
    if (&x == &y) return true;
    return x.entries.size() == y.entries.size() && std::ranges::all_of(x.entries, [&](const auto& entry) {
             const Value* other = y.find(entry.first);
             return other && equals(entry.second, *other);
           });
  }
  if (a.is<Namespace*>() && b.is<Namespace*>()) return a.as<Namespace*>() == b.as<Namespace*>();
  if (a.is<Loop*>() && b.is<Loop*>()) return a.as<Loop*>() == b.as<Loop*>();
  if (a.is<Value::Function>() && b.is<Value::Function>()) return a.as<Value::Function>() == b.as<Value::Function>();
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

int compare(const Value& a, const Value& b) {
  if (a.is_undefined()) fail_undefined(a);
  if (b.is_undefined()) fail_undefined(b);
  if (a.is_integral() && b.is_integral()) return a.integer() < b.integer() ? -1 : a.integer() > b.integer();
  if (a.is_number() && b.is_number()) return order(a.real(), b.real());
  if (a.is_text() && b.is_text()) return a.text().compare(b.text());  // UTF-8 keeps the order of code points
  if (a.is_items() && b.is_items() && a.items().kind == b.items().kind) {
    const auto &x = a.items().items, &y = b.items().items;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (!equals(x[i], y[i])) return compare(x[i], y[i]);
    }
    return x.size() < y.size() ? -1 : x.size() > y.size();
  }
  fail(std::string("'<' not supported between instances of '") + a.type_name() + "' and '" + b.type_name() + "'");
}

}  // namespace fthost::text::jinja
