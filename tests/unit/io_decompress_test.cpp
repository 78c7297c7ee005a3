#include <zlib.h>
#include <zstd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "io/decompress.hpp"

using fthost::io::Decompressor;

BOOST_AUTO_TEST_SUITE(io_decompress)

namespace {

std::string gzipped(const std::string& text) {
  z_stream stream{};
  BOOST_REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstded(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  BOOST_REQUIRE(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

struct Outcome {
  std::string text;
  bool complete = false, damaged = false;
};

// Fed `in` bytes and given room for `out` bytes at a time.
Outcome unpack(const std::string& bytes, std::size_t in, std::size_t out) {
  const auto decompressor = Decompressor::for_stream(bytes);
  BOOST_REQUIRE(decompressor);
  Outcome outcome;
  std::vector<char> room(out);
  for (std::size_t begin = 0; begin < bytes.size(); begin += in) {
    std::string_view piece = std::string_view(bytes).substr(begin, in);
    for (;;) {
      const auto size = decompressor->next(piece, room.data(), room.size());
      if (!size) return outcome.damaged = true, outcome;
      if (*size == 0) break;
      outcome.text.append(room.data(), *size);
    }
    BOOST_TEST(piece.empty());
  }
  outcome.complete = decompressor->complete();
  return outcome;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "row " + std::to_string(i * 7919) + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(streams_come_out_whole_whatever_the_pieces) {
  const std::string text = sample();
  for (const std::string& bytes : {gzipped(text), zstded(text)}) {
    for (const auto& [in, out] : {std::pair<std::size_t, std::size_t>{1, 70000}, {70000, 1}, {4096, 65536}, {7, 13}}) {
      const Outcome outcome = unpack(bytes, in, out);
      BOOST_TEST(outcome.complete);
      BOOST_TEST((outcome.text == text));
    }
  }
}

BOOST_AUTO_TEST_CASE(members_and_frames_follow_each_other) {
  for (const std::string& bytes :
       {gzipped("one") + gzipped("") + gzipped("two"), zstded("one") + zstded("") + zstded("two")}) {
    const Outcome outcome = unpack(bytes, bytes.size(), 64);
    BOOST_TEST(outcome.complete);
    BOOST_TEST(outcome.text == "onetwo");
  }
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_cut_short_is_not_complete_and_a_damaged_one_is_an_error) {
  const std::string text = sample();
  for (const std::string& bytes : {gzipped(text), zstded(text)}) {
    BOOST_TEST(!unpack(bytes.substr(0, bytes.size() - 1), 4096, 4096).complete);
    BOOST_TEST(!unpack(bytes.substr(0, bytes.size() / 2), 4096, 4096).complete);
    std::string damaged = bytes;
    for (std::size_t i = damaged.size() / 2; i < damaged.size() / 2 + 40; ++i) damaged[i] = '\x55';
    const Outcome outcome = unpack(damaged, 4096, 4096);
    BOOST_TEST((outcome.damaged || outcome.text != text));
  }
  BOOST_TEST(!Decompressor::for_stream("{\"a\":1}"));
  BOOST_TEST(!Decompressor::for_stream(""));
}

BOOST_AUTO_TEST_SUITE_END()
