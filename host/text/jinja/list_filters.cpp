// Filters on lists, dicts and whatever can be walked.
#include <algorithm>

#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

using Kind = Sequence::Kind;

Value generator(Interpreter& in, std::vector<Value> items) { return in.list(std::move(items), Kind::generator); }

// Reads a path such as "function.name" or "0.role" from a value, item by item; ints are indexes.
class Getter {
 public:
  explicit Getter(const Value& attribute, std::optional<Value> otherwise = std::nullopt)
      : otherwise_(std::move(otherwise)) {
    if (attribute.is_integral()) {
      path_.push_back(attribute);
      return;
    }
    std::string_view rest = text_of(attribute, "attribute");
    while (true) {
      const std::size_t dot = rest.find('.');
      const std::string_view part = rest.substr(0, dot);
      if (!part.empty() && part.size() < 18 && part.find_first_not_of("0123456789") == std::string_view::npos) {
        path_.emplace_back(Integer{std::stoll(std::string(part))});
      } else {
        path_.emplace_back(part);
      }
      if (dot == std::string_view::npos) break;
      rest = rest.substr(dot + 1);
    }
  }
  Value operator()(Interpreter& in, const Value& from) const {
    Value value = from;
    for (const Value& part : path_) {
      value = in.item(value, part);
      if (value.is_undefined() && otherwise_) value = *otherwise_;
    }
    return value;
  }

 private:
  std::vector<Value> path_;
  std::optional<Value> otherwise_;
};

// What sort, unique, min, max and groupby compare: the attribute, in lower case unless case counts.
Value sort_key(Interpreter& in, const Value& item, const std::optional<Getter>& attribute, bool case_sensitive) {
  Value key = attribute ? (*attribute)(in, item) : item;
  if (!case_sensitive && key.is_text()) key = in.made(lower(key.text()));
  return key;
}

std::optional<Getter> getter(const std::optional<Value>& attribute) {
  if (!attribute || attribute->is_none()) return std::nullopt;
  return Getter(*attribute);
}

// Positions sorted by their keys; equal ones keep their order, also in reverse, as Python has it.
std::vector<std::size_t> sorted_positions(Interpreter& in, const std::vector<Value>& keys, bool reverse) {
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    in.step(1 + std::min(keys[a].weight(), keys[b].weight()) / 8);
    return reverse ? compare(keys[b], keys[a]) < 0 : compare(keys[a], keys[b]) < 0;
  });
  return order;
}

Value length(Interpreter&, const Value& value, Arguments& given) {
  given.done("length", 0);
  if (value.is_undefined()) return Value(0);
  if (value.is_text()) return Value(count_code_points(value.text()));
  if (value.is_dict()) return Value(value.dict().entries.size());
  if (value.is<Loop*>()) return Value(value.as<Loop*>()->items->items.size());
  if (value.is_items() && value.items().kind != Kind::generator) return Value(value.items().items.size());
  fail(std::string("object of type '") + value.type_name() + "' has no len()");
}

Value list(Interpreter& in, const Value& value, Arguments& given) {
  given.done("list", 0);
  return in.list(in.iterate(value)->items);
}

Value first(Interpreter& in, const Value& value, Arguments& given) {
  given.done("first", 0);
  const auto items = in.iterate(value);
  return items->items.empty() ? Value::undefined("No first item, sequence was empty.") : items->items.front();
}

Value last(Interpreter& in, const Value& value, Arguments& given) {
  given.done("last", 0);
  if (value.is_items() && value.items().kind == Kind::generator) fail("'generator' object is not reversible");
  const auto items = in.iterate(value);
  return items->items.empty() ? Value::undefined("No last item, sequence was empty.") : items->items.back();
}

Value join(Interpreter& in, const Value& value, Arguments& given) {
  const std::string separator = to_text(given.take(0, "d").value_or(Value("")));
  const auto attribute = getter(given.take(1, "attribute"));
  given.done("join", 2);
  std::string out;
  bool rest = false;
  for (const Value& item : in.iterate(value)->items) {
    if (std::exchange(rest, true)) out += separator;
    out += to_text(attribute ? (*attribute)(in, item) : item);
    if (out.size() > kMaxText) fail("a text is larger than a template may make");
  }
  return in.made(std::move(out));
}

Value items(Interpreter& in, const Value& value, Arguments& given) {
  given.done("items", 0);
  if (value.is_undefined()) return generator(in, {});
  if (!value.is_dict()) fail("Can only get item pairs from a mapping.");
  std::vector<Value> out;
  for (const auto& [key, one] : value.dict().entries) out.push_back(in.list({key, one}, Kind::tuple));
  return generator(in, std::move(out));
}

Value default_filter(Interpreter&, const Value& value, Arguments& given) {
  const Value otherwise = given.take(0, "default_value").value_or(Value(""));
  const bool falsy = given.take(1, "boolean").value_or(Value(false)).truth();
  given.done("default", 2);
  return value.is_undefined() || (falsy && !value.truth()) ? otherwise : value;
}

Value attr(Interpreter& in, const Value& value, Arguments& given) {
  const std::string name = to_text(given.require("attr", 0, "name"));
  given.done("attr", 1);
  if (value.is<Namespace*>() || value.is<Loop*>()) return in.attribute(value, name);
  if (auto method = find_method(value, name)) return std::move(*method);
  return Value::undefined(std::string("'") + value.type_name() + " object' has no attribute '" + name + "'");
}

// map, select and their like take what is false, None too, for an empty list.
Value map(Interpreter& in, const Value& value, Arguments& given) {
  if (!value.truth()) return generator(in, {});
  const auto source = in.iterate(value);
  std::vector<Value> out;
  if (given.positional.empty()) {
    const Value attribute = given.require("map", 0, "attribute");
    const Getter get(attribute, given.take(1, "default"));
    given.done("map", 0);
    for (const Value& item : source->items) out.push_back(get(in, item));
    return generator(in, std::move(out));
  }
  const std::string name = text_of(given.positional[0], "map");
  const FilterFunction filter = find_filter(name);
  if (!filter) fail("the filter '" + name + "' is not known");
  given.positional.erase(given.positional.begin());
  for (const Value& item : source->items) {
    in.step();
    Arguments each = given;
    out.push_back(filter(in, item, each));
  }
  return generator(in, std::move(out));
}

// select, reject and their attr forms: keeps the items for which a test says `Wanted`.
template <bool Wanted, bool OfAttribute>
Value choose(Interpreter& in, const Value& value, Arguments& given) {
  if (!value.truth()) return generator(in, {});
  const auto source = in.iterate(value);
  std::optional<Getter> get;
  if (OfAttribute) {
    if (given.positional.empty()) fail("Missing parameter for attribute name");
    get = Getter(given.positional[0]);
    given.positional.erase(given.positional.begin());
  }
  TestFunction test = nullptr;
  if (!given.positional.empty()) {
    const std::string name = text_of(given.positional[0], "select");
    test = find_test(name);
    if (!test) fail("the test '" + name + "' is not known");
    given.positional.erase(given.positional.begin());
  }
  std::vector<Value> out;
  for (const Value& item : source->items) {
    in.step();
    const Value tested = get ? (*get)(in, item) : item;
    Arguments each = given;
    if ((test ? test(in, tested, each) : tested.truth()) == Wanted) out.push_back(item);
  }
  return generator(in, std::move(out));
}

Value sort(Interpreter& in, const Value& value, Arguments& given) {
  const bool reverse = given.take(0, "reverse").value_or(Value(false)).truth();
  const bool case_sensitive = given.take(1, "case_sensitive").value_or(Value(false)).truth();
  const auto attribute = given.take(2, "attribute");
  given.done("sort", 3);
  std::vector<Getter> by;
  if (attribute && attribute->is_text()) {
    std::string_view rest = attribute->text();
    for (std::size_t comma = 0; comma != std::string_view::npos; rest = rest.substr(comma + 1)) {
      comma = rest.find(',');
      by.emplace_back(Value(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
    }
  } else if (attribute && !attribute->is_none()) {
    by.emplace_back(*attribute);
  }
  const auto source = in.iterate(value);
  std::vector<Value> keys;
  for (const Value& item : source->items) {
    std::vector<Value> parts;
    for (const Getter& get : by) parts.push_back(sort_key(in, item, get, case_sensitive));
    if (by.empty())
      keys.push_back(sort_key(in, item, std::nullopt, case_sensitive));
    else
      keys.push_back(by.size() == 1 ? parts[0] : in.list(std::move(parts)));
  }
  std::vector<Value> out;
  for (const std::size_t i : sorted_positions(in, keys, reverse)) out.push_back(source->items[i]);
  return in.list(std::move(out));
}

Value unique(Interpreter& in, const Value& value, Arguments& given) {
  const bool case_sensitive = given.take(0, "case_sensitive").value_or(Value(false)).truth();
  const auto attribute = getter(given.take(1, "attribute"));
  given.done("unique", 2);
  DictBuilder seen;
  std::vector<Value> out;
  for (const Value& item : in.iterate(value)->items) {
    in.step(1 + out.size() / 8);
    if (seen.add(sort_key(in, item, attribute, case_sensitive))) out.push_back(item);
  }
  return generator(in, std::move(out));
}

template <bool Most>
Value extreme(Interpreter& in, const Value& value, Arguments& given) {
  const bool case_sensitive = given.take(0, "case_sensitive").value_or(Value(false)).truth();
  const auto attribute = getter(given.take(1, "attribute"));
  given.done(Most ? "max" : "min", 2);
  const auto source = in.iterate(value);
  if (source->items.empty()) return Value::undefined("No aggregated item, sequence was empty.");
  Value best = source->items[0], best_key = sort_key(in, best, attribute, case_sensitive);
  for (std::size_t i = 1; i < source->items.size(); ++i) {
    const Value key = sort_key(in, source->items[i], attribute, case_sensitive);
    in.step(1 + key.weight() / 8);
    if (Most ? compare(best_key, key) >= 0 : compare(key, best_key) >= 0) continue;
    best = source->items[i];
    best_key = key;
  }
  return best;
}

Value sum(Interpreter& in, const Value& value, Arguments& given) {
  const auto attribute = getter(given.take(0, "attribute"));
  Value total = given.take(1, "start").value_or(Value(0));
  given.done("sum", 2);
  for (const Value& item : in.iterate(value)->items) {
    in.step();
    total = in.arithmetic(Expression::Operator::add, total, attribute ? (*attribute)(in, item) : item);
  }
  return total;
}

Value groupby(Interpreter& in, const Value& value, Arguments& given) {
  const Value attribute = given.require("groupby", 0, "attribute");
  const std::optional<Getter> get = Getter(attribute, given.take(1, "default"));
  const bool case_sensitive = given.take(2, "case_sensitive").value_or(Value(false)).truth();
  given.done("groupby", 3);
  const auto source = in.iterate(value);
  std::vector<Value> keys;
  for (const Value& item : source->items) keys.push_back(sort_key(in, item, get, case_sensitive));
  const std::vector<std::size_t> order = sorted_positions(in, keys, false);
  std::vector<Value> out;
  for (std::size_t i = 0; i < order.size();) {
    std::vector<Value> group;
    const std::size_t begin = i;
    for (; i < order.size() && equals(keys[order[i]], keys[order[begin]]); ++i)
      group.push_back(source->items[order[i]]);
    Value name = (*get)(in, group[0]);
    const Value pair = in.list({std::move(name), in.list(std::move(group))}, Kind::tuple);
    const auto named = std::make_shared<Sequence>(pair.items());
    named->grouped = true;
    out.push_back(Value(Value::Items(named)));
  }
  return in.list(std::move(out));
}

Value dictsort(Interpreter& in, const Value& value, Arguments& given) {
  const bool case_sensitive = given.take(0, "case_sensitive").value_or(Value(false)).truth();
  const std::string by = to_text(given.take(1, "by").value_or(Value("key")));
  const bool reverse = given.take(2, "reverse").value_or(Value(false)).truth();
  given.done("dictsort", 3);
  if (by != "key" && by != "value") fail("You can only sort by either 'key' or 'value'");
  if (!value.is_dict()) fail(std::string("dictsort() wants a dict, not ") + value.type_name());
  const auto& entries = value.dict().entries;
  std::vector<Value> keys;
  for (const auto& [key, one] : entries)
    keys.push_back(sort_key(in, by == "key" ? key : one, std::nullopt, case_sensitive));
  std::vector<Value> out;
  for (const std::size_t i : sorted_positions(in, keys, reverse))
    out.push_back(in.list({entries[i].first, entries[i].second}, Kind::tuple));
  return in.list(std::move(out));
}

Value batch(Interpreter& in, const Value& value, Arguments& given) {
  const long size = integer_of(given.require("batch", 0, "linecount"), "batch");
  const auto fill = given.take(1, "fill_with");
  given.done("batch", 2);
  if (size < 1) fail("batch() wants a positive number");
  std::vector<Value> out, row;
  for (const Value& item : in.iterate(value)->items) {
    if (static_cast<long>(row.size()) == size) out.push_back(in.list(std::exchange(row, {})));
    row.push_back(item);
  }
  if (fill && !fill->is_none() && !row.empty()) {
    in.charge(static_cast<std::size_t>(std::max(0L, size - static_cast<long>(row.size()))) * sizeof(Value));
    row.resize(static_cast<std::size_t>(size), *fill);
  }
  if (!row.empty()) out.push_back(in.list(std::move(row)));
  return generator(in, std::move(out));
}

Value slice(Interpreter& in, const Value& value, Arguments& given) {
  const long slices = integer_of(given.require("slice", 0, "slices"), "slice");
  const auto fill = given.take(1, "fill_with");
  given.done("slice", 2);
  if (slices < 1 || slices > static_cast<long>(kMaxRange)) fail("slice() wants a positive number");
  const auto source = in.iterate(value);
  const std::size_t count = static_cast<std::size_t>(slices), each = source->items.size() / count,
                    longer = source->items.size() % count;
  std::vector<Value> out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Value> row;
    for (const std::size_t end = at + each + (i < longer); at < end; ++at) row.push_back(source->items[at]);
    if (fill && !fill->is_none() && i >= longer) row.push_back(*fill);
    out.push_back(in.list(std::move(row)));
  }
  return generator(in, std::move(out));
}

Value reverse(Interpreter& in, const Value& value, Arguments& given) {
  given.done("reverse", 0);
  if (value.is_text()) {
    std::u32string points = to_code_points(value.text());
    std::ranges::reverse(points);
    std::string out;
    for (const char32_t c : points) append_utf8(out, c);
    return in.made(std::move(out));
  }
  std::vector<Value> out = in.iterate(value)->items;
  std::ranges::reverse(out);
  return generator(in, std::move(out));
}

struct NamedListFilter {
  std::string_view name;
  FilterFunction filter;
};
constexpr NamedListFilter kListFilters[] = {{"attr", attr},
                                            {"batch", batch},
                                            {"count", length},
                                            {"d", default_filter},
                                            {"default", default_filter},
                                            {"dictsort", dictsort},
                                            {"first", first},
                                            {"groupby", groupby},
                                            {"items", items},
                                            {"join", join},
                                            {"last", last},
                                            {"length", length},
                                            {"list", list},
                                            {"map", map},
                                            {"max", extreme<true>},
                                            {"min", extreme<false>},
                                            {"reject", choose<false, false>},
                                            {"rejectattr", choose<false, true>},
                                            {"reverse", reverse},
                                            {"select", choose<true, false>},
                                            {"selectattr", choose<true, true>},
                                            {"slice", slice},
                                            {"sort", sort},
                                            {"sum", sum},
                                            {"unique", unique}};

}  // namespace

FilterFunction find_list_filter(std::string_view name) {
  const auto found = std::ranges::find(kListFilters, name, &NamedListFilter::name);
  return found != std::end(kListFilters) ? found->filter : nullptr;
}

}  // namespace fthost::text::jinja
