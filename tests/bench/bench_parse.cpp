// What others' parsers take for the lines of a file, as a measure of the machine at this minute: `bench_parse PARSER
// FILE`, PARSER nlohmann or simdjson. Prints how many lines are JSON; whoever calls it takes the time.
#include <simdjson.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

int main(int argc, char** argv) {
  const std::string parser = argc == 3 ? argv[1] : "";
  if (parser != "nlohmann" && parser != "simdjson") {
    std::cerr << "usage: bench_parse nlohmann|simdjson FILE\n";
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  if (!file) {
    std::cerr << "bench_parse: cannot read " << argv[2] << "\n";
    return 1;
  }
  simdjson::dom::parser reused;
  std::size_t good = 0;
  for (std::string line; std::getline(file, line);) {
    if (parser == "nlohmann") {
      good += !nlohmann::json::parse(line, nullptr, false).is_discarded();
    } else {
      line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
      good += reused.parse(line).error() == simdjson::SUCCESS;
    }
  }
  std::cout << good << "\n";
}
