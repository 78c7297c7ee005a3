#include "text/chat_template.hpp"

#include <ctime>
#include <nlohmann/json.hpp>

#include "text/jinja/interpreter.hpp"
#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text {
namespace {

using jinja::Value;
using Json = nlohmann::ordered_json;

// Objects and lists may be nested as deeply as the engine's own values.
Value to_value(const Json& json, int depth = 0) {
  if (depth > jinja::kMaxDepth) jinja::fail("the conversation is nested too deeply");
  switch (json.type()) {
    case Json::value_t::boolean:
      return Value(json.get<bool>());
    case Json::value_t::number_integer:
      return Value(jinja::Integer{json.get<std::int64_t>()});
    case Json::value_t::number_unsigned:
      return Value(jinja::Integer{json.get<std::uint64_t>()});
    case Json::value_t::number_float:
      return Value(json.get<double>());
    case Json::value_t::string: {
      const auto& text = json.get_ref<const std::string&>();
      return Value(invalid_utf8_offset(text) ? repair_utf8(text) : text);
    }
    case Json::value_t::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const Json& item : json) items.push_back(to_value(item, depth + 1));
      return jinja::make_list(std::move(items));
    }
    case Json::value_t::object: {
      jinja::DictBuilder dict;
      for (const auto& [key, value] : json.items()) dict.set(Value(key), to_value(value, depth + 1));
      return dict.finish();
    }
    default:
      return {};
  }
}

Error failure(const jinja::TemplateError& reason, const std::string& where, int line) {
  Error error = make_error(Code::input, reason.what(), where + ":" + std::to_string(line));
  if (reason.raised_by_template) error.details = R"({"raised_by_template": true})";
  return error;
}

}  // namespace

struct ChatTemplate::Impl {
  std::string where;
  std::unique_ptr<jinja::Program> program;
};

ChatTemplate::ChatTemplate(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

Result<ChatTemplate> ChatTemplate::compile(std::string source, std::string where) {
  if (const auto bad = invalid_utf8_offset(source)) {
    return make_error(Code::input, "the chat template is not UTF-8 at byte " + std::to_string(*bad), where);
  }
  int line = 1;
  try {
    auto impl = std::make_unique<Impl>();
    impl->program = jinja::parse(source, &line);
    impl->where = std::move(where);
    return ChatTemplate(std::move(impl));
  } catch (const jinja::TemplateError& reason) {
    Error error = make_error(Code::unsupported, reason.what(), where + ":" + std::to_string(line));
    error.hint = "mend the chat template, or choose another with the model's options";
    return error;
  }
}

Result<std::string> ChatTemplate::render(const Json& context) const {
  auto rendered = render_marked(context);
  if (!rendered) return rendered.error();
  return std::move(rendered->text);
}

Result<RenderedChat> ChatTemplate::render_marked(const Json& context,
                                                 std::optional<std::chrono::system_clock::time_point> now) const {
  if (!context.is_object())
    return make_error(Code::input, "the variables of a chat template must be an object", impl_->where);
  jinja::Interpreter interpreter(*impl_->program, [now] {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now.value_or(std::chrono::system_clock::now()));
    std::tm local{};
    localtime_r(&seconds, &local);
    return local;
  });
  try {
    std::vector<std::pair<std::string, Value>> variables;
    for (const auto& [name, value] : context.items()) {
      if (impl_->program->symbols.contains(name)) variables.emplace_back(name, to_value(value));
    }
    RenderedChat out;
    out.text = interpreter.run(variables);
    for (const jinja::Span& span : interpreter.generations()) out.generations.push_back({span.begin, span.end});
    return out;
  } catch (const jinja::TemplateError& reason) {
    return failure(reason, impl_->where, interpreter.line());
  }
}

bool ChatTemplate::has_generation() const { return impl_->program->has_generation; }

}  // namespace fthost::text
