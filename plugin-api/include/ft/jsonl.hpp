// JSON Lines for decoders: one row a line; a broken line becomes a finding and the rows after it go on. Link ft::json
// (ft_add_plugin(... JSON)).
#pragma once

#include <ft/formatter.hpp>
#include <ft/json.hpp>
#include <string>
#include <string_view>

namespace ft {

// Why a line is no row: for FT_FINDING. `column` is the byte, from 1, where it went wrong; 0: not known.
struct LineProblem {
  std::string code, message, hint;
  std::size_t column = 0;
};

// What is wrong with a line that the parser has refused. Slow: it looks for the place.
inline LineProblem line_problem(std::string_view line, simdjson::error_code error) {
  if (const std::size_t good = utf8_prefix(line); good < line.size()) {
    return {"invalid_utf8", "not UTF-8 at byte " + std::to_string(good + 1), "save the file as UTF-8", good + 1};
  }
  struct Finder : nlohmann::json_sax<nlohmann::json> {
    std::size_t position = 0;
    std::string large;  // a number beyond 64 bits
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool number_float(double, const std::string& text) override {
      if (large.empty() && text.find_first_of(".eE") == std::string::npos) large = text;
      return true;
    }
    bool string(std::string&) override { return true; }
    bool binary(nlohmann::json::binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(std::string&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception&) override {
      position = at;
      return false;
    }
  } finder;
  nlohmann::json::sax_parse(line.begin(), line.end(), &finder);
  if (finder.position == 0 && !finder.large.empty()) {
    return {"number_too_large", "the number " + finder.large.substr(0, 40) + " does not fit into 64 bits",
            "write it as text, in quotes"};
  }
  std::string message = "broken JSON";
  if (finder.position) message += " at byte " + std::to_string(finder.position);
  if (finder.position > line.size()) {
    message += ": the line ends before its JSON does";
  } else if (error == simdjson::TAPE_ERROR && finder.position > 0) {
    message += ": '" + std::string(line.substr(finder.position - 1, 1)) + "' was not expected here";
  } else {
    message += std::string(": ") + simdjson::error_message(error);
    while (message.ends_with('.')) message.pop_back();
  }
  return {"broken_json", message, "mend the line; every line must be one complete JSON object", finder.position};
}

// Calls body(number, line, object) for every line that is a JSON object. The rest: blank lines are passed over, others
// become a finding of severity "error". `line` and `object` live until body returns.
template <class Body>
void for_each_json_line(const Call& call, Source& source, Body&& body) {
  simdjson::dom::parser parser;
  std::string_view line;
  std::uint64_t number = 0;
  while (source.next_line(line, number)) {
    if (number % 1024 == 0) call.stop_if_cancelled();
    if (source.too_long()) report_too_long(call, number);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    simdjson::dom::element element;
    if (const auto error = parser.parse(line.data(), line.size(), true).get(element)) {
      const LineProblem problem = line_problem(line, error);
      call.finding(number, problem.code, "error", "", problem.message, problem.hint);
      continue;
    }
    simdjson::dom::object object;
    if (element.get(object)) {
      call.finding(number, "not_an_object", "error", "", "the line is JSON but not an object",
                   "every line must be one object");
      continue;
    }
    body(number, line, object);
  }
}

}  // namespace ft
