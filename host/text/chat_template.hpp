// ChatTemplate: the Jinja that comes with Hugging Face models, as transformers runs it (trim_blocks and lstrip_blocks
// on, its own tojson, raise_exception, strftime_now, {% generation %}). Compiled once, then immutable: any thread may
// render. A render is bounded in steps, memory and depth: templates come with data and are not trusted.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace fthost::text {

struct TextSpan {
  std::size_t begin = 0, end = 0;  // byte offsets, half open
};

struct RenderedChat {
  std::string text;
  std::vector<TextSpan> generations;  // what stood in {% generation %} blocks, in order
};

class ChatTemplate {
 public:
  // `where` names the template in errors, which then read "where:line: what".
  static Result<ChatTemplate> compile(std::string source, std::string where);

  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  // The fields of `context` (an object) are the template's variables. An Error that the template itself raised has that
  // message as it stands and {"raised_by_template": true} in its details. Whole numbers are exact while they fit 64
  // bits; larger ones have become the nearest double when the JSON was read, and print as such.
  Result<std::string> render(const nlohmann::ordered_json& context) const;
  // Same with the marks, at a given local time for strftime_now; nothing: the system's.
  Result<RenderedChat> render_marked(const nlohmann::ordered_json& context,
                                     std::optional<std::chrono::system_clock::time_point> now = std::nullopt) const;
  bool has_generation() const;  // it marks what the assistant says with {% generation %}

 private:
  struct Impl;
  explicit ChatTemplate(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace fthost::text
