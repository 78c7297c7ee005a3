#include "flow/source.hpp"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "flow/rows.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

double number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' ? value : std::nan("");
}

}  // namespace

std::string pointer_of_key(const std::string& key) {
  std::string pointer;
  if (key.empty()) return pointer;
  pointer = "/";
  for (const char c : key) {
    if (c == '.')
      pointer += '/';
    else if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

Result<Filter> Filter::parse(const Json& json) {
  Filter filter;
  for (const auto& [key, value] : json.items()) {
    if (key == "ids" || key == "not_ids") {
      if (!value.is_array()) return make_error(Code::input, "the filter's " + key + " must be a list");
      auto& ids = key == "ids" ? filter.ids_ : filter.not_ids_;
      ids = std::make_shared<std::unordered_set<std::string>>();
      for (const auto& id : value) {
        if (!id.is_string()) return make_error(Code::input, "the filter's " + key + " must be strings");
        ids->insert(id.get<std::string>());
      }
      continue;
    }
    if (key == "has") {
      if (!value.is_string()) return make_error(Code::input, "the filter's `has` must name a field");
      filter.conditions_.push_back({pointer_of_key(value.get<std::string>()), Op::present, "", 0});
      continue;
    }
    Condition condition{pointer_of_key(key), Op::equal, "", std::nan("")};
    if (value.is_number()) {
      condition.number = value.get<double>();
      condition.text = value.dump();
    } else if (value.is_boolean()) {
      condition.text = value.dump();
    } else if (value.is_string()) {
      std::string text = value.get<std::string>();
      static const std::vector<std::pair<std::string, Op>> kOps = {
          {">=", Op::more_equal}, {"<=", Op::less_equal}, {"!=", Op::unequal}, {">", Op::more}, {"<", Op::less}};
      for (const auto& [sign, op] : kOps) {
        if (!text.starts_with(sign)) continue;
        condition.op = op;
        text.erase(0, sign.size());
        while (text.starts_with(' ')) text.erase(0, 1);
        break;
      }
      condition.text = text;
      condition.number = number_of(text);
      const bool ordered = condition.op != Op::equal && condition.op != Op::unequal;
      if (ordered && std::isnan(condition.number)) {
        return make_error(Code::input, "the filter " + key + " = \"" + value.get<std::string>() +
                                           "\" compares with what is no number");
      }
    } else {
      return make_error(Code::input, "the filter " + key + " must be a string, a number or a boolean");
    }
    filter.conditions_.push_back(std::move(condition));
  }
  return filter;
}

bool Filter::fits(const Condition& condition, const data::Value& value) {
  if (condition.op == Op::present) return value && !value.is(data::Kind::null);
  if (!value) return condition.op == Op::unequal;
  if (value.is(data::Kind::array)) {
    bool contains = false;
    const Condition one{condition.pointer, condition.op == Op::unequal ? Op::equal : condition.op, condition.text,
                        condition.number};
    for (data::Value item = value.first(); item; item = item.next()) contains = contains || fits(one, item);
    return contains != (condition.op == Op::unequal);
  }
  if (value.is(data::Kind::number)) {
    const double number = value.number();
    switch (condition.op) {
      case Op::equal:
        return number == condition.number;
      case Op::unequal:
        return number != condition.number;
      case Op::less:
        return number < condition.number;
      case Op::less_equal:
        return number <= condition.number;
      case Op::more:
        return number > condition.number;
      case Op::more_equal:
        return number >= condition.number;
      case Op::present:
        return true;
    }
  }
  if (condition.op != Op::equal && condition.op != Op::unequal) return false;
  const bool same = value.is(data::Kind::string) ? value.equals(condition.text) : value.raw() == condition.text;
  return same == (condition.op == Op::equal);
}

bool Filter::matches(const data::Value& record, std::string_view id) const {
  if (ids_ && !ids_->contains(std::string(id))) return false;
  if (not_ids_ && not_ids_->contains(std::string(id))) return false;
  for (const Condition& condition : conditions_) {
    if (!fits(condition, record.pointer(condition.pointer))) return false;
  }
  return true;
}

Result<void> Source::for_each(const io::CancelToken& cancel, const std::function<bool(const Row&)>& row,
                              const std::function<void(std::uint64_t, std::string_view)>& finding) const {
  if (rows) {
    return rows->for_each(cancel, [&](const Row& here) { return !filter.matches(here.record, here.id) || row(here); });
  }
  const auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  data::Document document;
  std::string id, revision;
  bool stopped = false;
  std::optional<Error> broken;
  context->emit = [&](std::uint32_t channel, std::uint64_t number, std::string_view bytes) {
    if (channel == FT_FINDING && finding) finding(number, bytes);
    if (channel != FT_RECORD) return FT_OK;
    if (!document.parse_object(bytes)) {
      broken = make_error(Code::internal, "the storage gave what is no record: " + document.problem().message,
                          storage->owner());
      return FT_E_CANCELLED;
    }
    const Row here{number, document.find("id").text(id), document.find("revision").text(revision),
                   document.find("record")};
    if (filter.matches(here.record, here.id) && !row(here)) {
      stopped = true;
      return FT_E_CANCELLED;
    }
    return FT_OK;
  };
  const ft_str query{"{}", 2}, name{collection.data(), collection.size()};
  auto status = storage->call(
      context, [&](ft_call call) { return storage->table<ft_storage>().read(storage->self(), call, name, query); });
  if (broken) return *broken;
  if (!status && !stopped) return status.error();
  return {};
}

bool Source::is_own_file(const std::string& path) const {
  namespace fs = std::filesystem;
  const auto kept = storage->config().find("path");
  if (kept == storage->config().end() || !kept->is_string()) return false;
  const fs::path place = kept->get<std::string>();
  std::error_code ec;
  return fs::equivalent(path, place, ec) || fs::equivalent(path, place / (collection + ".jsonl"), ec);
}

}  // namespace fthost::flow
