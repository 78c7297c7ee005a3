// PersonalRow: personal data and secrets in the strings of a row, and the row with something else in their place. JSON
// within a string (the arguments of a tool's call) is looked into as JSON. A secret that is known by what stands before
// it in one place ("password": "…") is found wherever else it stands in the row. One thread; memory is reused.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.hpp"
#include "text/personal.hpp"

namespace fthost::data {

struct PersonalHit {
  text::PersonalKind kind;
  std::string_view name;   // of a secret: which
  std::string_view value;  // what was found
  std::string mask;        // what may be shown of it
  std::string path;        // JSON pointer of the row's string that it stands in
  bool kept;               // it stands in what is said about the record (is_bookkeeping) or in an id
  bool is_id;              // it stands in the record's own id
};

class PersonalRow {
 public:
  explicit PersonalRow(text::PersonalFinder finder) : finder_(std::move(finder)) {}

  // Gets each hit, in the order of the row's bytes; secrets that others have made known come after those. What it gives
  // takes the value's place; nothing: the value stays.
  using OnHit = std::function<std::optional<std::string>(const PersonalHit& hit)>;
  // True if something was replaced: then `out` is the row, every other byte as it stood. False: `out` is as it was.
  bool rewrite(const Document& row, const OnHit& on_hit, std::string& out);

 private:
  struct Edit {
    std::size_t begin, end;  // bytes of the text
    std::string text;
  };
  // JSON within a string, and within a string of that, and so on.
  struct Level {
    Document document;
    std::string text;  // decoded
    std::vector<Edit> edits;
  };
  struct Place {
    const Document* row;
    Value string;  // of the row itself
    bool kept, is_id;
  };

  void walk(const Value& value, std::string_view key, Place place, std::size_t depth, std::vector<Edit>& edits);
  void look(const Value& string, std::string_view key, const Place& place, std::size_t depth, std::vector<Edit>& edits);
  void look_again(std::string_view text, std::vector<text::PersonalSpan>& spans) const;
  Level& level(std::size_t depth);

  text::PersonalFinder finder_;
  const OnHit* on_hit_ = nullptr;
  std::vector<std::unique_ptr<Level>> levels_;
  std::vector<text::PersonalSpan> spans_;
  std::vector<Edit> edits_;
  std::vector<std::pair<std::string, text::PersonalSpan>> secrets_;  // of the row: what was found, and as what
  bool again_ = false;                                               // these alone are looked for
};

}  // namespace fthost::data
