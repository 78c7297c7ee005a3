#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "data/blocks.hpp"

using namespace fthost::data;

BOOST_AUTO_TEST_SUITE(data_blocks)

namespace {

struct Read {
  std::vector<std::string> lines;
  std::vector<std::uint64_t> offsets;
  std::size_t blocks = 0, too_long = 0;
  fthost::Result<void> result;
};

BlockReader reader_of(const std::string& text, std::size_t limit, std::size_t block) {
  return BlockReader(
      "x",
      [&text, at = std::size_t{0}](void* buffer, std::size_t capacity) mutable -> std::int64_t {
        const std::size_t size = text.copy(static_cast<char*>(buffer), capacity, at);
        at += size;
        return static_cast<std::int64_t>(size);
      },
      limit, block);
}

Read read(const std::string& text, unsigned threads, std::size_t limit = 1000, std::size_t block = 16) {
  Read all;
  BlockReader reader = reader_of(text, limit, block);
  all.result = for_each_block<std::vector<std::string>>(
      reader, threads, {},
      [](unsigned) {
        return [](const Block& here, std::vector<std::string>& out) {
          out.clear();
          for_each_line(here, [&](std::uint64_t line, std::string_view one) {
            out.emplace_back(line == out.size() ? one : "another number");  // Boost.Test is for one thread
          });
        };
      },
      [&](std::vector<std::string>& some, const Block& here) -> fthost::Result<void> {
        all.lines.insert(all.lines.end(), some.begin(), some.end());
        all.offsets.push_back(here.offset);
        all.too_long += here.too_long;
        ++all.blocks;
        return {};
      });
  return all;
}

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(blocks_come_back_in_order_whatever_the_threads) {
  const std::string text = numbers(5000);
  for (const unsigned threads : {1u, 2u, 5u}) {
    const Read all = read(text, threads);
    BOOST_TEST(bool(all.result));
    BOOST_REQUIRE(all.lines.size() == 5000u);
    for (std::size_t i = 0; i < 5000; ++i) BOOST_REQUIRE(all.lines[i] == std::to_string(i));
    BOOST_TEST(all.blocks > 1000u);
    BOOST_TEST(std::is_sorted(all.offsets.begin(), all.offsets.end()));
  }
}

BOOST_AUTO_TEST_CASE(line_ends_marks_and_last_lines_are_as_they_should) {
  BOOST_TEST(read("", 1).blocks == 0u);
  BOOST_TEST((read("\n", 1).lines == std::vector<std::string>{""}));
  BOOST_TEST((read("\xEF\xBB\xBFone\r\n\r\ntwo\r", 2).lines == std::vector<std::string>{"one", "", "two\r"}));
  BOOST_TEST(read("\xEF\xBB\xBFone\n", 1).offsets.front() == 3u);
  BOOST_TEST((read("a\nb", 2).lines == std::vector<std::string>{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(a_line_longer_than_the_limit_is_cut_and_the_next_is_whole) {
  const std::string text = "a\n" + std::string(5000, 'x') + "\nb\n" + std::string(700, 'y') + "\nc";
  for (const unsigned threads : {1u, 3u}) {
    const Read all = read(text, threads, 800);
    BOOST_REQUIRE(all.lines.size() == 5u);
    BOOST_TEST(all.too_long == 1u);
    BOOST_TEST(all.lines[1] == std::string(801, 'x'));
    BOOST_TEST(all.lines[2] == "b");
    BOOST_TEST(all.lines[3] == std::string(700, 'y'));
    BOOST_TEST(all.lines[4] == "c");
  }
}

BOOST_AUTO_TEST_CASE(a_line_end_is_no_part_of_a_line_that_is_as_long_as_may_be) {
  for (std::size_t limit = 1; limit < 80; ++limit) {
    const Read all = read(std::string(limit, 'x') + "\r\nb\n", 1, limit);
    BOOST_TEST_CONTEXT(limit) {
      BOOST_TEST(all.too_long == 0u);
      BOOST_TEST(all.lines == (std::vector<std::string>{std::string(limit, 'x'), "b"}),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_no_part_of_a_line_that_is_too_long) {
  const std::string text = "\xEF\xBB\xBF" + std::string(300, 'a') + "\nnext\n";
  BlockReader reader = reader_of(text, 20, 16);
  BlockReader::Buffer buffer;
  Block block;
  BOOST_REQUIRE(*reader.next(buffer, block));
  BOOST_TEST((block.too_long && block.marked));
  BOOST_TEST(block.text == std::string(21, 'a'));
  BOOST_TEST(block.offset == 3u);
  BOOST_TEST(block.size == 304u);
  BOOST_REQUIRE(*reader.next(buffer, block));
  BOOST_TEST(block.text == "next\n");
}

BOOST_AUTO_TEST_CASE(who_finishes_can_end_it_and_what_a_worker_throws_is_thrown) {
  const std::string text = numbers(1000);
  for (const unsigned threads : {1u, 2u}) {
    BlockReader reader = reader_of(text, 1000, 16);
    int finished = 0;
    const auto ended = for_each_block<int>(
        reader, threads, {}, [](unsigned) { return [](const Block&, int& out) { out = 1; }; },
        [&](int&, const Block&) -> fthost::Result<void> {
          if (++finished == 3) return fthost::make_error(fthost::Code::io, "full");
          return {};
        });
    BOOST_TEST(!ended);
    BOOST_TEST(finished == 3);
    BlockReader again = reader_of(text, 1000, 16);
    BOOST_CHECK_THROW(
        (void)for_each_block<int>(
            again, threads, {}, [](unsigned) { return [](const Block&, int&) { throw std::runtime_error("no"); }; },
            [](int&, const Block&) -> fthost::Result<void> { return {}; }),
        std::runtime_error);
  }
}

BOOST_AUTO_TEST_CASE(what_was_read_before_a_fault_is_finished_first) {
  for (const unsigned threads : {1u, 2u}) {
    int pulls = 0, lines = 0;
    BlockReader reader("x", [&](void* buffer, std::size_t) -> std::int64_t {
      if (++pulls > 10) return -4;
      std::memcpy(buffer, "line\n", 5);
      return 5;
    });
    const auto ended = for_each_block<int>(
        reader, threads, {},
        [](unsigned) {
          return [](const Block& block, int& out) {
            out = static_cast<int>(for_each_line(block, [](std::uint64_t, std::string_view) {}));
          };
        },
        [&](int& count, const Block&) -> fthost::Result<void> {
          lines += count;
          return {};
        });
    BOOST_TEST(!ended);
    BOOST_TEST(lines == 10);
  }
}

BOOST_AUTO_TEST_CASE(a_cancelled_pass_ends) {
  const fthost::io::CancelToken cancel;
  cancel.cancel();
  const std::string text = numbers(10);
  BlockReader reader = reader_of(text, 1000, 16);
  const auto ended = for_each_block<int>(
      reader, 2, cancel, [](unsigned) { return [](const Block&, int&) {}; },
      [](int&, const Block&) -> fthost::Result<void> { return {}; });
  BOOST_REQUIRE(!ended);
  BOOST_TEST((ended.error().code == fthost::Code::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()
