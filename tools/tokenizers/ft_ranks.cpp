// ft-ranks: turns the ranks of an encoding, as the npm package has them, into the table that fthost maps.
// Usage: ft-ranks ENCODINGS.json NAME PACKAGE_FOLDER OUTPUT. Leaves nothing behind where it fails.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "text/encoding/table.hpp"

namespace {

using Json = nlohmann::ordered_json;
using fthost::Code;
using fthost::Failure;
using fthost::make_error;
using namespace fthost::text;

Json read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Failure(make_error(Code::io, "cannot be read", path));
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded()) throw Failure(make_error(Code::input, "is not JSON", path));
  return json;
}

std::string from_base64(std::string_view text, const std::string& where) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) throw Failure(make_error(Code::input, "has a token that is no base64", where));
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(static_cast<char>(bits >> have));
  }
  return out;
}

// Lines of "! FIRST_RANK TOKEN TOKEN ...", tokens in base64.
std::vector<std::string> read_ranks(const std::string& text, std::size_t count, const std::string& where) {
  std::vector<std::string> tokens(count);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    std::istringstream words(line);
    std::string mark, token;
    std::size_t rank = 0;
    if (!(words >> mark >> rank) || mark != "!")
      throw Failure(make_error(Code::input, "has ranks in a form that is not known", where));
    for (; words >> token; ++rank) {
      if (rank >= count) throw Failure(make_error(Code::input, "has more ranks than expected", where));
      tokens[rank] = from_base64(token, where);
    }
  }
  return tokens;
}

void write_file(const std::vector<std::uint64_t>& words, const std::string& path) {
  const std::string temporary = path + ".part";
  std::ofstream file(temporary, std::ios::binary);
  file.write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(words.size() * 8));
  file.close();
  std::error_code ec;
  if (file) std::filesystem::rename(temporary, path, ec);
  if (!file || ec) {
    std::filesystem::remove(temporary, ec);
    throw Failure(make_error(Code::io, "cannot be written", path, "see that the disk is not full"));
  }
}

void build(const std::string& encodings, const std::string& name, const std::string& package,
           const std::string& output) {
  const Json all = read_json(encodings);
  const Json& known = all.at(name);
  const std::string path = package + "/" + known.at("source").get<std::string>();
  RankSource source;
  source.rule = known.at("rule") == "words" ? SplitRule::words : SplitRule::cased_words;
  source.tokens =
      read_ranks(read_json(path).at("bpe_ranks").get<std::string>(), known.at("tokens").get<std::size_t>(), path);
  const auto add = [&](const std::string& encoding, const std::string& token, std::uint64_t id) {
    source.names += encoding + "\t" + token + "\t" + std::to_string(id) + "\n";
  };
  for (const auto& [encoding, specials] : known.at("names").items()) {
    for (const auto& [token, id] : specials.items()) add(encoding, token, id.get<std::uint64_t>());
  }
  const Json reserved = known.value("reserved", Json::object());
  for (const auto& [encoding, ranges] : reserved.items()) {
    for (const auto& range : ranges) {
      for (auto id = range.at(0).get<std::uint64_t>(); id <= range.at(1).get<std::uint64_t>(); ++id) {
        add(encoding, "<|reserved_" + std::to_string(id) + "|>", id);
      }
    }
  }
  write_file(build_rank_table(source, path).value(), output);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: ft-ranks ENCODINGS.json NAME PACKAGE_FOLDER OUTPUT\n", stderr);
    return 2;
  }
  try {
    build(argv[1], argv[2], argv[3], argv[4]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ft-ranks: %s\n", error.what());
    return 1;
  }
}
