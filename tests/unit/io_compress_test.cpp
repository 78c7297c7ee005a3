#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "io/compress.hpp"
#include "io/decompress.hpp"

using fthost::io::Compressor;
using fthost::io::Decompressor;
using fthost::io::OutputFile;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(io_compress)

namespace {

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "compress-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

std::string bytes_of(const fs::path& path) {
  auto bytes = fthost::io::read_file(path);
  BOOST_REQUIRE(bytes);
  return *bytes;
}

std::string unpacked(std::string_view bytes) {
  const auto decompressor = Decompressor::for_stream(bytes);
  BOOST_REQUIRE(decompressor);
  std::string text;
  std::vector<char> room(1 << 16);
  for (;;) {
    const auto size = decompressor->next(bytes, room.data(), room.size());
    BOOST_REQUIRE(size);
    if (*size == 0) break;
    text.append(room.data(), *size);
  }
  BOOST_TEST(decompressor->complete());
  return text;
}

std::string rows() {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "row " + std::to_string(i * 7919LL * i) + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_name_says_what_a_file_becomes) {
  const Folder folder;
  const std::string text = rows();
  for (const char* name : {"a.jsonl.gz", "a.jsonl.zst", "a.jsonl", "gz"}) {
    const fs::path path = folder.path / name;
    std::vector<std::string> written;
    for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{777}}) {
      auto file = OutputFile::create(path);
      BOOST_REQUIRE(file);
      for (std::size_t begin = 0; begin < text.size(); begin += piece)
        BOOST_REQUIRE(file->write(std::string_view(text).substr(begin, piece)));
      BOOST_REQUIRE(file->sync());
      BOOST_REQUIRE(file->commit());
      written.push_back(bytes_of(path));
    }
    const bool compressed = path.extension() == ".gz" || path.extension() == ".zst";
    BOOST_TEST((compressed ? unpacked(written[0]) : written[0]) == text);
    BOOST_TEST((compressed ? unpacked(written[1]) : written[1]) == text);
    if (compressed) BOOST_TEST(written[0].size() * 2 < text.size());
  }
}

BOOST_AUTO_TEST_CASE(a_file_without_rows_is_a_whole_one) {
  const Folder folder;
  for (const char* name : {"a.gz", "a.zst"}) {
    auto file = OutputFile::create(folder.path / name);
    BOOST_REQUIRE(file);
    BOOST_REQUIRE(file->commit());
    BOOST_TEST(unpacked(bytes_of(folder.path / name)) == "");
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_committed_leaves_nothing) {
  const Folder folder;
  fthost::io::write_atomic(folder.path / "a.gz", "old").value();
  {
    auto file = OutputFile::create(folder.path / "a.gz");
    BOOST_REQUIRE(file);
    BOOST_REQUIRE(file->write(rows()));
  }
  BOOST_TEST(bytes_of(folder.path / "a.gz") == "old");
  BOOST_TEST(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_full_is_an_error_of_the_write_or_of_the_end) {
  for (const char* ending : {".gz", ".zst"}) {
    const auto compressor = Compressor::for_name(std::string("a") + ending);
    BOOST_REQUIRE(compressor);
    const auto full = [](std::string_view) -> fthost::Result<void> {
      return fthost::make_error(fthost::Code::io, "full");
    };
    const bool written = static_cast<bool>(compressor->write(rows(), full));
    BOOST_TEST(!(written && compressor->finish(full)));
  }
  BOOST_TEST(!Compressor::for_name("a.json"));
}

BOOST_AUTO_TEST_SUITE_END()
