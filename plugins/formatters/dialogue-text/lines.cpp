// The rules of the text, in one place for both directions:
// - a header or the marker is a line of its own, white space behind it does not count;
// - a body line that would read as one carries a leading backslash, and one that has backslashes already one more.
#include "lines.hpp"

#include <ft/json.hpp>

namespace dialogue {
namespace {

constexpr std::string_view kMarker = "--- END EXAMPLE ---";
constexpr std::pair<std::string_view, std::string_view> kHeaders[] = {
    {"System:", "system"}, {"User:", "user"}, {"Assistant:", "assistant"}};

std::string_view trim_right(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_marker(std::string_view line) { return trim_right(line) == kMarker; }

// A line that, less its leading backslashes, reads as a header or the marker.
bool reads_as_control(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of('\\'), line.size()));
  return !header_role(line).empty() || is_marker(line);
}

template <class Each>
void each_line(std::string_view text, Each each) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    each(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

void print_body(std::string& out, std::string_view text) {
  if (text.empty()) return;
  each_line(text, [&](std::string_view line) {
    if (reads_as_control(line)) out += '\\';
    out += line;
    out += '\n';
  });
}

}  // namespace

bool blank(std::string_view line) { return trim_right(line).empty(); }

std::string_view header_role(std::string_view line) {
  line = trim_right(line);
  for (const auto& [header, role] : kHeaders) {
    if (line == header) return role;
  }
  return {};
}

void trim_blank_lines(std::string& text) {
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos &&
                        blank(std::string_view(text).substr(begin, end - begin));) {
    begin = end + 1;
  }
  text.erase(0, begin);
  for (std::size_t newline;
       (newline = text.rfind('\n')) != std::string::npos && blank(std::string_view(text).substr(newline + 1));) {
    text.resize(newline);
  }
  if (blank(text)) text.clear();
}

void clean(std::string& text) {
  std::string kept;
  each_line(text, [&](std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    (kept += line) += '\n';
  });
  kept.pop_back();
  trim_blank_lines(kept);
  text = std::move(kept);
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "\n" + second;
}

void Reader::refuse(std::uint64_t line, std::string_view code, const std::string& message, std::string_view hint) {
  call_.finding(line, code, "error", "", message, hint);
  good_ = false;
}

void Reader::line(std::string_view line, std::uint64_t number) {
  last_line_ = number;
  if (const std::size_t prefix = ft::utf8_prefix(line); prefix < line.size()) {
    refuse(number, "invalid_utf8", "not UTF-8 at byte " + std::to_string(prefix + 1), "save the file as UTF-8");
    if (!blocks_.empty()) blocks_.back().text += "\xEF\xBF\xBD\n";  // the block is not empty, only unreadable
    return;
  }
  if (const auto role = header_role(line); !role.empty()) {
    blocks_.push_back({std::string(role), "", "", false, number});
    return;
  }
  if (blocks_.empty()) {
    if (!blank(line) && good_) {
      refuse(number, "text_before_header", "the file does not begin with a role line",
             "begin it with a line that is System:, User: or Assistant: and nothing else");
    }
    return;
  }
  Block& block = blocks_.back();
  if (blocks_.size() == 1 && block.role == "system" && !block.marker && is_marker(line)) {
    block.marker = true;
    return;
  }
  if (line.starts_with('\\') && reads_as_control(line)) line.remove_prefix(1);
  std::string& text = block.marker ? block.dynamic : block.text;
  (text += line) += '\n';
}

std::vector<Block> Reader::finish() {
  if (blocks_.empty() && good_) {
    refuse(std::max<std::uint64_t>(last_line_, 1), "no_messages", "the file has no messages",
           "write lines under System:, User: and Assistant:");
  }
  for (Block& block : blocks_) {
    trim_blank_lines(block.text);
    trim_blank_lines(block.dynamic);
  }
  std::erase_if(blocks_, [&](const Block& block) {
    if (!block.text.empty() || !block.dynamic.empty()) return false;
    if (block.role == "system") {
      call_.finding(block.line, "empty_content", "warning", "", "the System: block is empty and is passed over");
    } else {
      refuse(block.line, "empty_content", "the " + block.role + " message is empty",
             "write its text, or remove the header");
    }
    return true;
  });
  if (good_) merge_neighbours();
  if (good_ && blocks_.empty()) {
    refuse(1, "no_messages", "the file has no messages", "write lines under System:, User: and Assistant:");
  }
  return good_ ? std::move(blocks_) : std::vector<Block>();
}

void Reader::merge_neighbours() {
  std::vector<Block> merged;
  for (Block& block : blocks_) {
    if (merged.empty() || merged.back().role != block.role) {
      merged.push_back(std::move(block));
      continue;
    }
    call_.finding(block.line, "same_role", "warning", "", "two " + block.role + " blocks in a row were joined",
                  "put the other role's answer between them");
    Block& before = merged.back();
    std::string& text = before.marker ? before.dynamic : before.text;
    text = joined(text, block.text);
  }
  blocks_ = std::move(merged);
}

std::string print(const std::vector<Block>& blocks) {
  std::string out;
  for (const Block& block : blocks) {
    for (const auto& [header, role] : kHeaders) {
      if (block.role == role) (out += header) += '\n';
    }
    print_body(out, block.text);
    if (block.marker) {
      (out += kMarker) += '\n';
      print_body(out, block.dynamic);
    }
  }
  return out;
}

}  // namespace dialogue
