#include "data/row.hpp"

#include "data/json_text.hpp"

namespace fthost::data {

Columns::Columns(std::span<const ft_column> wanted) {
  for (const ft_column& column : wanted) {
    const std::string pointer = column.pointer;
    const bool top = pointer.rfind('/') == 0 && pointer.find('~') == std::string::npos;
    columns_.push_back({pointer, top ? pointer.substr(1) : "", top, column.kind == FT_TEXT});
  }
}

void Columns::cut(const Value& row, std::pmr::memory_resource& arena, ft_str* out) const {
  for (const Column& column : columns_) {
    const Value value = column.top ? row.find(column.key) : row.pointer(column.pointer);
    ft_str slice{nullptr, 0};
    if (value && !column.text) {
      slice = {value.raw().data(), value.raw().size()};
    } else if (value && value.is(Kind::string)) {
      const std::string_view inner = value.inner();
      slice = {inner.data(), inner.size()};
      if (value.escaped()) {
        char* decoded = static_cast<char*>(arena.allocate(inner.size(), 1));
        slice = {decoded, decode_into(decoded, inner)};
      }
    }
    *out++ = slice;
  }
}

}  // namespace fthost::data
