// Edits: changes of a row's text by its values, applied all at once; what they do not name keeps its bytes. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.hpp"

namespace fthost::data {

class Edits {
 public:
  // A member of an object or an element of a list, with the comma that goes with it. False: the root cannot be removed.
  bool remove(const Value& value);
  // `json` takes the place of the value.
  void replace(const Value& value, std::string json);
  // `json` (for an object `"key":value`) goes behind the last member or element. `first`: there is none, or it is
  // removed.
  void append(const Value& container, std::string_view json, bool first);
  // The row as a whole.
  void drop() { dropped_ = true; }

  bool empty() const { return edits_.empty() && !dropped_; }
  bool dropped() const { return dropped_; }
  void clear();
  // The text with the edits in it. Of two that overlap the outer one counts. `base`: where the text begins within that
  // of the values' document.
  std::string apply(std::string_view text, std::size_t base = 0);

 private:
  struct Edit {
    std::uint32_t begin, end;
    std::string text;
    bool removes = false;
  };
  std::vector<Edit> edits_;
  bool dropped_ = false;
};

}  // namespace fthost::data
