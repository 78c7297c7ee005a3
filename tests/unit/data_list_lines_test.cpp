#include <boost/test/unit_test.hpp>

#include "data/list_lines.hpp"

using namespace fthost::data;

BOOST_AUTO_TEST_SUITE(data_list_lines)

namespace {

using List = std::vector<std::string>;

struct Cut {
  std::string lines;
  List findings;  // "line path: message"
  std::vector<std::uint64_t> begins;
};

Cut cut(const std::string& text, std::size_t piece = 1000, std::size_t capacity = 1000) {
  ListLines list([&, at = std::size_t{0}](void* buffer, std::size_t room) mutable -> std::int64_t {
    const std::size_t size = text.copy(static_cast<char*>(buffer), std::min(room, piece), at);
    at += size;
    return static_cast<std::int64_t>(size);
  });
  Cut result;
  std::string buffer(capacity, '\0');
  for (std::int64_t got; (got = list.read(buffer.data(), capacity)) > 0;)
    result.lines.append(buffer, 0, static_cast<std::size_t>(got));
  for (const Finding& finding : list.findings())
    result.findings.push_back(std::to_string(finding.line) + " " + finding.path + ": " + finding.message);
  for (std::uint64_t i = 1; list.line_of(i) > 0; ++i) result.begins.push_back(list.line_of(i));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_element_becomes_a_line) {
  const std::string text = "\xEF\xBB\xBF [\n {\"a\": [1,\n\"]}\\\"\"]},\n5 ,\"x\"\n,{},[ ]]\n";
  const Cut whole = cut(text);
  BOOST_TEST(whole.lines == "{\"a\": [1, \"]}\\\"\"]}\n5 \n\"x\" \n{}\n[ ]\n");
  BOOST_TEST(whole.findings.empty());
  BOOST_TEST(whole.begins == (std::vector<std::uint64_t>{2, 4, 4, 5, 5}));
  for (std::size_t piece = 1; piece < 5; ++piece) {
    BOOST_TEST(cut(text, piece).lines == whole.lines);
    BOOST_TEST(cut(text, 7, piece).lines == whole.lines);
  }
}

BOOST_AUTO_TEST_CASE(commas_and_the_end_are_strict) {
  const auto findings = [](const std::string& text) { return cut(text).findings; };
  BOOST_TEST(findings("[]").empty());
  BOOST_TEST(findings("[{},\n]") == List{"2 /0: a comma stands before the ] of the list"});
  BOOST_TEST(findings("[{} {}]") == List{"1 /0: no comma stands behind the element"});
  BOOST_TEST(findings("[{},,{}]") == List{"1 /0: a comma with no element before it"});
  BOOST_TEST(findings("[,{}]") == List{"1 : a comma with no element before it"});
  BOOST_TEST(findings("[{}") == List{"1 /0: the file ends before its list of rows does"});
  BOOST_TEST(findings("[{}] 5 6") == List{"1 /0: something follows the list, and was not read"});
  BOOST_TEST(cut("[{\"a\":1").lines == "{\"a\":1\n");
  BOOST_TEST(cut("[{} {}]").lines == "{}\n{}\n");
}

BOOST_AUTO_TEST_CASE(a_line_break_in_a_string_stays_a_mistake) {
  BOOST_TEST(cut("[\"a\nb\"]").lines == std::string("\"a\x01") + "b\"\n");
}

BOOST_AUTO_TEST_CASE(findings_are_told_where_the_element_lies) {
  const std::string text = "[\n{},{},\n{}]";
  ListLines list([&, at = std::size_t{0}](void* buffer, std::size_t room) mutable -> std::int64_t {
    const std::size_t size = text.copy(static_cast<char*>(buffer), room, at);
    at += size;
    return static_cast<std::int64_t>(size);
  });
  char buffer[100];
  BOOST_TEST(list.read(buffer, sizeof buffer) == 9);
  Finding finding;
  finding.line = 3;
  finding.path = "/messages/0";
  list.place(finding);
  BOOST_TEST(finding.line == 3u);
  BOOST_TEST(finding.path == "/2/messages/0");
  Finding about_file;
  list.place(about_file);
  BOOST_TEST(about_file.path == "");
}

BOOST_AUTO_TEST_SUITE_END()
