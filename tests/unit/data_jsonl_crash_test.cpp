// Kills at every instant that matters. The calls that change files are counted here, in front of the C library's: a
// child dies at the n-th of them, or in the middle of a write. Then another process must find every acknowledged
// change, the unacknowledged one as a whole or not at all, and nothing else.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "data/jsonl_store.hpp"
#include "data/random.hpp"
#include "data_fixture.hpp"

namespace {

std::atomic<long> g_steps_left{0};  // 0: nobody counts
std::atomic<bool> g_half{false};    // die in the middle of a write, not before it

// True if this is the step to die at.
bool is_last_step() { return g_steps_left.load() > 0 && g_steps_left.fetch_sub(1) == 1; }
void die() { ::kill(::getpid(), SIGKILL); }

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  if (is_last_step()) {
    if (g_half.load()) ::syscall(SYS_write, fd, bytes, size / 2);
    die();
  }
  return ::syscall(SYS_write, fd, bytes, size);
}
int fsync(int fd) {
  if (is_last_step()) die();
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
int fdatasync(int fd) {
  if (is_last_step()) die();
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
int ftruncate(int fd, off_t size) noexcept {
  if (is_last_step()) die();
  return static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}
int rename(const char* from, const char* to) noexcept {
  if (is_last_step()) die();
  return ::renameat(AT_FDCWD, from, AT_FDCWD, to);
}
int unlink(const char* path) noexcept {
  if (is_last_step()) die();
  return ::unlinkat(AT_FDCWD, path, 0);
}

}  // extern "C"

using namespace fthost;
using namespace fthost::data;
using namespace fthost::test;

namespace {

using State = std::vector<std::pair<std::string, std::string>>;  // id, record; in order

std::string record(const std::string& id, int version, std::size_t padding = 0) {
  return "{\"id\":\"" + id + "\",\"v\":" + std::to_string(version) + ",\"pad\":\"" + std::string(padding, 'p') + "\"}";
}

StoreOptions options_in(const std::filesystem::path& folder) {
  return {folder / "data", folder / "journal", [](const std::string&) {}, 500};
}

// One change, and what it makes of the records.
struct Step {
  enum class Kind { append, put, remove, fold, reopen } kind;
  State rows;

  void apply(State& state) const {
    const auto find = [&](const std::string& id) {
      return std::find_if(state.begin(), state.end(), [&](const auto& row) { return row.first == id; });
    };
    for (const auto& [id, text] : rows) {
      const auto found = find(id);
      if (kind == Kind::remove) {
        if (found != state.end()) state.erase(found);
      } else if (found == state.end()) {
        state.emplace_back(id, text);
      } else if (kind == Kind::put) {
        found->second = text;
      }
    }
  }
  bool run(std::unique_ptr<JsonlStore>& store, const std::filesystem::path& folder) const {
    std::vector<StoreItem> items;
    std::vector<std::string_view> ids;
    for (const auto& [id, text] : rows) {
      items.push_back({id, text, {}});
      ids.push_back(id);
    }
    switch (kind) {
      case Kind::append:
        return store->append("examples", items).has_value();
      case Kind::put:
        return store->put("examples", items).has_value();
      case Kind::remove:
        return store->remove("examples", ids).has_value();
      case Kind::fold:
        return store->fold("examples").has_value();
      case Kind::reopen:
        store = nullptr;
        store = std::make_unique<JsonlStore>(options_in(folder));
        return true;
    }
    return false;
  }
};

std::vector<Step> script() {
  using enum Step::Kind;
  return {
      {append, {{"a", record("a", 1)}}},
      {append, {{"b", record("b", 1, 60)}, {"c", record("c", 1)}, {"d", record("d", 1, 30)}}},
      {put, {{"b", record("b", 2)}, {"c", record("c", 2, 20)}}},
      {append, {{"e", record("e", 1)}}},
      {put, {{"f", record("f", 1)}, {"a", record("a", 2, 10)}}},
      {append, {{"g", record("g", 1)}, {"a", record("a", 9)}, {"h", record("h", 1)}}},
      {remove, {{"b", ""}, {"f", ""}}},
      {reopen, {}},
      {put, {{"c", record("c", 3, 200)}}},
      {put, {{"c", record("c", 4, 300)}, {"d", record("d", 2)}}},
      {remove, {{"d", ""}}},
      {append, {{"d", record("d", 3)}, {"i", record("i", 1)}}},
      {put, {{"i", record("i", 2)}}},
      {fold, {}},
      {append, {{"j", record("j", 1)}}},
  };
}

// Runs `body` in a child that dies at the given step. True if it came to its end instead.
template <class Body>
bool survives(long steps, bool half, Body&& body) {
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    g_half = half;
    g_steps_left = steps;
    const bool good = body();
    g_steps_left = 0;
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    BOOST_REQUIRE(WTERMSIG(status) == SIGKILL);
    return false;
  }
  BOOST_REQUIRE(WEXITSTATUS(status) == 0);
  return true;
}

State read_all(JsonlStore& store) {
  State state;
  must(store.read("examples", {}, [&](const StoredRecord& row) {
    state.emplace_back(row.id, row.record);
    return true;
  }));
  return state;
}

// The file alone: whole JSON lines.
State read_file_lines(const std::filesystem::path& path) {
  State state;
  const std::string text = slurp(path);
  BOOST_REQUIRE((text.empty() || text.back() == '\n'));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    BOOST_REQUIRE_MESSAGE(nlohmann::json::accept(line), line);
    state.emplace_back(nlohmann::json::parse(line)["id"].get<std::string>(), line);
  }
  return state;
}

std::string show(const State& state) {
  std::string text;
  for (const auto& [id, row] : state) text += row + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_jsonl_crash)

BOOST_AUTO_TEST_CASE(a_journal_that_outlives_its_fold_changes_nothing_more) {
  // Lines without an id are named by their content and its occurrence: the second becomes the first.
  const std::string line = R"({"messages":[{"role":"user","content":"q"}]})";
  for (long at = 1;; ++at) {
    TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "data");
    spill(folder.path() / "data" / "examples.jsonl", line + "\n" + line + "\n");
    std::string first;
    {
      JsonlStore store(options_in(folder.path()));
      first = read_all(store).at(0).first;
    }
    const bool survived = survives(at, false, [&] {
      JsonlStore store(options_in(folder.path()));
      const std::string_view ids[] = {first};
      return store.remove("examples", ids).has_value() && store.fold("examples").has_value();
    });
    JsonlStore store(options_in(folder.path()));
    const std::size_t left = read_all(store).size();
    BOOST_TEST((survived ? left == 1 : left == 1 || left == 2), "after step " << at << ": " << left);
    if (survived) break;
  }
}

BOOST_AUTO_TEST_CASE(a_kill_at_any_step_loses_nothing_acknowledged_and_halves_nothing) {
  const std::vector<Step> steps = script();
  std::vector<State> states(1);
  for (const Step& step : steps) {
    states.push_back(states.back());
    step.apply(states.back());
  }
  long kills = 0;
  for (const bool half : {false, true}) {
    for (long at = 1;; at += FTHOST_ONE_IN) {
      TemporaryFolder folder;
      int acks[2];
      BOOST_REQUIRE(::pipe(acks) == 0);
      const bool survived = survives(at, half, [&] {
        auto store = std::make_unique<JsonlStore>(options_in(folder.path()));
        for (const Step& step : steps) {
          if (!step.run(store, folder.path())) return false;
          ::syscall(SYS_write, acks[1], "y", 1);
        }
        store = nullptr;
        return true;
      });
      ::close(acks[1]);
      std::size_t acknowledged = 0;
      for (char byte; ::read(acks[0], &byte, 1) == 1;) ++acknowledged;
      ::close(acks[0]);
      kills += !survived;
      BOOST_TEST_CONTEXT("killed at step " << at << (half ? ", in the middle of a write" : "") << ", after "
                                           << acknowledged << " changes") {
        // What comes after may be killed too, at each of its own first steps.
        for (long again = 1; again <= 6; ++again) {
          survives(again, half, [&] {
            JsonlStore store(options_in(folder.path()));
            return store.fold("examples").has_value();
          });
        }
        {
          JsonlStore store(options_in(folder.path()));
          const State found = read_all(store);
          const bool expected =
              found == states[acknowledged] || (acknowledged < steps.size() && found == states[acknowledged + 1]);
          BOOST_REQUIRE_MESSAGE(expected, "found\n" << show(found) << "instead of\n" << show(states[acknowledged]));
          const State again = read_all(store);
          BOOST_TEST((again == found));
          must(store.close());
          BOOST_TEST((read_file_lines(folder / "data/examples.jsonl") == found));
        }
        BOOST_TEST(!std::filesystem::exists(folder / "data/examples.conflicts.jsonl"));
      }
      if (survived) break;
    }
  }
  BOOST_TEST(kills > 100 / FTHOST_ONE_IN);
}

// Without counting: the parent kills a child that works as fast as it can.
BOOST_AUTO_TEST_CASE(a_kill_at_a_random_moment_loses_nothing_acknowledged) {
  Random random(20250101);
  TemporaryFolder folder;
  std::map<int, int> versions;  // acknowledged: record -> at least this version
  for (int round = 0; round < 40; round += FTHOST_ONE_IN) {
    int acks[2];
    BOOST_REQUIRE(::pipe(acks) == 0);
    const std::uint64_t seed = random.next();
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      ::close(acks[0]);
      Random own(seed);
      JsonlStore store(options_in(folder.path()));
      std::map<int, int> present = versions;
      int next = 1000 * round;
      for (;;) {
        std::vector<std::pair<int, int>> changed;
        std::vector<std::string> ids, records;
        const bool appends = present.empty() || own.below(2) == 0;
        for (std::uint64_t count = 1 + own.below(5); count > 0; --count) {
          const int id =
              appends ? next++ : std::next(present.begin(), static_cast<long>(own.below(present.size())))->first;
          if (std::any_of(changed.begin(), changed.end(), [&](const auto& one) { return one.first == id; })) continue;
          changed.emplace_back(id, appends ? 1 : present[id] + 1);
        }
        for (const auto& [id, version] : changed) {
          ids.push_back("r" + std::to_string(id));
          records.push_back(record(ids.back(), version, own.below(200)));
        }
        std::vector<StoreItem> items;
        for (std::size_t i = 0; i < ids.size(); ++i) items.push_back({ids[i], records[i], {}});
        const bool good =
            appends ? store.append("examples", items).has_value() : store.put("examples", items).has_value();
        if (!good) ::_exit(1);
        for (const auto& [id, version] : changed) {
          present[id] = version;
          const int ack[2] = {id, version};
          if (::syscall(SYS_write, acks[1], ack, sizeof ack) != sizeof ack) ::_exit(1);
        }
      }
    }
    ::close(acks[1]);
    const std::uint64_t wanted = 1 + random.below(60);
    int ack[2];
    for (std::uint64_t seen = 0; seen < wanted && ::read(acks[0], ack, sizeof ack) == sizeof ack; ++seen)
      versions[ack[0]] = ack[1];
    std::uint64_t spin = random.below(300000);
    while (spin > 0) spin -= random.next() == 0 ? 0 : 1;
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_REQUIRE(WIFSIGNALED(status));
    while (::read(acks[0], ack, sizeof ack) == sizeof ack) versions[ack[0]] = ack[1];
    ::close(acks[0]);
    JsonlStore store(options_in(folder.path()));
    std::map<std::string, int> found;
    for (const auto& [id, text] : read_all(store)) {
      const auto json = nlohmann::json::parse(text);
      BOOST_REQUIRE(json["id"] == id);
      BOOST_REQUIRE(found.emplace(id, json["v"].get<int>()).second);
    }
    for (auto& [id, version] : versions) {
      const auto here = found.find("r" + std::to_string(id));
      BOOST_REQUIRE_MESSAGE(here != found.end(), "r" << id << " was acknowledged and is lost, round " << round);
      BOOST_REQUIRE_MESSAGE(here->second == version || here->second == version + 1,
                            "r" << id << " has version " << here->second << ", acknowledged " << version);
      version = here->second;
    }
    must(store.close());
    BOOST_REQUIRE(read_file_lines(folder / "data/examples.jsonl").size() == found.size());
  }
  BOOST_TEST(versions.size() > 100u);
  BOOST_TEST(!std::filesystem::exists(folder / "data/examples.conflicts.jsonl"));
}

BOOST_AUTO_TEST_SUITE_END()
