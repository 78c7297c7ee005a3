#include "app/options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

#include "text/distance.hpp"

namespace fthost::app {
namespace {

namespace po = boost::program_options;

po::options_description describe() {
  po::options_description all("", 100);
  // clang-format off
  all.add_options()
      ("project", po::value<std::string>()->value_name("DIR"), "the project's folder (default: here or above)")
      ("plugin-dir", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
       "search plugins here first; may be given again")
      ("json", po::bool_switch(), "print one JSON document instead of text")
      ("yes", po::bool_switch(), "answer questions with yes; never for what costs money")
      ("log", po::value<std::string>()->value_name("LEVEL")->default_value("warning"), "debug, info, warning, error or off")
      ("time-limit", po::value<double>()->value_name("S"), "stop a script after so many seconds")
      ("memory-limit", po::value<double>()->value_name("MB"), "stop a script that takes more memory")
      ("sandbox", po::bool_switch(), "keep a script within the project and, unless told more, 1024 MB")
      ("allow-network", po::bool_switch(), "let a sandboxed script's providers use the network")
      ("version", po::bool_switch(), "print the version and end");
  // clang-format on
  return all;
}

Error usage(const std::string& message, const std::string& hint = "see fthost --help") {
  return make_error(Code::config, message, {}, hint);
}

Result<LogLevel> parse_level(const std::string& name) {
  static const std::vector<std::string> kNames = {"debug", "info", "warning", "error", "off"};
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end())
    return usage("there is no log level \"" + name + "\"", "give debug, info, warning, error or off");
  return static_cast<LogLevel>(found - kNames.begin());
}

// Separates the host's options from the rest, which keeps its order.
void divide(const po::options_description& known, const std::vector<std::string>& arguments,
            std::vector<std::string>& own, std::vector<std::string>& rest) {
  bool in_run = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const std::string name = word.starts_with("--")
                                 ? word.substr(2, word.find('=') == std::string::npos ? word.npos : word.find('=') - 2)
                                 : "";
    const po::option_description* option = name.empty() ? nullptr : known.find_nothrow(name, false);
    if (option) {
      own.push_back(word);
      const bool wants_value = option->semantic()->min_tokens() > 0 && word.find('=') == std::string::npos;
      if (wants_value && i + 1 < arguments.size()) own.push_back(arguments[++i]);
      continue;
    }
    rest.push_back(word);
    const bool ends = word == "--" || (in_run && !word.starts_with("-"));
    if (ends) {
      rest.insert(rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      return;
    }
    in_run = in_run || (rest.size() == 1 && word == "run");
  }
}

std::string nearest_option(const std::string& word) {
  std::vector<std::string> names = host_option_names();
  names.insert(names.begin(), "help");
  const auto found = text::nearest(word.substr(std::min(word.find_first_not_of('-'), word.size())), names);
  return found ? "did you mean --" + names[*found] + "?" : "see fthost --help";
}

}  // namespace

Result<HostOptions> parse_host_options(const std::vector<std::string>& arguments) {
  const po::options_description known = describe();
  HostOptions options;
  std::vector<std::string> own;
  divide(known, arguments, own, options.words);
  po::variables_map values;
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(own).options(known).style(style).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\'', '"');
    return usage(text);
  }
  if (values.count("project")) options.project = values["project"].as<std::string>();
  if (values.count("plugin-dir")) options.plugin_dirs = values["plugin-dir"].as<std::vector<std::string>>();
  options.json = values["json"].as<bool>();
  options.yes = values["yes"].as<bool>();
  options.sandbox = values["sandbox"].as<bool>();
  options.allow_network = values["allow-network"].as<bool>();
  if (values.count("time-limit")) options.time_limit = values["time-limit"].as<double>();
  if (values.count("memory-limit")) options.memory_limit = values["memory-limit"].as<double>();
  if (values.count("time-limit") && !(options.time_limit > 0 && options.time_limit < 1e9))
    return usage("--time-limit needs a number of seconds above 0");
  if (values.count("memory-limit") && !(options.memory_limit >= 1 && options.memory_limit < 1e9))
    return usage("--memory-limit needs a number of megabytes, at least 1");
  auto level = parse_level(values["log"].as<std::string>());
  if (!level) return level.error();
  options.log = *level;
  options.version = values["version"].as<bool>();
  if (const auto& words = options.words; !words.empty() && words[0].starts_with("-") && words[0] != "-h") {
    const std::string word = words[0].substr(0, words[0].find('='));
    if (word != "--help" && word != "--") return usage("there is no option " + word, nearest_option(word));
  }
  return options;
}

std::string host_options_help() {
  std::ostringstream out;
  out << describe();
  std::string text = out.str();
  while (!text.empty() && text.front() == '\n') text.erase(0, 1);
  return text;
}

std::vector<std::string> host_option_names() {
  std::vector<std::string> names;
  const po::options_description all = describe();
  for (const auto& option : all.options()) names.push_back(option->long_name());
  return names;
}

}  // namespace fthost::app
