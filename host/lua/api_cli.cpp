// ft.cli: a command's options, from its table, through Boost.Program_options: types, help and errors from one place.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"
#include "lua/value.hpp"
#include "text/distance.hpp"

namespace fthost::lua {
namespace {

namespace po = boost::program_options;

struct Positional {
  std::string name, help;
  bool required = false, many = false;
};

struct Spec {
  std::string command, summary, usage, details;
  Json options = Json::array();
  std::vector<Positional> positional;
  bool rest = false;
  std::vector<std::string> host_options;  // names of the host's own, which may be what was meant
};

// Says where without the program's name, which begins the line anyway: "init", not "fthost init".
Error usage_error(const Spec& spec, const std::string& message, const std::string& hint = {}) {
  const std::string where = spec.command.substr(spec.command.find(' ') + 1);
  return make_error(Code::config, message, where, hint.empty() ? "see " + spec.command + " --help" : hint);
}

Spec read_spec(const Json& json) {
  Spec spec;
  spec.command = json.value("command", "fthost");
  spec.summary = json.value("summary", "");
  spec.usage = json.value("usage", "");
  spec.details = json.value("details", "");
  spec.rest = json.value("rest", false);
  if (json.contains("options")) spec.options = json["options"];
  for (const auto& item : json.value("positional", Json::array())) {
    spec.positional.push_back(
        {item.value("name", ""), item.value("help", ""), item.value("required", false), item.value("many", false)});
  }
  return spec;
}

po::options_description describe_options(const Spec& spec) {
  po::options_description description("Options");
  for (const auto& option : spec.options) {
    const std::string name = option.at("name").get<std::string>();
    const std::string spelled = option.contains("short") ? name + "," + option["short"].get<std::string>() : name;
    std::string help = option.value("help", "");
    if (option.contains("default") && !option["default"].is_boolean()) {
      help += " (default: " +
              (option["default"].is_string() ? option["default"].get<std::string>() : option["default"].dump()) + ")";
    }
    const std::string type = option.value("type", "string");
    const auto add = [&](const po::value_semantic* semantic) {
      description.add_options()(spelled.c_str(), semantic, help.c_str());
    };
    if (type == "flag") {
      add(new po::untyped_value(true));
    } else if (type == "integer") {
      add(po::value<std::int64_t>()->value_name("N"));
    } else if (type == "number") {
      add(po::value<double>()->value_name("X"));
    } else if (type == "list") {
      add(po::value<std::vector<std::string>>()->value_name("TEXT")->composing());
    } else if (type == "string") {
      add(po::value<std::string>()->value_name("TEXT"));
    } else {
      throw Failure(make_error(Code::internal, "unknown type \"" + type + "\" of option --" + name, spec.command));
    }
  }
  description.add_options()("help,h", "say this");
  return description;
}

std::string upper(std::string name) {
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

// Boost's "-h [ --help ] " as "-h, --help    ": the columns stay.
std::string plain_spelling(std::string text) {
  for (std::size_t at = 0; (at = text.find(" [ --", at)) != std::string::npos;) {
    const std::size_t end = text.find(" ]", at), line_end = text.find('\n', at);
    if (end == std::string::npos || end > line_end) break;
    const std::string name = text.substr(at + 3, end - at - 3);
    const std::size_t gap = std::min(text.find("  ", end), line_end);
    text.insert(gap, 3, ' ');
    text.replace(at, end + 2 - at, ", " + name);
    at += name.size();
  }
  return text;
}

std::string help_text(const Spec& spec, const po::options_description& description) {
  std::ostringstream out;
  out << spec.command << ": " << spec.summary << "\n\nUsage: " << spec.command;
  if (!spec.usage.empty())
    out << " " << spec.usage;
  else if (!spec.options.empty())
    out << " [options]";
  out << "\n";
  if (!spec.details.empty()) out << "\n" << spec.details << "\n";
  if (!spec.positional.empty()) {
    out << "\nArguments:\n";
    std::size_t width = 0;
    for (const auto& item : spec.positional) width = std::max(width, item.name.size());
    for (const auto& item : spec.positional) {
      out << "  " << upper(item.name) << std::string(width - item.name.size() + 2, ' ') << item.help << "\n";
    }
  }
  std::ostringstream options;
  options << description;
  return out.str() + "\n" + plain_spelling(options.str());
}

std::string nearest_option(const Spec& spec, const std::string& given) {
  std::vector<std::string> names = {"help"};
  for (const auto& option : spec.options) names.push_back(option.at("name").get<std::string>());
  names.insert(names.end(), spec.host_options.begin(), spec.host_options.end());
  const auto found = text::nearest(given.substr(std::min(given.find_first_not_of('-'), given.size())), names);
  return found ? "did you mean --" + names[*found] + "?" : "";
}

// Boost's exceptions as one sentence each.
[[noreturn]] void explain(const Spec& spec, const po::error& error) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
    const std::string name = unknown->get_option_name();
    throw Failure(usage_error(spec, "there is no option " + name, nearest_option(spec, name)));
  }
  if (const auto* value = dynamic_cast<const po::validation_error*>(&error)) {
    std::string type = "value";
    for (const auto& option : spec.options) {
      if ("--" + option.at("name").get<std::string>() == value->get_option_name()) type = option.value("type", "");
    }
    const std::string expected = type == "integer" ? "a whole number" : type == "number" ? "a number" : "another value";
    throw Failure(usage_error(spec, value->get_option_name() + " needs " + expected));
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\'', '"');
  throw Failure(usage_error(spec, text));
}

Json read_values(const Spec& spec, const po::variables_map& values) {
  Json options = Json::object();
  for (const auto& option : spec.options) {
    const std::string name = option.at("name").get<std::string>();
    if (!values.count(name)) continue;
    std::string key = name;
    std::replace(key.begin(), key.end(), '-', '_');
    const std::string type = option.value("type", "string");
    if (type == "flag") {
      options[key] = true;
    } else if (type == "integer") {
      options[key] = values[name].as<std::int64_t>();
    } else if (type == "number") {
      const double number = values[name].as<double>();
      if (!std::isfinite(number)) throw Failure(usage_error(spec, "--" + name + " needs a number"));
      options[key] = number;
    } else if (type == "list") {
      options[key] = values[name].as<std::vector<std::string>>();
    } else {
      options[key] = values[name].as<std::string>();
    }
  }
  return options;
}

Json read_positional(const Spec& spec, const std::vector<std::string>& words) {
  Json result = Json::object();
  std::size_t at = 0;
  for (const auto& item : spec.positional) {
    if (item.many) {
      result[item.name] = std::vector<std::string>(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
      at = words.size();
      if (item.required && result[item.name].empty())
        throw Failure(usage_error(spec, "give " + upper(item.name) + ": " + item.help));
    } else if (at < words.size()) {
      result[item.name] = words[at++];
    } else if (item.required) {
      throw Failure(usage_error(spec, "give " + upper(item.name) + ": " + item.help));
    }
  }
  if (at < words.size()) throw Failure(usage_error(spec, "takes no argument \"" + words[at] + "\" here"));
  return result;
}

// ft.cli.parse(spec, words): {options, positional, rest, help}. `help` is the text if it was asked for.
int cli_parse(lua_State* L) {
  check_table(L, 1, "spec");
  check_table(L, 2, "words");
  Spec spec = read_spec(to_json(L, 1));
  spec.host_options = State::from(L).need<HostInfo>().option_names;
  std::vector<std::string> words, rest;
  for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; ++i) {  // words need not be UTF-8
    words.emplace_back(check_string(L, lua_gettop(L), "word"));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (spec.rest) {  // the first word that is no option ends the options; what follows belongs to it
    const auto first =
        std::find_if(words.begin(), words.end(), [](const std::string& word) { return !word.starts_with('-'); });
    if (first != words.end()) {
      rest.assign(first + 1, words.end());
      words.erase(first + 1, words.end());
    }
  }
  const po::options_description description = describe_options(spec);
  po::options_description all;
  all.add(description).add_options()("(argument)", po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add("(argument)", -1);
  Json result;
  try {
    po::variables_map values;
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positions).style(style).run(), values);
    if (values.count("help")) {
      result = {{"help", help_text(spec, description)}};
    } else {
      const auto arguments =
          values.count("(argument)") ? values["(argument)"].as<std::vector<std::string>>() : std::vector<std::string>();
      result = {
          {"options", read_values(spec, values)}, {"positional", read_positional(spec, arguments)}, {"rest", rest}};
    }
  } catch (const po::error& error) {
    explain(spec, error);
  }
  push_json(L, result);
  return 1;
}

}  // namespace

void open_cli(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.cli", {{"parse", entry<cli_parse>}});
  lua_setfield(L, -2, "cli");
}

}  // namespace fthost::lua
