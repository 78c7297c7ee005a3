#include "text/chat_render.hpp"

#include "text/unicode.hpp"

namespace fthost::text {
namespace {

using Json = nlohmann::ordered_json;

// Put at the end of the last message and looked for in the text; the space shows whether the template trims.
constexpr std::string_view kTag = "CONTINUE_FINAL_MESSAGE_TAG ";

Json context_of(const ChatInput& input, Json messages, bool add_generation_prompt) {
  Json context = input.variables;
  context["messages"] = std::move(messages);
  context["tools"] = input.tools;
  context["documents"] = input.documents;
  context["add_generation_prompt"] = add_generation_prompt;
  return context;
}

Error bad_input(const std::string& what) { return make_error(Code::input, what, "chat"); }

// The text that the last message ends with: its content, or its last part with a text.
std::string* final_text(Json& messages) {
  if (messages.empty() || !messages.back().is_object()) return nullptr;
  const auto content = messages.back().find("content");
  if (content == messages.back().end()) return nullptr;
  if (content->is_string()) return content->get_ptr<std::string*>();
  if (!content->is_array()) return nullptr;
  for (std::size_t i = content->size(); i-- > 0;) {
    Json& part = (*content)[i];
    if (part.is_object() && part.contains("text")) return part["text"].get_ptr<std::string*>();
  }
  return nullptr;
}

Result<RenderedChat> render_unfinished(const ChatTemplate& chat_template, const ChatInput& input) {
  if (input.add_generation_prompt)
    return bad_input("continue_final_message and add_generation_prompt exclude each other");
  Json messages = input.messages;
  std::string* text = final_text(messages);
  if (!text) return bad_input("continue_final_message needs a text in the last message");
  const std::string final(trim(*text, Space::python));
  *text += kTag;
  auto rendered = chat_template.render_marked(context_of(input, std::move(messages), false), input.now);
  if (!rendered) return rendered;
  std::string& out = rendered->text;
  const std::size_t tag = out.rfind(kTag.substr(0, kTag.size() - 1));
  if (tag == std::string::npos || out.find(final) == std::string::npos) {
    return bad_input(
        "continue_final_message is set, but the text of the final message does not appear in the rendered chat");
  }
  const bool space_kept = std::string_view(out).substr(tag, kTag.size()) == kTag;
  out.resize(tag);
  if (!space_kept) out = trim_end(out, Space::python);
  rendered->generations.clear();
  return rendered;
}

}  // namespace

Result<RenderedChat> render_chat(const ChatTemplate& chat_template, const ChatInput& input) {
  if (!input.messages.is_array()) return bad_input("the messages of a chat must be a list");
  if (!input.variables.is_object()) return bad_input("the variables of a chat must be an object");
  if (input.continue_final_message) return render_unfinished(chat_template, input);
  return chat_template.render_marked(context_of(input, input.messages, input.add_generation_prompt), input.now);
}

Result<std::vector<AssistantSpan>> assistant_spans(const ChatTemplate& chat_template, const ChatInput& input,
                                                   const std::string& rendered) {
  if (!input.messages.is_array()) return bad_input("the messages of a chat must be a list");
  std::vector<AssistantSpan> out;
  Json before = Json::array();
  for (std::size_t i = 0; i < input.messages.size(); ++i) {
    const Json& message = input.messages[i];
    if (message.is_object() && message.value("role", Json()) == "assistant") {
      AssistantSpan& one = out.emplace_back();
      one.message = i;
      if (i == 0) {
        one.why_not = "no message before it";
      } else {
        const auto prompt = chat_template.render_marked(context_of(input, before, true), input.now);
        before.push_back(message);
        const auto whole = chat_template.render_marked(context_of(input, before, false), input.now);
        if (!prompt || !whole) {
          one.why_not =
              "the template fails on a part of the conversation: " + (prompt ? whole.error() : prompt.error()).message;
        } else if (!whole->text.starts_with(prompt->text)) {
          one.why_not = "prompt is not a prefix of prompt+message";
        } else if (!rendered.starts_with(whole->text)) {
          one.why_not = "prompt+message is not a prefix of the whole";
        } else {
          one.span = TextSpan{prompt->text.size(), whole->text.size()};
        }
        continue;
      }
    }
    before.push_back(message);
  }
  return out;
}

}  // namespace fthost::text
