// @NAME@: a provider that reaches a chat server of the common "/v1/chat/completions" kind through the host's HTTP
// service.
#include <ft/http.hpp>
#include <ft/provider.hpp>

namespace {

class Provider : public ft::Provider {
 public:
  static constexpr ft::Info info{.name = "@NAME@",
                                 .version = "0.1.0",
                                 .summary = "chat with a server at an address of your own",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "address": {"type": "string", "default": "http://127.0.0.1:8080", "description": "where the server is"},
        "key": {"type": ["string", "null"], "default": null, "description": "name of the key to send, as in the environment"}}})",
                                 .flags = FT_CONCURRENT | FT_NETWORK,
                                 .operations = "capabilities chat models"};

  explicit Provider(const ft::Config& config)
      : address_(config["address"]), key_(config["key"].is_string() ? config["key"] : "") {}

  // Called on many threads at once; every call may block.
  ft::Json request(const ft::Call& call, std::string_view operation, const ft::Json& input) const {
    if (operation == "capabilities") return {{"operations", {"capabilities", "chat", "models"}}, {"streaming", false}};
    if (!input.is_object()) throw ft::Error(FT_E_INPUT, "the request is not an object");
    if (operation == "models") return send(call, "GET", "/v1/models", {}, true).at("data");
    if (operation == "chat") return chat(call, input);
    throw ft::Error(FT_E_UNSUPPORTED, "has no operation \"" + std::string(operation) + "\"", "@NAME@");
  }

 private:
  ft::Json chat(const ft::Call& call, const ft::Json& input) const {
    const ft::Json answer = send(call, "POST", "/v1/chat/completions", input.dump(), false);
    const ft::Json& choice = answer.at("choices").at(0);
    ft::Json result{{"content", choice.at("message").at("content")},
                    {"finish_reason", choice.value("finish_reason", "stop")}};
    if (answer.contains("usage")) result["usage"] = answer["usage"];
    return result;
  }

  @SEND @std::string address_, key_;
};

}  // namespace

FT_PLUGIN(Provider)
