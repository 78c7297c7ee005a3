// Images are bytes or a place in S3; anything else that is no text passes through as it stands.
#include "blocks.hpp"

#include <algorithm>
#include <array>

namespace converse {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 4> kImages = {"png", "jpeg", "gif", "webp"};

// The format that the end of a name says, empty where it says none.
std::string_view format_of(std::string_view name) {
  const std::string_view end = name.substr(std::min(name.size(), name.rfind('.') + 1));
  for (const std::string_view format : kImages) {
    if (end == format) return format;
  }
  return end == "jpg" ? "jpeg" : "";
}

// The URL that says the same as an image block, empty where none does.
std::string image_url(dom::object block) {
  dom::object image, source, place;
  std::string_view format, bytes, uri;
  if (block.size() != 1 || block.at_key("image").get(image) || image.size() != 2 ||
      !ft::find_text(image, "format", format) || image.at_key("source").get(source) || source.size() != 1)
    return {};
  const bool known = std::find(kImages.begin(), kImages.end(), format) != kImages.end();
  if (known && ft::find_text(source, "bytes", bytes))
    return "data:image/" + std::string(format) + ";base64," + std::string(bytes);
  const bool plain = source.at_key("s3Location").get(place) == simdjson::SUCCESS && place.size() == 1 &&
                     ft::find_text(place, "uri", uri) && format_of(uri) == format;
  return plain ? std::string(uri) : std::string();
}

// The image block that says the same as a URL, empty where none does.
std::string image_block(std::string_view url) {
  std::string_view format, key;
  if (constexpr std::string_view kData = "data:image/"; url.starts_with(kData)) {
    const std::size_t comma = url.find(";base64,");
    if (comma == std::string_view::npos) return {};
    for (const std::string_view known : kImages) {
      if (url.substr(kData.size(), comma - kData.size()) == known) format = known;
    }
    key = "bytes";
    url.remove_prefix(comma + 8);
  } else if (url.starts_with("s3://")) {
    format = format_of(url);
  }
  if (format.empty()) return {};
  std::string out = R"({"image":{"format":")" + std::string(format) + R"(","source":{)";
  out += key.empty() ? R"("s3Location":{"uri":)" : R"("bytes":)";
  ft::append_json_string(out, url);
  return out + (key.empty() ? "}}}}" : "}}}");
}

// A part of a record as a block, empty where there is none.
std::string block_of(dom::element item, const std::string& path, ft::Notes& notes) {
  dom::object part, image;
  dom::element type;
  std::string_view name, text;
  std::string out;
  if (item.get(part)) return {};
  if (part.at_key("type").get(type)) {
    const bool own = part.size() == 1 && (*part.begin()).value.is_object();
    return own ? std::string(simdjson::minify(part)) : std::string();
  }
  if (type.get(name)) return {};
  if (name == "text" && ft::find_text(part, "text", text)) {
    ft::ObjectWriter block(out);
    block.text("text", text);
    block.end();
  } else if (name == "image_url" && part.at_key("image_url").get(image) == simdjson::SUCCESS &&
             ft::find_text(image, "url", text)) {
    out = image_block(text);
    if (image.size() > 1) notes.dropped(path + "/image_url/detail", "bedrock-converse has no such field");
  }
  return out;
}

}  // namespace

void add_block(ft::ContentBuilder& content, dom::object block) {
  if (const std::string url = image_url(block); !url.empty())
    content.image(url);
  else
    content.part_json(simdjson::minify(block));
}

bool append_blocks(const ft::Message& message, const std::string& path, std::string& out, ft::Notes& notes) {
  return ft::append_content(message, path, out, block_of,
                            "bedrock-converse has no block for this part, so the record is not written",
                            "give images as data:image/png;base64,... or s3://..., or choose other records", notes);
}

std::optional<std::string> read_tools(dom::element config, ft::Notes& notes) {
  dom::object object;
  dom::array tools;
  if (config.get(object) || object.at_key("tools").get(tools)) return std::nullopt;
  for (const auto& [key, value] : object) {
    if (key != "tools" && !value.is_null())
      notes.dropped("/toolConfig/" + ft::pointer_token(key), "a record has no place for it");
  }
  std::string out;
  std::size_t index = 0;
  for (const dom::element item : tools) {
    const std::string path = "/toolConfig/tools/" + std::to_string(index++) + "/toolSpec";
    dom::object tool, spec, schema;
    dom::element json;
    std::string_view text;
    if (item.get(tool) || tool.at_key("toolSpec").get(spec) || !ft::find_text(spec, "name", text)) return std::nullopt;
    out += out.empty() ? R"([{"type":"function","function":)" : R"(,{"type":"function","function":)";
    ft::ObjectWriter function(out);
    function.text("name", text);
    if (ft::find_text(spec, "description", text)) function.text("description", text);
    if (spec.at_key("inputSchema").get(schema) == simdjson::SUCCESS && ft::find(schema, "json", json))
      function.json("parameters", simdjson::minify(json));
    function.end();
    out += "}";
    for (const auto& [key, value] : spec) {
      if (key != "name" && key != "description" && key != "inputSchema" && !value.is_null())
        notes.dropped(path + "/" + ft::pointer_token(key), "a record has no place for it");
    }
  }
  return out.empty() ? out : out + "]";
}

std::optional<std::string> write_tools(std::string_view json, ft::Notes& notes) {
  ft::JsonReader reader;
  dom::array tools;
  std::string out;
  if (reader.parse(json).get(tools)) return std::nullopt;
  std::size_t index = 0;
  for (const dom::element item : tools) {
    const std::string path = "/tools/" + std::to_string(index++) + "/function";
    dom::object tool, function;
    dom::element parameters;
    std::string_view text;
    if (item.get(tool) || tool.at_key("function").get(function) || !ft::find_text(function, "name", text))
      return std::nullopt;
    out += out.empty() ? R"({"tools":[{"toolSpec":)" : R"(,{"toolSpec":)";
    ft::ObjectWriter spec(out);
    spec.text("name", text);
    if (ft::find_text(function, "description", text)) spec.text("description", text);
    if (ft::find(function, "parameters", parameters))
      spec.json("inputSchema", "{\"json\":" + std::string(simdjson::minify(parameters)) + "}");
    spec.end();
    out += "}";
    for (const auto& [key, value] : function) {
      if (key != "name" && key != "description" && key != "parameters" && !value.is_null())
        notes.dropped(path + "/" + ft::pointer_token(key), "bedrock-converse has no such field");
    }
  }
  return out.empty() ? out : out + "]}";
}

}  // namespace converse
