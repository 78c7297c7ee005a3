#include "flow/formats.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "data/json_text.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

constexpr double kSure = 0.5;        // below, a format is not taken
constexpr double kOfProvider = 0.2;  // the same among the formats of one provider
constexpr double kEqual = 0.1;       // two that are closer are both named

// Why no format was sure of a file that begins so.
Error not_recognised(const std::vector<std::string>& names, std::string_view sample, const std::string& file,
                     const std::string& provider) {
  const std::size_t bad = data::find_invalid_utf8(sample);
  const bool cut = sample.size() == Input::kSample && bad + 4 > sample.size();  // the sample ends within a character
  if (bad < sample.size() && !cut && sample.find('\0') == std::string_view::npos) {
    return make_error(Code::input, "the file is not UTF-8 at byte " + std::to_string(bad + 1), file,
                      "save it as UTF-8; if it is, name its format with --format");
  }
  if (sample.empty())
    return make_error(Code::unsupported, "the file is empty, so its format cannot be recognised", file,
                      "name it with --format");
  if (provider.empty())
    return make_error(Code::unsupported, "its format is not known", file,
                      "name it with --format; fthost plugin list shows the formats");
  std::string known;
  for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
  return make_error(Code::unsupported, "the format is not one that " + provider + " takes", file,
                    "name it with --format (" + known + "), or make it one with fthost convert");
}

}  // namespace

Result<void> check_rows(plugin::Registry& registry, const std::string& path, const io::CancelToken& cancel) {
  const auto refuse = [&](const std::string& what) {
    const std::string name = shown_name(path);
    return make_error(Code::config, what + ", and one file of JSON rows, one a line, is needed", name,
                      "fthost convert " + name + " --to FORMAT --output FILE.jsonl makes one of it");
  };
  std::error_code ec;
  if (path == "-") return {};
  if (std::filesystem::is_directory(path, ec)) return refuse("is a folder");
  if (path.find_first_of("*?[") != std::string::npos && !std::filesystem::exists(path, ec))
    return refuse("is a pattern");
  if (!std::filesystem::is_regular_file(path, ec)) return {};
  auto input = Input::open(path, cancel);
  if (!input) return input.error();
  auto sample = input->sample();
  if (!sample) return sample.error();
  if (like_rows(*sample)) return {};
  const std::size_t first = sample->find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (*sample)[first] == '[') return refuse("is one list");
  auto format = recognise(registry, *input, {}, cancel);
  if (format) return refuse("is " + format->name);
  const Error& error = format.error();
  if (error.code == Code::cancelled || error.code == Code::input) return error;
  const Json details = Json::parse(error.details, nullptr, false);  // of what could be one of several
  std::string names;
  if (details.is_object() && details.contains("formats")) {
    for (const Json& name : details["formats"]) names += (names.empty() ? "" : " or ") + name.get<std::string>();
  }
  return refuse("is " + (names.empty() ? "of no format that is known" : names));
}

Result<std::vector<std::string>> formats_of(const plugin::Registry& registry, const std::string& provider) {
  std::vector<std::string> all = registry.names(FT_FORMATTER), own;
  if (provider.empty()) return all;
  for (const auto& name : all) {
    if (name == provider || name.starts_with(provider + "-")) own.push_back(name);
  }
  if (!own.empty()) return own;
  return make_error(Code::config, "no format is the provider " + provider + "'s, so there are no rules of its", {},
                    "fthost plugin list shows the formats; a provider's are named after it");
}

Result<Format> recognise(plugin::Registry& registry, Input& input, const std::string& given,
                         const io::CancelToken& cancel, const std::string& provider) {
  if (!given.empty()) {
    auto found = registry.find(FT_FORMATTER, given);
    if (!found) return found.error();
    return Format{given, "given"};
  }
  const std::string& file = input.name();
  auto sample = input.sample();
  if (!sample) return sample.error();
  std::vector<std::pair<double, Format>> found;
  auto asked = formats_of(registry, provider);
  if (!asked) return asked.error();
  for (const auto& name : *asked) {
    auto known = registry.find(FT_FORMATTER, name);
    if (!known) return known.error();
    if (provider.empty() && (known->desc->flags & FT_ONLY_NAMED) != 0) continue;
    const auto context = std::make_shared<plugin::CallContext>();
    context->cancel = cancel;
    auto formatter = registry.create(FT_FORMATTER, name, Json::object(), context);
    if (!formatter) return formatter.error();
    auto detected = plugin::detect_format(**formatter, *sample, file, context);
    if (!detected) return detected.error();
    if (detected->confidence >= (provider.empty() ? kSure : kOfProvider))
      found.push_back({detected->confidence, {name, detected->why}});
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (found.empty()) return not_recognised(*asked, *sample, file, provider);
  Json names = Json::array();
  std::string could_be;
  for (const auto& [confidence, format] : found) {
    if (found[0].first - confidence >= kEqual) break;
    names.push_back(format.name);
    could_be += (could_be.empty() ? "" : " or ") + format.name + " (" + format.why + ")";
  }
  if (names.size() == 1) return found[0].second;
  Error error = make_error(Code::config, "could be " + could_be, file, "say which with --format");
  error.details = Json{{"formats", names}}.dump();
  return error;
}

Result<void> decode_file(plugin::Registry& registry, const Format& format, const Json& options, Input& input,
                         const io::CancelToken& cancel, Notes& notes,
                         const std::function<Result<void>(std::uint64_t, std::string_view)>& record) {
  const auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  auto formatter = registry.create(FT_FORMATTER, format.name, options, context);
  if (!formatter) return formatter.error();
  const std::string& file = input.name();
  std::optional<Error> failed;
  context->emit = [&](std::uint32_t channel, std::uint64_t line, std::string_view bytes) {
    if (channel == FT_FINDING) notes.unread(file, line, bytes);
    if (channel == FT_LOSS) notes.loss(bytes, notes.row());
    if (channel == FT_RECORD) {
      notes.next_row();
      if (auto done = record(line, bytes); !done) {
        failed = done.error();
        return FT_E_CANCELLED;
      }
    }
    return FT_OK;
  };
  ft_source source{sizeof(ft_source), {file.data(), file.size()}, &input, &Input::read};
  auto status = (*formatter)->call(context, [&](ft_call call) {
    return (*formatter)->table<ft_formatter>().decode((*formatter)->self(), call, &source);
  });
  if (failed) return *failed;
  if (input.error()) return *input.error();
  if (!status) {
    Error error = status.error();
    if (error.where.find(file) == std::string::npos) error.where = file + ": " + error.where;
    return error;
  }
  return {};
}

}  // namespace fthost::flow
