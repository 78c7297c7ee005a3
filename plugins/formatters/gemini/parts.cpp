// Images are bytes or an address; types of schemas are capital letters in older files.
#include "parts.hpp"

#include <array>
#include <cctype>

namespace gemini {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kImage = "image/";

// The image type that the end of an address says, empty where it says none.
std::string image_type(std::string_view address) {
  const std::size_t dot = address.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view end = address.substr(dot + 1);
  for (const std::string_view type : {"png", "jpeg", "webp", "gif", "heic", "heif"}) {
    if (end == type) return std::string(kImage) + std::string(type);
  }
  return end == "jpg" ? "image/jpeg" : "";
}

// The URL that says the same as a part, empty where none does.
std::string image_url(dom::object part) {
  dom::object data;
  std::string_view type, text;
  if (part.size() != 1) return {};
  if (part.at_key("inlineData").get(data) == simdjson::SUCCESS && data.size() == 2 &&
      ft::find_text(data, "mimeType", type) && type.starts_with(kImage) && ft::find_text(data, "data", text))
    return "data:" + std::string(type) + ";base64," + std::string(text);
  const bool plain = part.at_key("fileData").get(data) == simdjson::SUCCESS && data.size() == 2 &&
                     ft::find_text(data, "mimeType", type) && ft::find_text(data, "fileUri", text) &&
                     image_type(text) == type && !text.starts_with("data:");
  return plain ? std::string(text) : std::string();
}

// The part that says the same as a URL, empty where none does.
std::string image_part(std::string_view url) {
  std::string out, type;
  if (url.starts_with("data:")) {
    const std::size_t comma = url.find(";base64,");
    if (comma == std::string_view::npos) return {};
    type = url.substr(5, comma - 5);
    if (!type.starts_with(kImage)) return {};
    url.remove_prefix(comma + 8);
    out = R"({"inlineData":)";
  } else {
    type = image_type(url);
    if (type.empty()) return {};
    out = R"({"fileData":)";
  }
  const bool bytes = out[2] == 'i';
  ft::ObjectWriter data(out);
  data.text("mimeType", type);
  data.text(bytes ? "data" : "fileUri", url);
  data.end();
  return out + "}";
}

std::string part_of(dom::element item, const std::string& path, ft::Notes& notes) {
  dom::object part, image;
  dom::element type;
  std::string_view name, text;
  std::string out;
  if (item.get(part)) return {};
  if (part.at_key("type").get(type)) return part.size() > 0 ? std::string(simdjson::minify(part)) : std::string();
  if (type.get(name)) return {};
  if (name == "text" && ft::find_text(part, "text", text)) {
    ft::ObjectWriter object(out);
    object.text("text", text);
    object.end();
  } else if (name == "image_url" && part.at_key("image_url").get(image) == simdjson::SUCCESS &&
             ft::find_text(image, "url", text)) {
    out = image_part(text);
    if (image.size() > 1) notes.dropped(path + "/image_url/detail", "gemini has no such field");
  }
  return out;
}

// A schema with the names of its types in small or in capital letters.
void append_schema(std::string& out, dom::element element, bool upper) {
  dom::object object;
  dom::array list;
  auto comma = [&out, first = true]() mutable {
    if (!first) out += ",";
    first = false;
  };
  if (element.get(object) == simdjson::SUCCESS) {
    out += "{";
    for (const auto& [key, value] : object) {
      std::string_view text;
      comma();
      ft::append_json_string(out, key);
      out += ":";
      if (key == "type" && value.get(text) == simdjson::SUCCESS) {
        std::string name(text);
        for (char& c : name) {
          const auto byte = static_cast<unsigned char>(c);
          c = static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
        }
        ft::append_json_string(out, name);
      } else if (key == "enum" || key == "default" || key == "example" || key == "const") {
        out += simdjson::minify(value);
      } else {
        append_schema(out, value, upper);
      }
    }
    out += "}";
  } else if (element.get(list) == simdjson::SUCCESS) {
    out += "[";
    for (const dom::element item : list) {
      comma();
      append_schema(out, item, upper);
    }
    out += "]";
  } else {
    out += simdjson::minify(element);
  }
}

void append_function(std::string& out, dom::object function, bool upper, const std::string& path, ft::Notes& notes) {
  ft::ObjectWriter object(out);
  for (const auto& [key, value] : function) {
    if (key == "strict") {
      if (!value.is_null()) notes.dropped(path + "/strict", "gemini has no such field");
    } else if (key == "parameters" || key == "response") {
      object.key(key);
      append_schema(out, value, upper);
    } else {
      object.json(key, simdjson::minify(value));
    }
  }
  object.end();
}

}  // namespace

bool find_either(dom::object object, std::string_view camel, std::string_view snake, const std::string& path,
                 dom::element& value, ft::Notes& notes) {
  if (ft::find(object, camel, value)) return true;
  if (!ft::find(object, snake, value)) return false;
  notes.reshaped(path + "/" + std::string(snake), "it is written as " + std::string(camel));
  return true;
}

void add_part(ft::ContentBuilder& content, dom::object part) {
  if (const std::string url = image_url(part); !url.empty())
    content.image(url);
  else
    content.part_json(simdjson::minify(part));
}

bool append_parts(const ft::Message& message, const std::string& path, std::string& out, ft::Notes& notes) {
  return ft::append_content(
      message, path, out, part_of, "gemini has no part like this one, so the record is not written",
      "give images as data:image/png;base64,... or an address that ends in their type, or choose other records", notes);
}

std::optional<Tools> read_tools(dom::element element, ft::Notes& notes) {
  dom::array tools;
  if (element.get(tools)) return std::nullopt;
  Tools read;
  std::string given, small, capital;  // the declarations, as they are and in either case
  ft::Notes quiet;
  std::size_t lists = 0, index = 0;
  for (const dom::element item : tools) {
    const std::string path = "/tools/" + std::to_string(index++);
    dom::object tool;
    dom::element value;
    dom::array functions;
    if (item.get(tool)) return std::nullopt;
    for (const auto& [key, other] : tool) {
      if (key != "functionDeclarations" && key != "function_declarations" && !other.is_null())
        notes.dropped(path + "/" + ft::pointer_token(key), "a record has functions alone");
    }
    if (!find_either(tool, "functionDeclarations", "function_declarations", path, value, notes)) continue;
    if (value.get(functions)) return std::nullopt;
    if (lists++ > 0) notes.reshaped(path, "the lists of functions became one");
    for (const dom::element one : functions) {
      dom::object function;
      std::string_view name;
      if (one.get(function) || !ft::find_text(function, "name", name)) return std::nullopt;
      given += simdjson::minify(one);
      read.json += read.json.empty() ? R"([{"type":"function","function":)" : R"(,{"type":"function","function":)";
      const std::size_t begin = read.json.size();
      append_function(read.json, function, false, path, notes);
      small += std::string_view(read.json).substr(begin);
      append_function(capital, function, true, path, quiet);
      read.json += "}";
    }
  }
  if (!read.json.empty()) read.json += "]";
  read.upper = given == capital && given != small;
  if (given != capital && given != small)
    notes.reshaped("/tools", "the types of the schemas are written in small letters");
  return read;
}

std::optional<std::string> write_tools(std::string_view json, bool upper, ft::Notes& notes) {
  ft::JsonReader reader;
  dom::array tools;
  std::string out;
  if (reader.parse(json).get(tools)) return std::nullopt;
  std::size_t index = 0;
  for (const dom::element item : tools) {
    const std::string path = "/tools/" + std::to_string(index++) + "/function";
    dom::object tool, function;
    std::string_view name;
    if (item.get(tool) || tool.at_key("function").get(function) || !ft::find_text(function, "name", name))
      return std::nullopt;
    out += out.empty() ? R"([{"functionDeclarations":[)" : ",";
    if (upper)
      append_function(out, function, true, path, notes);
    else
      append_function(out, function, false, path, notes);
  }
  return out.empty() ? out : out + "]}]";
}

}  // namespace gemini
