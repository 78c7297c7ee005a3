#include <boost/test/unit_test.hpp>

#include "data/batch.hpp"
#include "data/jsonl_reader.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;

namespace {

std::string_view view(ft_str text) { return text.data ? std::string_view(text.data, text.size) : "(absent)"; }

constexpr ft_column kColumns[] = {{"/messages", FT_RAW}, {"/output", FT_TEXT}, {"/a~1b/0", FT_TEXT}, {"", FT_RAW}};

}  // namespace

BOOST_AUTO_TEST_SUITE(data_batch)

BOOST_AUTO_TEST_CASE(columns_are_raw_slices_or_decoded_text) {
  BatchBuilder builder(kColumns);
  Document row;
  std::string text = R"({"messages":[1, 2],"output":"caf\u00e9","a/b":["plain"]})";
  BOOST_REQUIRE(row.parse_object(text));
  builder.add(7, row.root());
  const std::string other = R"( {"output":3,"a/b":[""]} )";
  BOOST_REQUIRE(row.parse_object(other));
  builder.add(9, row.root());
  const Batch batch = builder.take();
  text.assign(text.size(), '#');  // the batch owns what it shows
  const ft_batch* view_of = batch.get();
  BOOST_TEST(view_of->struct_size == sizeof(ft_batch));
  BOOST_REQUIRE(view_of->row_count == 2u);
  BOOST_REQUIRE(view_of->column_count == 4u);
  BOOST_TEST(view_of->rows[0] == 7u);
  BOOST_TEST(view_of->rows[1] == 9u);
  BOOST_TEST(view(view_of->columns[0][0]) == "[1, 2]");
  BOOST_TEST(view(view_of->columns[1][0]) == "café");
  BOOST_TEST(view(view_of->columns[2][0]) == "plain");
  BOOST_TEST(view(view_of->columns[3][0]) == R"({"messages":[1, 2],"output":"caf\u00e9","a/b":["plain"]})");
  BOOST_TEST(view(view_of->columns[0][1]) == "(absent)");
  BOOST_TEST(view(view_of->columns[1][1]) == "(absent)");  // a number is no text
  BOOST_TEST(view(view_of->columns[2][1]).empty());
  BOOST_TEST(view_of->columns[2][1].data != nullptr);  // empty is not absent
  BOOST_TEST(view(view_of->columns[3][1]) == R"({"output":3,"a/b":[""]})");
}

BOOST_AUTO_TEST_CASE(a_batch_is_full_by_rows_or_by_bytes_and_the_next_begins_empty) {
  Document row;
  const std::string text = R"({"output":"0123456789"})";
  BOOST_REQUIRE(row.parse_object(text));
  BatchBuilder by_rows(kColumns, {3, 1000000});
  BatchBuilder by_bytes(kColumns, {1000, text.size() * 2});
  for (int i = 0; i < 2; ++i) {
    by_rows.add(1, row.root());
    BOOST_TEST(!by_bytes.full());
    by_bytes.add(1, row.root());
  }
  BOOST_TEST(!by_rows.full());
  by_rows.add(1, row.root());
  BOOST_TEST(by_rows.full());
  BOOST_TEST(by_bytes.full());
  BOOST_TEST(by_rows.take().size() == 3u);
  BOOST_TEST(by_rows.empty());
  const Batch none = by_rows.take();
  BOOST_TEST(none.get()->row_count == 0u);
}

BOOST_AUTO_TEST_CASE(slices_borrow_from_a_chunk_that_is_kept) {
  std::string source;
  for (int i = 0; i < 30000; ++i)
    source += "{\"output\":\"" + std::to_string(i) + "\\n\",\"messages\":[" + std::to_string(i) + "]}\n";
  JsonlReader reader("x", [&, at = std::size_t{0}](void* buffer, std::size_t capacity) mutable -> std::int64_t {
    const std::size_t size = source.copy(static_cast<char*>(buffer), capacity, at);
    at += size;
    return static_cast<std::int64_t>(size);
  });
  std::vector<Batch> batches;
  BatchBuilder builder(kColumns);
  Document row;
  Line line;
  while (*fthost::test::must(reader.next(line))) {
    BOOST_REQUIRE(row.parse_object(line.text));
    builder.add(line.number, row.root(), reader.chunk());
    if (builder.full()) batches.push_back(builder.take());
  }
  batches.push_back(builder.take());
  BOOST_TEST(batches.size() == 8u);
  int i = 0;
  for (const Batch& batch : batches) {
    for (std::size_t r = 0; r < batch.size(); ++r, ++i) {
      BOOST_REQUIRE(batch.get()->rows[r] == static_cast<std::uint64_t>(i) + 1);
      BOOST_REQUIRE(view(batch.get()->columns[1][r]) == std::to_string(i) + "\n");
      BOOST_REQUIRE(view(batch.get()->columns[0][r]) == "[" + std::to_string(i) + "]");
    }
  }
  BOOST_TEST(i == 30000);
}

BOOST_AUTO_TEST_CASE(a_batch_without_columns_counts_rows) {
  BatchBuilder builder({});
  Document row;
  BOOST_REQUIRE(row.parse_object("{}"));
  builder.add(1, row.root());
  const Batch batch = builder.take();
  BOOST_TEST(batch.get()->row_count == 1u);
  BOOST_TEST(batch.get()->column_count == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
