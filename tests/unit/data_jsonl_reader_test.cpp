#include <ft_plugin.h>
#include <boost/test/unit_test.hpp>
#include <cstring>

#include "data/jsonl_reader.hpp"
#include "data/random.hpp"
#include "data_fixture.hpp"

using namespace fthost;
using namespace fthost::data;
using test::must;

namespace {

// Hands a text out in pieces of the given sizes, over and over.
JsonlReader::Pull in_pieces(std::string_view text, std::vector<std::size_t> sizes) {
  return [text, sizes, at = std::size_t{0}, next = std::size_t{0}](void* buffer,
                                                                   std::size_t capacity) mutable -> std::int64_t {
    const std::size_t size = std::min({sizes[next++ % sizes.size()], capacity, text.size() - at});
    std::memcpy(buffer, text.data() + at, size);
    at += size;
    return static_cast<std::int64_t>(size);
  };
}

struct Seen {
  std::uint64_t number, offset;
  std::string text;
  bool terminated, too_long;
  bool operator==(const Seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << seen.number << "@" << seen.offset << " '" << seen.text << "'" << (seen.terminated ? "" : " open")
             << (seen.too_long ? " long" : "");
}

std::vector<Seen> lines_of(JsonlReader& reader) {
  std::vector<Seen> lines;
  Line line;
  while (*must(reader.next(line)))
    lines.push_back({line.number, line.offset, std::string(line.text), line.terminated, line.too_long});
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_jsonl_reader)

BOOST_AUTO_TEST_CASE(lines_come_with_number_offset_and_without_their_end) {
  const std::string text = "\xEF\xBB\xBF{1}\r\n\n{3}\n \r\n{\r5}";
  const std::vector<Seen> expected = {{1, 3, "{1}", true, false},
                                      {2, 8, "", true, false},
                                      {3, 9, "{3}", true, false},
                                      {4, 13, " ", true, false},
                                      {5, 16, "{\r5}", false, false}};
  for (const std::size_t size : {1, 2, 3, 5, 7, 100}) {
    JsonlReader reader("x", in_pieces(text, {size}));
    BOOST_TEST(lines_of(reader) == expected, boost::test_tools::per_element());
    BOOST_TEST(reader.had_byte_order_mark());
  }
}

BOOST_AUTO_TEST_CASE(an_empty_source_has_no_lines) {
  for (const std::string text : {"", "\xEF\xBB\xBF"}) {
    JsonlReader reader("x", in_pieces(text, {10}));
    BOOST_TEST(lines_of(reader).empty());
  }
  JsonlReader reader("x", in_pieces("\n", {10}));
  BOOST_TEST(lines_of(reader).size() == 1u);
  // The beginning of a mark is no mark.
  JsonlReader half("x", in_pieces("\xEF\xBB", {10}));
  BOOST_TEST(lines_of(half) == (std::vector<Seen>{{1, 0, "\xEF\xBB", false, false}}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_line_over_the_limit_is_passed_over_and_the_next_one_is_read) {
  const std::string text = std::string(10, 'a') + "\n" + std::string(11, 'b') + "\r\n" + std::string(5000, 'c') +
                           "\nd\n" + std::string(11, 'e');
  const std::vector<Seen> expected = {{1, 0, std::string(10, 'a'), true, false},
                                      {2, 11, std::string(10, 'b'), true, true},
                                      {3, 24, std::string(10, 'c'), true, true},
                                      {4, 5025, "d", true, false},
                                      {5, 5027, std::string(10, 'e'), false, true}};
  for (const std::size_t size : {1, 3, 11, 4096}) {
    JsonlReader reader("x", in_pieces(text, {size}), 10);
    BOOST_TEST(lines_of(reader) == expected, boost::test_tools::per_element());
  }
  const std::string exact = std::string(10, 'f') + "\r\n";
  JsonlReader crlf("x", in_pieces(exact, {1}), 10);
  BOOST_TEST(lines_of(crlf) == (std::vector<Seen>{{1, 0, std::string(10, 'f'), true, false}}),
             boost::test_tools::per_element());
  // What is kept of a long line may end like a line.
  const std::string returns = std::string(30, '\r') + "\n";
  JsonlReader inside("x", in_pieces(returns, {1}), 10);
  BOOST_TEST(lines_of(inside) == (std::vector<Seen>{{1, 0, std::string(10, '\r'), true, true}}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(any_cut_of_the_source_gives_the_same_lines) {
  Random random(7);
  std::string text;
  std::vector<Seen> expected;
  for (std::uint64_t number = 1; number <= 400; ++number) {
    const std::size_t length = random.below(10) == 0 ? random.below(900000) : random.below(300);
    const std::string line(length, static_cast<char>('a' + number % 26));
    const bool crlf = random.below(4) == 0;
    expected.push_back({number, text.size(), line, true, false});
    text += line + (crlf ? "\r\n" : "\n");
  }
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{1000000}, {65536, 1, 4095}, {262144, 262143}, {17, 100000}}) {
    JsonlReader reader("x", in_pieces(text, sizes));
    const std::vector<Seen> lines = lines_of(reader);
    BOOST_REQUIRE(lines.size() == expected.size());
    for (std::size_t i = 0; i < lines.size(); ++i) BOOST_REQUIRE(lines[i] == expected[i]);
  }
}

BOOST_AUTO_TEST_CASE(a_kept_chunk_keeps_its_lines) {
  std::string text;
  for (int i = 0; i < 20000; ++i)
    text += "{\"line\":" + std::to_string(i) + ",\"pad\":\"" + std::string(i % 97, 'p') + "\"}\n";
  JsonlReader reader("x", in_pieces(text, {70000, 3000}));
  std::vector<std::pair<std::shared_ptr<const void>, std::string_view>> kept;
  Line line;
  std::string joined;
  while (*must(reader.next(line))) kept.emplace_back(reader.chunk(), line.text);
  for (const auto& [chunk, view] : kept) joined.append(view).append("\n");
  BOOST_TEST((joined == text));
}

BOOST_AUTO_TEST_CASE(a_failing_source_is_an_error_with_its_code) {
  JsonlReader reader("pipe", [n = 0](void* buffer, std::size_t) mutable -> std::int64_t {
    if (n++ > 0) return FT_E_CANCELLED;
    std::memcpy(buffer, "{1}\n{2", 6);
    return 6;
  });
  Line line;
  BOOST_TEST(*must(reader.next(line)));
  const auto failed = reader.next(line);
  BOOST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code == Code::cancelled));
  BOOST_TEST(failed.error().where == "pipe");
  BOOST_TEST(!JsonlReader::open("/nowhere/x.jsonl"));
}

BOOST_AUTO_TEST_CASE(files_are_read_like_any_source) {
  test::TemporaryFolder folder;
  test::spill(folder / "a.jsonl", "{1}\n{2}\n");
  auto reader = must(JsonlReader::open(folder / "a.jsonl"));
  BOOST_TEST(lines_of(*reader).size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
