#include "media.hpp"

namespace llama_factory {

namespace dom = simdjson::dom;

void MediaReader::open(dom::object row, ft::Notes& notes) {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    List& list = lists_[kind];
    list = {};
    dom::element value;
    dom::array paths;
    const std::string path = "/" + std::string(kKinds[kind].column);
    if (!ft::find(row, kKinds[kind].column, value)) continue;
    list.given = true;
    if (value.get(paths) == simdjson::SUCCESS) {
      for (const dom::element item : paths) list.paths.push_back(item);
      if (list.paths.empty()) notes.dropped(path, "the list is empty");
    } else if (value.is_string()) {
      list.paths.push_back(value);
      notes.reshaped(path, "one path became a list of it");
    } else {
      notes.refuse("bad_media", path, "it is " + std::string(ft::type_name(value)) + ", not a list of paths",
                   "write [\"path\", ...]");
    }
  }
}

ft::Message MediaReader::message(std::string_view role, std::string_view text) {
  ft::Message message = ft::text_message(role, text);
  std::string parts = "[";
  bool marked = false;
  const auto begin_part = [&] { parts += parts.size() > 1 ? "," : ""; };
  const auto add_text = [&](std::string_view piece) {
    if (piece.empty()) return;
    begin_part();
    ft::ObjectWriter part(parts);
    part.text("type", "text");
    part.text("text", piece);
    part.end();
  };
  while (true) {
    std::size_t at = std::string_view::npos, found = 0;
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      const std::size_t mark = lists_[kind].given ? text.find(kKinds[kind].mark) : std::string_view::npos;
      if (mark < at) at = mark, found = kind;
    }
    if (at == std::string_view::npos) break;
    add_text(text.substr(0, at));
    const Kind& kind = kKinds[found];
    List& list = lists_[found];
    text.remove_prefix(at + kind.mark.size());
    if (list.marks < list.paths.size()) {
      const dom::element path = list.paths[list.marks];
      begin_part();
      ft::ObjectWriter part(parts);
      part.text("type", path.is_string() ? kind.part : kind.plain);
      if (path.is_string())
        part.json(kind.part, "{\"url\":" + simdjson::minify(path) + "}");
      else
        part.json(kind.plain, simdjson::minify(path));
      part.end();
    }
    ++list.marks;
    marked = true;
  }
  if (!marked) return message;
  add_text(text);
  message.text.reset();
  message.parts = parts + "]";
  return message;
}

void MediaReader::close(const ft::Chat& chat, ft::Notes& notes) const {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    const List& list = lists_[kind];
    if (!list.given) continue;
    const std::string column(kKinds[kind].column), mark(kKinds[kind].mark);
    if (list.marks != list.paths.size()) {
      notes.refuse("bad_media", "/" + column,
                   "the row has " + std::to_string(list.marks) + " " + mark + " marks and " +
                       std::to_string(list.paths.size()) + " paths of " + column,
                   "write as many marks as paths");
    }
    for (const auto& [path, side] : {std::pair<const char*, const std::vector<ft::Message>&>{"/chosen", chat.chosen},
                                     {"/rejected", chat.rejected}}) {
      for (const ft::Message& message : side) {
        if (message.text && message.text->find(mark) != std::string::npos)
          notes.refuse("bad_media", path, "an answer has the mark " + mark, "leave the marks to the prompt");
      }
    }
  }
}

void MediaWriter::clear() {
  for (std::string& paths : paths_) paths.clear();
  marked_.fill(false);
}

void MediaWriter::add_text(std::string& text, std::string_view more) {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
    marked_[kind] = marked_[kind] || more.find(kKinds[kind].mark) != std::string_view::npos;
  text += more;
}

bool MediaWriter::add_file(std::string& text, dom::object part, const std::string& path, ft::Notes& notes) {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    std::string_view type;
    dom::element value;
    if (!ft::find_text(part, "type", type)) return false;
    const bool by_url = type == kKinds[kind].part;
    if (!by_url && type != kKinds[kind].plain) continue;
    if (!ft::find(part, type, value)) return false;
    if (by_url) {
      dom::object place;
      std::string_view url;
      if (value.get(place) || !ft::find_text(place, "url", url)) return false;
      if (url.starts_with("data:") || url.find("://") != std::string_view::npos) return false;
      for (const auto& field : place) {
        if (field.key != "url")
          notes.dropped(path + "/" + std::string(type) + "/" + ft::pointer_token(field.key),
                        "llama-factory has a path alone");
      }
      value = place.at_key("url").value_unsafe();
    }
    text += kKinds[kind].mark;
    paths_[kind] += (paths_[kind].empty() ? "" : ",") + simdjson::minify(value);
    return true;
  }
  return false;
}

std::string MediaWriter::text(const ft::Message& message, const std::string& path, ft::Notes& notes) {
  std::string text;
  if (message.parts.empty()) {
    add_text(text, message.text.value_or(""));
    return text;
  }
  dom::array parts;
  if (parser_.parse(message.parts).get(parts)) return text;
  std::size_t index = 0;
  bool after_text = false;
  for (const dom::element item : parts) {
    dom::object part;
    std::string_view type, piece;
    const std::string at = path + "/content/" + std::to_string(index++);
    const bool is_text = item.get(piece) == simdjson::SUCCESS ||
                         (item.get(part) == simdjson::SUCCESS && ft::find_text(part, "type", type) && type == "text" &&
                          ft::find_text(part, "text", piece));
    if (is_text) {
      if (after_text) {
        text += "\n";
        notes.reshaped(path + "/content", "the parts of text were joined");
      }
      add_text(text, piece);
    } else if (item.get(part) || !add_file(text, part, at, notes)) {
      notes.refuse("not_carried", at, "llama-factory has text and paths of files, so the record is not written",
                   "save what is in the message or behind a link as a file, or choose another format");
    }
    after_text = is_text;
  }
  return text;
}

void MediaWriter::write(ft::ObjectWriter& row, ft::Notes& notes) const {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    if (paths_[kind].empty()) continue;
    row.json(kKinds[kind].column, "[" + paths_[kind] + "]");
    if (marked_[kind]) {
      notes.refuse("not_carried", "/messages",
                   "a text has the mark " + std::string(kKinds[kind].mark) + " itself, so the record is not written",
                   "change the text");
    }
  }
}

}  // namespace llama_factory
