#include "flow/formats.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "io/files.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSample = 64u << 10;  // bytes that a detection sees
constexpr double kSure = 0.5;               // below, a format is not taken
constexpr double kEqual = 0.1;              // two that are closer are both named

// A file or standard input as plugins pull it.
struct Input {
  io::Descriptor fd;
  std::string name;
  io::CancelToken cancel;
  std::optional<Error> error;

  static Result<Input> open(const std::string& file, const io::CancelToken& cancel) {
    Input input{
        io::Descriptor(file == "-" ? dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)), file, cancel, {}};
    if (!input.fd) return errno_error(errno, "cannot be read", file);
    return input;
  }
  static std::int64_t read(void* ctx, void* buffer, std::size_t capacity) {
    Input& input = *static_cast<Input*>(ctx);
    for (;;) {
      if (input.cancel.cancelled()) return FT_E_CANCELLED;
      const ssize_t got = ::read(input.fd.get(), buffer, capacity);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        input.error = errno_error(errno, "cannot be read", input.name);
        return FT_E_IO;
      }
      return got;
    }
  }
};

Result<std::string> sample_of(const std::string& file) {
  auto input = Input::open(file, {});
  if (!input) return input.error();
  std::string sample(kSample, '\0');
  std::size_t size = 0;
  while (size < sample.size()) {
    const auto got = Input::read(&*input, sample.data() + size, sample.size() - size);
    if (got < 0) return *input->error;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  sample.resize(size);
  return sample;
}

}  // namespace

Result<std::vector<std::string>> input_files(const std::string& path) {
  std::vector<std::string> files;
  std::error_code ec;
  if (path == "-" || !fs::is_directory(path, ec)) {
    if (path != "-" && !fs::exists(path, ec))
      return make_error(Code::input, "there is no such file", path, "check the path");
    files.push_back(path);
    return files;
  }
  for (fs::directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with('.') && it->is_regular_file(ec)) files.push_back(it->path().string());
  }
  if (ec) return make_error(Code::io, "cannot be listed: " + ec.message(), path, "check its permissions");
  std::sort(files.begin(), files.end());
  if (files.empty()) return make_error(Code::input, "the folder has no files", path, "name the folder that holds them");
  return files;
}

Result<Format> recognise(plugin::Registry& registry, const std::string& file, const std::string& given,
                         const io::CancelToken& cancel) {
  if (!given.empty()) {
    auto found = registry.find(FT_FORMATTER, given);
    if (!found) return found.error();
    return Format{given, "given"};
  }
  if (file == "-")
    return make_error(Code::config, "the format of standard input must be named", {}, "give --format NAME");
  auto sample = sample_of(file);
  if (!sample) return sample.error();
  std::vector<std::pair<double, Format>> found;
  for (const auto& name : registry.names(FT_FORMATTER)) {
    const auto context = std::make_shared<plugin::CallContext>();
    context->cancel = cancel;
    auto formatter = registry.create(FT_FORMATTER, name, Json::object(), context);
    if (!formatter) return formatter.error();
    auto detected = plugin::detect_format(**formatter, *sample, file, context);
    if (!detected) return detected.error();
    if (detected->confidence >= kSure) found.push_back({detected->confidence, {name, detected->why}});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (found.empty()) {
    std::string known;
    for (const auto& name : registry.names(FT_FORMATTER)) known += (known.empty() ? "" : ", ") + name;
    return make_error(Code::config,
                      sample->empty() ? "the file is empty, so its format cannot be recognised"
                                      : "the format is not one of those known",
                      file, "name it with --format; there are " + known);
  }
  if (found.size() > 1 && found[0].first - found[1].first < kEqual) {
    return make_error(Code::config,
                      "could be " + found[0].second.name + " (" + found[0].second.why + ") or " + found[1].second.name +
                          " (" + found[1].second.why + ")",
                      file, "say which with --format");
  }
  return found[0].second;
}

void Notes::finding(const std::string& file, std::uint64_t line, std::string_view json) {
  Json finding = Json::parse(json, nullptr, false);
  if (!finding.is_object()) return;
  (finding.value("severity", "error") == "error" ? errors_ : warnings_)++;
  if (findings_.size() >= kLimit) return;
  Json whole{{"file", file}, {"line", line}};
  whole.update(finding);
  findings_.push_back(std::move(whole));
}

void Notes::loss(std::string_view json) {
  const Json loss = Json::parse(json, nullptr, false);
  if (!loss.is_object()) return;
  const std::string message = loss.value("message", "");
  if (message != "bookkeeping") lost_ = true;
  ++losses_[{loss.value("path", ""), loss.value("action", "dropped"), message}];
}

Json Notes::losses() const {
  Json all = Json::array();
  for (const auto& [key, rows] : losses_) {
    all.push_back(
        {{"path", std::get<0>(key)}, {"action", std::get<1>(key)}, {"message", std::get<2>(key)}, {"rows", rows}});
  }
  return all;
}

Result<void> decode_file(plugin::Registry& registry, const Format& format, const Json& options, const std::string& file,
                         const io::CancelToken& cancel, Notes& notes,
                         const std::function<Result<void>(std::uint64_t, std::string_view)>& record) {
  const auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  auto formatter = registry.create(FT_FORMATTER, format.name, options, context);
  if (!formatter) return formatter.error();
  auto input = Input::open(file, cancel);
  if (!input) return input.error();
  std::optional<Error> failed;
  context->emit = [&](std::uint32_t channel, std::uint64_t line, std::string_view bytes) {
    if (channel == FT_FINDING) notes.finding(file, line, bytes);
    if (channel == FT_LOSS) notes.loss(bytes);
    if (channel == FT_RECORD) {
      if (auto done = record(line, bytes); !done) {
        failed = done.error();
        return FT_E_CANCELLED;
      }
    }
    return FT_OK;
  };
  ft_source source{sizeof(ft_source), {file.data(), file.size()}, &*input, &Input::read};
  auto status = (*formatter)->call(context, [&](ft_call call) {
    return (*formatter)->table<ft_formatter>().decode((*formatter)->self(), call, &source);
  });
  if (failed) return *failed;
  if (input->error) return *input->error;
  if (!status) {
    Error error = status.error();
    if (error.where.find(file) == std::string::npos) error.where = file + ": " + error.where;
    return error;
  }
  return {};
}

}  // namespace fthost::flow
