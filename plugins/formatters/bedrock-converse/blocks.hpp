// The blocks of Converse: a message's content as {"text"}, {"image"}, ..., and tools as {"toolSpec"}.
#pragma once

#include <ft/chat_own.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace converse {

// Adds a block that holds no text: an image that OpenAI's spelling can say becomes a part of it, others stay.
void add_block(ft::ContentBuilder& content, simdjson::dom::object block);

// Appends the content of a record's message as blocks: `out` ends within the list. False, and a refusal, where a part
// has no block.
bool append_blocks(const ft::Message& message, const std::string& path, std::string& out, ft::Notes& notes);

// toolConfig as the tools of a record: JSON, empty where there are none. Nothing where it is something else.
std::optional<std::string> read_tools(simdjson::dom::element config, ft::Notes& notes);

// The other way: toolConfig of a record's tools; nothing where they are no list of functions.
std::optional<std::string> write_tools(std::string_view tools, ft::Notes& notes);

}  // namespace converse
