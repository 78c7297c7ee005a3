#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <future>
#include <set>

#include "io/descriptor.hpp"
#include "io/terminal.hpp"

namespace {

using fthost::io::CancelToken;
using fthost::io::read_input_line;

// Standard input is this pipe as long as it lives.
struct PipedInput {
  fthost::io::Descriptor saved{::dup(STDIN_FILENO)}, writer;
  PipedInput() {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    writer = fthost::io::Descriptor(ends[1]);
  }
  ~PipedInput() { ::dup2(saved.get(), STDIN_FILENO); }
  void write(const std::string& text) {
    BOOST_REQUIRE(::write(writer.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(threads_that_read_at_once_get_whole_lines) {
  PipedInput input;
  std::vector<std::future<std::vector<std::string>>> readers;
  for (int i = 0; i < 4; ++i) {
    readers.push_back(std::async(std::launch::async, [] {
      std::vector<std::string> lines;
      for (std::string line; read_input_line(line, CancelToken()).value();) lines.push_back(line);
      return lines;
    }));
  }
  std::set<std::string> wanted, got;
  for (int i = 0; i < 2000; ++i) {
    const std::string line = std::to_string(i) + std::string(static_cast<std::size_t>(i % 50), 'x');
    wanted.insert(line);
    input.write(line + "\n");
  }
  input.writer.reset();
  for (auto& reader : readers) {
    for (const auto& line : reader.get()) BOOST_TEST(got.insert(line).second);
  }
  BOOST_TEST((got == wanted));
}

BOOST_AUTO_TEST_CASE(whoever_waits_for_a_turn_at_the_input_can_be_cancelled) {
  PipedInput input;
  const CancelToken first, second;
  const auto read = [](const CancelToken& cancel) {
    std::string line;
    const auto more = read_input_line(line, cancel);
    return more ? line : more.error().message;
  };
  auto reads = std::async(std::launch::async, read, first);
  auto waits = std::async(std::launch::async, read, second);
  second.cancel();
  BOOST_TEST(waits.get() == "cancelled");
  input.write("one\n");
  BOOST_TEST(reads.get() == "one");
  first.cancel();
  BOOST_TEST(read(first) == "cancelled");
}
