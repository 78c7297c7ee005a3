// Functions that every template has: range, namespace, dict, cycler, joiner, raise_exception, strftime_now.
#include <algorithm>
#include <ctime>
#include <unordered_map>

#include "text/jinja/library.hpp"

namespace fthost::text::jinja {
namespace {

using Call = Value (*)(Interpreter&, Arguments&);

Value::Function function(std::string name, std::function<Value(Interpreter&, Arguments&)> call) {
  auto made = std::make_shared<Callable>();
  made->name = std::move(name);
  made->call = std::move(call);
  return made;
}

Value range(Interpreter& in, Arguments& given) {
  given.done("range", 3);
  if (given.positional.empty()) fail("range() wants 1 to 3 arguments");
  const std::size_t count = given.positional.size();
  const long first = count > 1 ? integer_of(given.positional[0], "range") : 0;
  const long last = integer_of(given.positional[count > 1 ? 1 : 0], "range");
  const long step = count > 2 ? integer_of(given.positional[2], "range") : 1;
  if (step == 0) fail("range() arg 3 must not be zero");
  std::vector<Value> items;
  for (Integer i = first; step > 0 ? i < last : i > last; i += step) {
    if (items.size() == kMaxRange) fail("range() is longer than " + std::to_string(kMaxRange));
    items.emplace_back(i);
  }
  return in.list(std::move(items), Sequence::Kind::range);
}

// dict(mapping or pairs, name=value ...)
Value dict(Interpreter& in, Arguments& given) {
  if (given.positional.size() > 1) fail("dict() takes one positional argument");
  DictBuilder out;
  if (!given.positional.empty()) {
    const Value& from = given.positional[0];
    if (from.is_dict()) {
      in.charge(from.dict().entries.size() * 2 * sizeof(Value));
      for (const auto& [key, value] : from.dict().entries) out.set(key, value);
    } else {
      for (const Value& pair : in.iterate(from)->items) {
        const auto parts = in.iterate(pair);
        if (parts->items.size() != 2) fail("dict() wants pairs");
        in.charge(2 * sizeof(Value));
        in.step(1 + out.size() / 8);
        out.set(parts->items[0], parts->items[1]);
      }
    }
  }
  for (auto& [name, value] : given.named) out.set(Value(name), value);
  given.named.clear();
  return out.finish();
}

Value name_space(Interpreter& in, Arguments& given) {
  const Value fields = dict(in, given);
  Namespace* made = in.make_namespace();
  for (const auto& [key, value] : fields.dict().entries) made->set(text_of(key, "namespace"), value);
  return Value(made);
}

Value raise_exception(Interpreter&, Arguments& given) {
  const Value message = given.require("raise_exception", 0, "message");
  given.done("raise_exception", 1);
  throw TemplateError(to_text(message), true);
}

Value strftime_now(Interpreter& in, Arguments& given) {
  const std::string format = text_of(given.require("strftime_now", 0, "format"), "strftime_now");
  given.done("strftime_now", 1);
  if (format.empty()) return Value("");
  const std::tm now = in.now();
  // strftime cannot tell an empty result from a full buffer; a final character makes the result never empty.
  const std::string marked = format + ".";
  std::string text(64 + format.size() * 32, '\0');
  const std::size_t size = std::strftime(text.data(), text.size(), marked.c_str(), &now);
  if (size == 0) fail("strftime_now() cannot format '" + format + "'");
  text.resize(size - 1);
  return in.made(std::move(text));
}

Value joiner(Interpreter& in, Arguments& given) {
  const Value separator = given.take(0, "sep").value_or(Value(", "));
  given.done("joiner", 1);
  in.charge(sizeof(Callable));
  return Value(function("joiner", [separator, used = false](Interpreter&, Arguments& none) mutable {
    none.done("joiner", 0);
    return std::exchange(used, true) ? separator : Value("");
  }));
}

Value cycler(Interpreter& in, Arguments& given) {
  if (given.positional.empty()) fail("cycler() wants at least one item");
  const Value::Items items = in.list(std::move(given.positional)).as<Value::Items>();
  Namespace* made = in.make_namespace();
  made->set("current", items->items[0]);
  const auto position = std::make_shared<std::size_t>(0);
  const auto move = [made, items, position](std::size_t to) {
    *position = to % items->items.size();
    made->set("current", items->items[*position]);
  };
  made->set("next", Value(function("next", [items, position, move](Interpreter&, Arguments&) {
              const Value current = items->items[*position];
              move(*position + 1);
              return current;
            })));
  made->set("reset", Value(function("reset", [move](Interpreter&, Arguments&) {
              move(0);
              return Value();
            })));
  return Value(made);
}

}  // namespace

Value::Function find_global(std::string_view name) {
  static const std::unordered_map<std::string_view, Value::Function> known = [] {
    std::unordered_map<std::string_view, Value::Function> made;
    const std::pair<std::string_view, Call> all[] = {{"range", range},
                                                     {"dict", dict},
                                                     {"namespace", name_space},
                                                     {"raise_exception", raise_exception},
                                                     {"strftime_now", strftime_now},
                                                     {"joiner", joiner},
                                                     {"cycler", cycler}};
    for (const auto& [key, call] : all) made.emplace(key, function(std::string(key), call));
    return made;
  }();
  const auto found = known.find(name);
  return found != known.end() ? found->second : nullptr;
}

}  // namespace fthost::text::jinja
