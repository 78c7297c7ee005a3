// @NAME@: chats with a server that speaks the common "/v1/chat/completions", through the host's HTTP service.
#include <ft/http.hpp>
#include <ft/provider.hpp>

namespace {

class @CLASS@ : public ft::Provider {
 public:
  static constexpr ft::Info info{.name = "@NAME@",
                                 .version = "0.1.0",
                                 .summary = "chat with a server at an address of your own",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "address": {"type": "string", "default": "http://127.0.0.1:8080", "description": "where the server is"},
        "key": {"type": "string", "default": "", "description": "name of the key to send, as in the environment"}}})",
                                 .flags = FT_CONCURRENT | FT_NETWORK,
                                 .operations = "capabilities chat models"};
  // .hosts = "api.example.com" names the hosts that a key may be sent to; the user's configuration can allow others.

  explicit @CLASS@(const ft::Config& config) : address_(config["address"]), key_(config["key"]) {}

  // Called on many threads at once; every call may block.
  ft::Json request(const ft::Call& call, std::string_view operation, const ft::Json& input) const {
    if (operation == "capabilities")
      return {{"methods", ft::Json::array()}, {"costs_money", false}, {"chat", {{"stream", false}}}};
    if (!input.is_object()) throw ft::Error(FT_E_INPUT, "the request is not an object", "@NAME@");
    if (operation == "chat") return chat(call, input);
    if (operation == "models") return models(call);
    throw ft::Error(FT_E_UNSUPPORTED, "has no operation \"" + std::string(operation) + "\"", "@NAME@",
                    std::string("it has ") + info.operations);
  }

 private:
  ft::Json chat(const ft::Call& call, ft::Json input) const {
    input.erase("stream");
    const ft::Json answer =
        send(call, {.method = "POST", .url = address_ + "/v1/chat/completions", .body = input.dump()});
    return {{"choices", answer.at("choices")}, {"usage", answer.value("usage", ft::Json::object())}};
  }

  ft::Json models(const ft::Call& call) const {
    ft::Json list = ft::Json::array();
    for (const auto& model : send(call, {.url = address_ + "/v1/models"}).at("data"))
      list.push_back({{"id", model.at("id")}});
    return list;
  }

  // Asking a model twice does no harm, so the host may retry; it would not for a request that creates something.
  ft::Json send(const ft::Call& call, ft::HttpRequest request) const {
    request.repeatable = true;
    request.secret = key_;
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    ft::HttpResponse response = ft::http_open(call, request);
    const std::string text = response.read_all();
    if (response.status() >= 400) {
      ft::Error error(response.status() == 401   ? FT_E_AUTH
                      : response.status() >= 500 ? FT_E_RETRY
                                                 : FT_E_INPUT,
                      "the server answered " + std::to_string(response.status()) + ": " + text.substr(0, 200),
                      request.url);
      error.http_status = response.status();
      throw error;
    }
    return ft::Json::parse(text);
  }

  std::string address_, key_;
};

}  // namespace

FT_PLUGIN(@CLASS@)
