// The services as a plugin sees them: what is allowed to go where.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <future>

#include "http_fixture.hpp"
#include "plugin/services.hpp"
#include "plugin_fixture.hpp"

namespace {

using namespace fthost;
using fthost::test::Host;
using fthost::test::LoopbackServer;
using fthost::test::Peer;
using fthost::test::TemporaryFolder;
using plugin::CallContext;
using plugin::str;

// A call into a plugin that may send its key to a few hosts.
struct Called {
  Host host;
  plugin::Services services;
  std::shared_ptr<CallContext> context = std::make_shared<CallContext>();
  ft_desc desc{};
  ft_call call{};

  explicit Called(plugin::Services::Options options = {}) : services(*host.client, std::move(options)) {
    desc.struct_size = sizeof desc;
    desc.name = "asks";
    desc.hosts = "api.example.org localhost 127.0.0.1 10.0.0.7";
    context->desc = &desc;
    call = services.calls().open(context);
  }
  template <class Service>
  const Service& service(const char* id) {
    return *static_cast<const Service*>(services.host()->service(services.host()->ctx, id));
  }
  std::string error() {
    const auto said = context->take_error();
    return said ? said->sentence() : "";
  }
  ft_status open(const std::string& url, ft_http_response& out, const char* secret = nullptr,
                 const std::string& body_file = {}) {
    ft_http_request request{};
    request.struct_size = sizeof request;
    request.method = str(body_file.empty() ? "GET" : "POST");
    request.url = str(url);
    if (secret) request.secret = str(secret);
    if (!body_file.empty()) request.body_file = str(body_file);
    const auto& http = service<ft_http>("ft.http/1");
    return http.open(http.ctx, call, &request, &out);
  }
};

plugin::Services::Options keyed() {
  plugin::Services::Options options;
  options.secrets = {{"ASKS_TEST_KEY", "hush"}};
  return options;
}

plugin::Services::Options sandboxed(const std::string& project) {
  plugin::Services::Options options;
  Gate::Grants grants;
  grants.network = grants.processes = true;
  options.gate = Gate::sandbox(project, grants).value();
  options.paths.project = project;
  return options;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_key_never_goes_out_in_clear_but_to_this_machine) {
  std::promise<std::string> seen;
  LoopbackServer server([&](Peer& peer) {
    const auto request = peer.request();
    seen.set_value(request ? request->header("Authorization").value_or("none") : "none");
    peer.answer("ok");
  });
  Called called(keyed());
  ft_http_response out{};
  for (const char* url : {"http://api.example.org/v1", "http://10.0.0.7/"}) {
    BOOST_TEST(called.open(url, out, "ASKS_TEST_KEY") == FT_E_AUTH);
    const std::string origin = std::string(url).substr(0, std::string(url).find('/', 8));
    BOOST_TEST(called.error() == "asks: the key ASKS_TEST_KEY may not be sent to " + origin +
                                     " in clear; use an address that begins with https");
  }
  BOOST_TEST(called.open("https://elsewhere.example.org/", out, "ASKS_TEST_KEY") == FT_E_AUTH);
  BOOST_TEST(called.open(server.url(), out, "ASKS_TEST_KEY") == FT_OK);
  BOOST_TEST(seen.get_future().get() == "Bearer hush");
  const auto& http = called.service<ft_http>("ft.http/1");
  http.close(http.ctx, out.handle);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_set_says_both_places) {
  Called called;
  const auto& secret = called.service<ft_secret>("ft.secret/1");
  BOOST_TEST(secret.require(secret.ctx, called.call, str("ASKS_NO_KEY")) == FT_E_AUTH);
  BOOST_TEST(called.error() ==
             "the key ASKS_NO_KEY is not set; export ASKS_NO_KEY=… in the shell that starts fthost, or add the line "
             "ASKS_NO_KEY=… to keys.env in the folder of your own configuration (~/.config/fthost)");
}

BOOST_AUTO_TEST_CASE(a_sandboxed_plugin_neither_writes_nor_uploads_what_lies_outside) {
  const TemporaryFolder outside, project;
  std::ofstream(outside / "rows.jsonl") << "{}";
  std::filesystem::create_symlink(outside / "rows.jsonl", project / "leak.jsonl");
  Called called(sandboxed(project.path()));
  ft_http_response out{};
  for (const auto& file : {outside / "rows.jsonl", std::string("leak.jsonl"), std::string("/etc/passwd")}) {
    BOOST_TEST(called.open("http://127.0.0.1:1/", out, nullptr, file) == FT_E_CONFIG);
    BOOST_TEST(test::has(called.error(), "outside the project"));
  }
  const auto& path = called.service<ft_path>("ft.path/1");
  ft_str absolute{};
  BOOST_TEST(path.resolve(path.ctx, called.call, str("data/a.jsonl"), &absolute) == FT_OK);
  BOOST_TEST(std::string(plugin::view(absolute)).ends_with("/data/a.jsonl"));
  for (const char* kept : {"leak.jsonl", "fthost.json", "plugins/scorer/x.so"})
    BOOST_TEST(path.resolve(path.ctx, called.call, str(kept), &absolute) == FT_E_CONFIG, kept);
}

BOOST_AUTO_TEST_CASE(a_body_file_counts_from_the_project) {
  std::promise<std::string> seen;
  LoopbackServer server([&](Peer& peer) {
    const auto request = peer.request();
    seen.set_value(request ? request->body : "none");
    peer.answer("ok");
  });
  const TemporaryFolder project;
  std::ofstream(project / "rows.jsonl") << "{}";
  plugin::Services::Options options;
  options.gate = Gate::open(project.path());
  Called called(options);
  ft_http_response out{};
  BOOST_TEST(called.open(server.url(), out, nullptr, "rows.jsonl") == FT_OK);
  BOOST_TEST(seen.get_future().get() == "{}");
  const auto& http = called.service<ft_http>("ft.http/1");
  http.close(http.ctx, out.handle);
}

BOOST_AUTO_TEST_CASE(a_response_may_be_closed_while_another_thread_reads_it) {
  LoopbackServer server([](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n");
    peer.wait_until_client_has_gone();
  });
  Called called;
  const auto& http = called.service<ft_http>("ft.http/1");
  for (int round = 0; round < 20; ++round) {
    ft_http_response out{};
    BOOST_REQUIRE(called.open(server.url(), out) == FT_OK);
    ft_str name{}, data{};
    BOOST_REQUIRE(http.read_event(http.ctx, called.call, out.handle, &name, &data) == FT_OK);
    BOOST_TEST(plugin::view(data) == "one");
    auto reads = std::async(std::launch::async, [&] {
      ft_str last_name{}, last{};
      return http.read_event(http.ctx, called.call, out.handle, &last_name, &last);
    });
    http.close(http.ctx, out.handle);
    BOOST_TEST(reads.get() < 0);
  }
}

BOOST_AUTO_TEST_CASE(children_get_no_keys) {
  const std::vector<std::string> kept = {"FT_T_PATH", "FT_T_PATTERN", "FT_T_KEYBOARD", "FT_T_TOKENIZER"};
  const std::vector<std::string> taken = {"FT_T_API_KEY", "ft_t_api_key", "FT_T_APIKEY",   "PGPASSWORD",
                                          "FT_T_PAT",     "FT_T_TOKENS",  "FT_T_SECRET_X", "Ft_T_Credentials"};
  for (const auto& names : {kept, taken}) {
    for (const auto& name : names) ::setenv(name.c_str(), "value", 1);
  }
  Called called(keyed());
  const auto& process = called.service<ft_process>("ft.process/1");
  const ft_str argv[] = {str("/usr/bin/env")};
  ft_process_options options{};
  options.struct_size = sizeof options;
  options.argv = argv;
  options.argv_count = 1;
  std::uint64_t handle = 0;
  std::int64_t pid = 0;
  BOOST_REQUIRE(process.start(process.ctx, called.call, &options, &handle, &pid) == FT_OK);
  std::vector<std::string> got;
  for (ft_str line{}; process.read_line(process.ctx, called.call, handle, &line) == FT_OK;) {
    const auto text = plugin::view(line);
    got.emplace_back(text.substr(0, text.find('=')));
  }
  process.close(process.ctx, handle);
  const auto has = [&](const std::string& name) { return std::find(got.begin(), got.end(), name) != got.end(); };
  for (const auto& name : kept) BOOST_TEST(has(name), name);
  for (const auto& name : taken) BOOST_TEST(!has(name), name);
  for (const auto& names : {kept, taken}) {
    for (const auto& name : names) ::unsetenv(name.c_str());
  }
}
