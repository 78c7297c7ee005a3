// Document: one JSON text, judged strictly (RFC 8259 grammar, UTF-8, escapes) and cut into slices of that text by one
// pass over simdjson's structural index. Nothing is decoded or copied until it is asked for. A Document belongs to one
// thread, is reused from row to row, and its values are good until the next parse or the end of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/json_escapes.hpp"

namespace fthost::data {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
const char* kind_name(Kind kind);  // "null", "boolean", ...

// Why a text was refused.
struct Problem {
  enum class Code { none, empty, broken, utf8, not_an_object, too_deep, too_long };
  Code code = Code::none;
  std::size_t byte = 0;  // column of the first wrong byte, from 1
  std::string message;   // with the column
};

class Document;

// One value within a Document, or none: a value that was not found is false.
class Value {
 public:
  Value() = default;
  explicit operator bool() const { return document_ != nullptr; }

  Kind kind() const;
  bool is(Kind kind) const { return document_ != nullptr && this->kind() == kind; }
  std::string_view raw() const;  // the slice as it stands
  std::size_t begin() const;     // its first byte within the text, from 0

  // Strings. text() decodes: it borrows from the text where nothing is escaped, else it fills `scratch`.
  bool escaped() const;
  std::string_view inner() const;  // between the quotes, as it stands
  std::string_view text(std::string& scratch) const;
  std::string text() const;
  bool equals(std::string_view decoded) const;  // is a string, and this one
  std::size_t characters() const;               // code points of the decoded string

  bool integer() const;   // a number without fraction and exponent
  double number() const;  // the nearest double; not a number: NaN

  // Containers.
  bool empty() const;
  std::size_t size() const;                    // counts
  Value find(std::string_view key) const;      // member of an object; the first where a key stands twice
  Value at(std::size_t index) const;           // element of an array
  Value pointer(std::string_view path) const;  // RFC 6901; "" is the value itself

  // Walks a container: for (Value v = c.first(); v; v = v.next()). Over an object the values; key() is theirs.
  Value first() const;
  Value next() const;
  Value key() const;

  std::uint32_t index() const { return index_; }  // position among the document's values, in text order
  const Document* document() const { return document_; }
  bool operator==(const Value& other) const = default;

 private:
  friend class Document;
  Value(const Document* document, std::uint32_t index, std::uint32_t end)
      : document_(document), index_(index), end_(end) {}
  std::uint32_t end_of_subtree() const;
  std::string_view decoded(std::string& scratch) const;

  const Document* document_ = nullptr;
  std::uint32_t index_ = 0;
  std::uint32_t end_ = 0;  // where the container it is walked in ends
};

class Document {
 public:
  static constexpr std::uint32_t kMaxDepth = 512;
  static constexpr std::size_t kMaxText = 0xFFFF0000u;

  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // True if `text` is one JSON value and nothing else. The text must outlive the values.
  bool parse(std::string_view text);
  // The same, and the value is an object.
  bool parse_object(std::string_view text);
  const Problem& problem() const { return problem_; }  // of the last parse that said false

  Value root() const { return count_ > 0 ? Value(this, 0, count_) : Value(); }  // none after a failed parse
  Value find(std::string_view key) const { return root().find(key); }
  std::string_view text() const { return text_; }
  // Every value and key in the order of the text; the root is the first.
  struct Node {
    std::uint32_t begin, end;  // slice of the text
    std::uint32_t next;        // the node after this one's subtree
    Kind kind;
    bool is_key, escaped_key;
  };
  std::span<const Node> nodes() const { return {nodes_.get(), count_}; }
  // All strings are escaped as append_quoted() would, but for control characters without a letter of their own.
  bool plainly_escaped() const { return escapes_.plain(); }
  // The JSON pointer of a value of this document: "/messages/2/role". Quick for values that are asked for in order.
  std::string pointer_of(const Value& value) const;

 private:
  friend class Value;
  struct Step {  // of a pointer: through which child it leads
    std::uint32_t container = 0, position = 0, child = 0;
  };
  struct Index;
  bool walk();
  bool fail(Problem::Code code, std::size_t at, const std::string& what);
  bool fail_index(int error);
  bool fail_escape();

  std::string_view text_;
  std::unique_ptr<Node[]> nodes_;
  std::uint32_t count_ = 0;
  std::size_t capacity_ = 0;
  EscapeScan escapes_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<std::uint32_t[]> open_;  // containers that are open, as nodes
  mutable std::vector<Step> steps_;        // of the last pointer_of since the text was parsed
  Problem problem_;
};

}  // namespace fthost::data

#include "data/json_inline.hpp"  // IWYU pragma: keep
