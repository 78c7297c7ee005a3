// What a provider must keep without a network and a key: it describes what it can do, refuses what it cannot with a
// sentence, and is safe to enter from many threads.
#include <algorithm>
#include <set>
#include <sstream>

#include "plugin/conformance_subject.hpp"

namespace fthost::plugin::conformance {
namespace {

const std::set<std::string> kOperations = {
    "capabilities",  "chat",         "embed",     "upload",       "files",          "delete_file",  "create_job",
    "find_job",      "get_job",      "list_jobs", "cancel_job",   "pause_job",      "resume_job",   "job_events",
    "checkpoints",   "metrics",      "models",    "delete_model", "download_model", "batch_create", "batch_get",
    "batch_results", "batch_cancel", "estimate",  "limits"};

Harness::Body request(const Made& made, const std::string& operation, const std::string& json) {
  const auto name = std::make_shared<const std::string>(operation);
  const auto input = std::make_shared<const std::string>(json);
  return [name, input, self = made.self(), table = made.table<ft_provider>()](ft_call call) {
    return table->request(self, call, str(*name), str(*input));
  };
}

// FT_OK with one result, or a failure with a sentence: no network and no key are good reasons.
void check_answer(const Seen& seen, const std::string& what) {
  if (seen.status == FT_OK) {
    seen.ok(what);
    expect(seen.on(FT_RESULT).size() == 1,
           what + ": emitted " + std::to_string(seen.on(FT_RESULT).size()) + " FT_RESULT instead of one");
  } else {
    seen.refused(seen.status, what);
    expect(seen.status != FT_E_INTERNAL && seen.status != FT_END, what + ": returned " + status_name(seen.status));
  }
}

}  // namespace

void check_provider(Checks& checks, const Subject& subject) {
  const Json config = subject.config();
  std::set<std::string> listed;
  checks.run("provider.operations", [&] {
    std::istringstream words(subject.desc->operations ? subject.desc->operations : "");
    for (std::string word; words >> word;) {
      expect(kOperations.contains(word), "\"" + word + "\" is no operation of this interface");
      expect(listed.insert(word).second, "\"" + word + "\" is listed twice");
    }
    expect(listed.contains("capabilities"), "it does not list \"capabilities\"");
    return std::string(subject.desc->operations);
  });
  checks.run("provider.concurrent", [&] {
    expect(subject.desc->flags & FT_CONCURRENT, "a provider must be FT_CONCURRENT");
    const Made made(subject, config);
    std::vector<Harness::Body> bodies;
    for (int i = 0; i < 8; ++i) bodies.push_back(request(made, "capabilities", "{}"));
    for (const auto& seen : subject.harness.run_all(std::move(bodies)))
      check_answer(seen, "capabilities on eight threads at once");
    return std::string("eight threads in one instance");
  });
  checks.run("provider.capabilities", [&] {
    const Made made(subject, config);
    const Seen seen = subject.harness.run(request(made, "capabilities", "{}"));
    check_answer(seen, "capabilities");
    if (seen.status != FT_OK) return "without a network and a key: " + seen.said;
    const Json result = seen.on(FT_RESULT)[0].json();
    expect(result.is_object(), "capabilities is not an object");
    if (result.contains("operations")) {
      for (const auto& name : result["operations"])
        expect(listed.contains(name.get<std::string>()),
               "capabilities has " + name.dump() + ", which the descriptor does not list");
    }
    return seen.on(FT_RESULT)[0].bytes.substr(0, 200);
  });
  checks.run("provider.unsupported", [&] {
    const Made made(subject, config);
    subject.harness.run(request(made, "no_such_operation", "{}")).refused(FT_E_UNSUPPORTED, "an unknown operation");
    for (const auto& operation : kOperations) {
      if (listed.contains(operation)) continue;
      subject.harness.run(request(made, operation, "{}"))
          .refused(FT_E_UNSUPPORTED, operation + ", which it does not list");
    }
    return std::string("unknown and unlisted operations are refused");
  });
  checks.run("provider.broken_request", [&] {
    const Made made(subject, config);
    for (const auto& operation : listed) {
      for (const char* json : {"{\"broken", "[]", "7"}) {
        const Seen seen = subject.harness.run(request(made, operation, json));
        if (operation == "capabilities" && seen.status == FT_OK) continue;
        expect(seen.status < 0, operation + " took the request " + json);
        seen.clean(operation + " of a broken request");
      }
    }
    return std::string("requests that are no JSON objects are refused");
  });
  checks.run("provider.cancel", [&] {
    const Made made(subject, config);
    std::string seen;
    for (const auto& operation : {std::string("capabilities"), std::string("chat")}) {
      if (!listed.contains(operation)) continue;
      const Seen cancelled = subject.harness.run(
          request(made, operation, R"({"model": "m", "messages": [{"role": "user", "content": "hello"}]})"),
          {.cancelled = true});
      cancelled.clean("a cancelled " + operation);
      seen += (seen.empty() ? "" : ", ") + operation + " returned " + status_name(cancelled.status);
    }
    return seen;
  });
}

}  // namespace fthost::plugin::conformance
