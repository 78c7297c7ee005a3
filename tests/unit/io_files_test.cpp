#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "data_fixture.hpp"
#include "io/files.hpp"
#include "io/lock.hpp"

using namespace fthost;
using namespace fthost::test;
using io::AppendFile;
using io::FileLock;

namespace {

bool is_braced(std::string_view line) { return line.starts_with('{') && line.ends_with('}'); }

struct Sentences {
  std::vector<std::string> all;
  AppendFile::Notify sink() {
    return [this](const std::string& sentence) { all.push_back(sentence); };
  }
};

// No file of this process may grow beyond `bytes`; writes fail with EFBIG, as they do with ENOSPC on a full disk.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, old_.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int) = SIG_DFL;
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info{};
  BOOST_REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_files)

BOOST_AUTO_TEST_CASE(read_file_gives_the_bytes_and_keeps_to_its_limit) {
  TemporaryFolder folder;
  spill(folder / "a", std::string("x\0y\n", 4));
  BOOST_TEST(*must(io::read_file(folder / "a")) == std::string("x\0y\n", 4));
  BOOST_TEST(must(io::read_file(folder / "a", 4))->size() == 4u);
  const auto larger = io::read_file(folder / "a", 3);
  BOOST_REQUIRE(!larger);
  BOOST_TEST((larger.error().code == Code::limit));
  const auto missing = io::read_file(folder / "none");
  BOOST_REQUIRE(!missing);
  BOOST_TEST(missing.error().sentence() ==
             (folder / "none").string() + ": cannot open: No such file or directory; check the path");
  // A file whose size is not known in advance.
  BOOST_TEST(must(io::read_file("/proc/self/status"))->size() > 0u);
}

BOOST_AUTO_TEST_CASE(write_atomic_replaces_the_content_and_keeps_the_mode) {
  TemporaryFolder folder;
  must(io::write_atomic(folder / "a", "one"));
  BOOST_TEST(slurp(folder / "a") == "one");
  ::chmod((folder / "a").c_str(), 0640);
  must(io::write_atomic(folder / "a", std::string(1 << 20, 'x')));
  BOOST_TEST(slurp(folder / "a") == std::string(1 << 20, 'x'));
  BOOST_TEST(mode_of(folder / "a") == 0640u);
  BOOST_TEST(names_in(folder.path()) == std::vector<std::string>{"a"});
}

BOOST_AUTO_TEST_CASE(write_atomic_follows_a_link) {
  TemporaryFolder folder;
  spill(folder / "real/target", "old");
  std::filesystem::create_symlink("real/target", folder / "link");
  must(io::write_atomic(folder / "link", "new"));
  BOOST_TEST(std::filesystem::is_symlink(folder / "link"));
  BOOST_TEST(slurp(folder / "real/target") == "new");
  BOOST_TEST(names_in(folder / "real") == std::vector<std::string>{"target"});
}

BOOST_AUTO_TEST_CASE(write_atomic_follows_a_link_that_leads_nowhere_yet) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_symlink("real/target", folder / "link");
  must(io::write_atomic(folder / "link", "new"));
  BOOST_TEST(std::filesystem::is_symlink(folder / "link"));
  BOOST_TEST(slurp(folder / "real/target") == "new");
  std::filesystem::create_symlink("ring", folder / "ring");
  BOOST_TEST(!io::write_atomic(folder / "ring", "x"));
  BOOST_TEST(std::filesystem::is_symlink(folder / "ring"));
}

BOOST_AUTO_TEST_CASE(a_pipe_or_a_device_is_written_to_and_stays_what_it_is) {
  TemporaryFolder folder;
  BOOST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const io::Descriptor reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  must(io::write_atomic(folder / "pipe", "through"));
  BOOST_TEST(std::filesystem::is_fifo(folder / "pipe"));
  char buffer[16]{};
  BOOST_TEST(::read(reader.get(), buffer, sizeof buffer) == 7);
  BOOST_TEST(std::string(buffer) == "through");
  BOOST_TEST(names_in(folder.path()) == std::vector<std::string>{"pipe"});

  std::filesystem::create_symlink(folder / "pipe", folder / "link");
  must(io::write_atomic(folder / "link", "linked"));
  BOOST_TEST(::read(reader.get(), buffer, sizeof buffer) == 6);
  must(io::write_atomic("/dev/null", "gone"));
  BOOST_TEST(std::filesystem::is_character_file("/dev/null"));
  const auto full = io::write_atomic("/dev/full", "x");
  BOOST_TEST((!full && contains(full.error().sentence(), "/dev/full: cannot write: No space left on device")));
  const auto directory = io::write_atomic(folder.path(), "x");
  BOOST_TEST((!directory && contains(directory.error().sentence(), "Is a directory")));
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_leaves_the_old_file_and_no_temporary) {
  TemporaryFolder folder;
  spill(folder / "a", "old");
  {
    const SizeLimit limit(1000);
    const auto written = io::write_atomic(folder / "a", std::string(5000, 'x'));
    BOOST_REQUIRE(!written);
    BOOST_TEST(contains(written.error().sentence(), "raise the limit"));
  }
  BOOST_TEST(slurp(folder / "a") == "old");
  BOOST_TEST(names_in(folder.path()) == std::vector<std::string>{"a"});
  const auto nowhere = io::write_atomic(folder / "none/a", "x");
  BOOST_TEST(!nowhere);
  {
    auto dropped = must(io::AtomicFile::create(folder / "a"));
    must(dropped->write("half"));
  }
  BOOST_TEST(slurp(folder / "a") == "old");
  BOOST_TEST(names_in(folder.path()) == std::vector<std::string>{"a"});
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_said_with_what_to_do) {
  const io::Descriptor full(::open("/dev/full", O_WRONLY));
  BOOST_REQUIRE(static_cast<bool>(full));
  const auto written = io::write_all(full.get(), "x", "data/examples.jsonl");
  BOOST_REQUIRE(!written);
  BOOST_TEST(written.error().sentence() ==
             "data/examples.jsonl: cannot write: No space left on device; free some space and run the command again; "
             "nothing was lost");
}

BOOST_AUTO_TEST_CASE(temporaries_of_a_killed_process_are_removed_and_those_of_a_living_one_are_not) {
  TemporaryFolder folder;
  spill(folder / "a", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    auto file = io::AtomicFile::create(folder / "a");
    if (file) (void)file->write("half");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  auto mine = io::AtomicFile::create(folder / "a");
  BOOST_TEST(names_in(folder.path()).size() == 3u);
  io::remove_stale_temporaries(folder / "a");
  BOOST_TEST(names_in(folder.path()).size() == 2u);
  must(mine->write("new"));
  must(mine->commit());
  BOOST_TEST(slurp(folder / "a") == "new");
}

BOOST_AUTO_TEST_CASE(lines_are_appended_where_append_says) {
  TemporaryFolder folder;
  Sentences said;
  auto file = must(AppendFile::open(folder / "deep/er/a.jsonl", is_braced, said.sink()));
  BOOST_TEST(*must(file->append("{1}\n")) == 0u);
  BOOST_TEST(*must(file->append("{2}\n{3}\n")) == 4u);
  BOOST_TEST(slurp(folder / "deep/er/a.jsonl") == "{1}\n{2}\n{3}\n");
  BOOST_TEST(!file->append("{4}"));
  BOOST_TEST(!file->append(""));
  BOOST_TEST(said.all.empty());
}

BOOST_AUTO_TEST_CASE(a_whole_last_line_gets_its_newline) {
  TemporaryFolder folder;
  Sentences said;
  spill(folder / "a", "{1}\n{2}");
  auto file = must(AppendFile::open(folder / "a", is_braced, said.sink()));
  BOOST_TEST(slurp(folder / "a") == "{1}\n{2}\n");
  BOOST_TEST(said.all.size() == 1u);
  must(file->append("{3}\n"));
  BOOST_TEST(slurp(folder / "a") == "{1}\n{2}\n{3}\n");
  BOOST_TEST(!std::filesystem::exists(folder / "a.torn"));
}

BOOST_AUTO_TEST_CASE(a_torn_last_line_is_moved_beside_the_file) {
  TemporaryFolder folder;
  Sentences said;
  const std::string torn = "{\"text\":\"" + std::string(100000, 'y');  // longer than a step backwards
  spill(folder / "a", "{1}\n" + torn);
  spill(folder / "a.torn", "{earlier\n");
  must(AppendFile::open(folder / "a", is_braced, said.sink()));
  BOOST_TEST(slurp(folder / "a") == "{1}\n");
  BOOST_TEST((slurp(folder / "a.torn") == "{earlier\n" + torn + "\n"));
  BOOST_REQUIRE(said.all.size() == 1u);
  BOOST_TEST(contains(said.all[0], "torn"));
  // The whole file may be one torn line.
  spill(folder / "b", "{2");
  must(AppendFile::open(folder / "b", is_braced, said.sink()));
  BOOST_TEST(slurp(folder / "b").empty());
  BOOST_TEST(slurp(folder / "b.torn") == "{2\n");
}

BOOST_AUTO_TEST_CASE(a_line_that_another_process_left_torn_is_repaired_before_the_next_append) {
  TemporaryFolder folder;
  Sentences said;
  auto file = must(AppendFile::open(folder / "a", is_braced, said.sink()));
  must(file->append("{1}\n"));
  spill(folder / "a", "{1}\n{2");
  BOOST_TEST(*must(file->append("{3}\n")) == 4u);
  BOOST_TEST(slurp(folder / "a") == "{1}\n{3}\n");
}

BOOST_AUTO_TEST_CASE(append_follows_a_file_that_was_replaced) {
  TemporaryFolder folder;
  Sentences said;
  auto file = must(AppendFile::open(folder / "a", is_braced, said.sink()));
  must(file->append("{1}\n"));
  must(io::write_atomic(folder / "a", "{edited}\n"));
  must(file->append("{2}\n"));
  BOOST_TEST(slurp(folder / "a") == "{edited}\n{2}\n");
  std::filesystem::remove(folder / "a");
  must(file->append("{3}\n"));
  BOOST_TEST(slurp(folder / "a") == "{3}\n");
}

BOOST_AUTO_TEST_CASE(an_append_without_room_leaves_the_file_as_it_was) {
  TemporaryFolder folder;
  Sentences said;
  auto file = must(AppendFile::open(folder / "a", is_braced, said.sink()));
  must(file->append("{1}\n"));
  {
    const SizeLimit limit(1000);
    const auto written = file->append("{" + std::string(3000, 'x') + "}\n");
    BOOST_REQUIRE(!written);
    BOOST_TEST(contains(written.error().sentence(), "cannot write"));
    BOOST_TEST(slurp(folder / "a") == "{1}\n");
  }
  must(file->append("{2}\n"));
  BOOST_TEST(slurp(folder / "a") == "{1}\n{2}\n");
  BOOST_TEST(!std::filesystem::exists(folder / "a.torn"));
}

BOOST_AUTO_TEST_CASE(cut_moves_the_end_of_a_file_aside) {
  TemporaryFolder folder;
  Sentences said;
  auto file = must(AppendFile::open(folder / "a", is_braced, said.sink()));
  must(file->append("{1}\n{2}\n{3}\n"));
  must(file->cut(4));
  BOOST_TEST(slurp(folder / "a") == "{1}\n");
  BOOST_TEST(slurp(folder / "a.torn") == "{2}\n{3}\n");
  must(file->cut(4));
  BOOST_TEST(slurp(folder / "a") == "{1}\n");
}

BOOST_AUTO_TEST_CASE(processes_that_append_together_lose_nothing) {
  TemporaryFolder folder;
  constexpr int kProcesses = 3, kLines = 100;
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto file = AppendFile::open(folder / "a", is_braced, [](const std::string&) {});
      bool good = static_cast<bool>(file);
      for (int i = 0; good && i < kLines; ++i) {
        good = static_cast<bool>(file->append("{" + std::to_string(p) + "-" + std::to_string(i) + "}\n"));
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
  }
  const std::string text = slurp(folder / "a");
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == kProcesses * kLines);
  for (int p = 0; p < kProcesses; ++p) {
    for (int i = 0; i < kLines; ++i) {
      BOOST_TEST(contains("\n" + text, "\n{" + std::to_string(p) + "-" + std::to_string(i) + "}\n"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_lock_excludes_and_says_who_holds_it) {
  TemporaryFolder folder;
  auto held = must(FileLock::acquire(folder / "x/lock", FileLock::Mode::exclusive));
  const auto refused = FileLock::try_acquire(folder / "x/lock", FileLock::Mode::exclusive);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == Code::conflict));
  BOOST_TEST(contains(refused.error().sentence(), "in use by process " + std::to_string(::getpid()) + " (unit_io)"));
  BOOST_TEST(!FileLock::try_acquire(folder / "x/lock", FileLock::Mode::shared));
  held->release();
  BOOST_TEST(!held->held());
  auto reader = must(FileLock::try_acquire(folder / "x/lock", FileLock::Mode::shared));
  must(FileLock::try_acquire(folder / "x/lock", FileLock::Mode::shared));
  BOOST_TEST(!FileLock::try_acquire(folder / "x/lock", FileLock::Mode::exclusive));
}

BOOST_AUTO_TEST_CASE(waiting_for_a_lock_can_be_cancelled) {
  TemporaryFolder folder;
  auto held = must(FileLock::acquire(folder / "lock", FileLock::Mode::exclusive));
  int asked = 0;
  const auto stopped = FileLock::acquire(folder / "lock", FileLock::Mode::exclusive, [&] { return ++asked == 3; });
  BOOST_REQUIRE(!stopped);
  BOOST_TEST((stopped.error().code == Code::cancelled));
  BOOST_TEST(asked == 3);
  // Given up while somebody waits: the waiting one gets it.
  const auto got = FileLock::acquire(folder / "lock", FileLock::Mode::exclusive, [&] {
    held->release();
    return false;
  });
  BOOST_TEST(static_cast<bool>(got));
}

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_no_lock) {
  TemporaryFolder folder;
  int pipe[2];
  BOOST_REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto held = FileLock::acquire(folder / "lock", FileLock::Mode::exclusive);
    if (::write(pipe[1], held ? "y" : "n", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  BOOST_REQUIRE(::read(pipe[0], &byte, 1) == 1);
  BOOST_TEST(byte == 'y');
  const auto refused = FileLock::try_acquire(folder / "lock", FileLock::Mode::exclusive);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(contains(refused.error().message, "process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  must(FileLock::try_acquire(folder / "lock", FileLock::Mode::exclusive));
  ::close(pipe[0]);
  ::close(pipe[1]);
}

BOOST_AUTO_TEST_CASE(folders_are_made_listed_and_searched) {
  TemporaryFolder folder;
  must(io::ensure_folder(folder / "a/b/c"));
  must(io::ensure_folder(folder / "a/b/c"));
  spill(folder / "a/file", "");
  const auto refused = io::ensure_folder(folder / "a/file/x");
  BOOST_REQUIRE(!refused);
  BOOST_TEST(contains(refused.error().sentence(), "Not a directory"));
  spill(folder / "a/one.txt", "");
  spill(folder / "a/b/two.txt", "");
  spill(folder / "a/b/.hidden.txt", "");
  spill(folder / "a/b/c/three.txt", "");
  std::filesystem::create_directory_symlink("..", folder / "a/b/up");
  const auto names = [&](const std::string& pattern) {
    std::vector<std::string> found;
    const auto paths = must(io::glob((folder / pattern).string()));
    for (const auto& path : *paths) {
      found.push_back(path.lexically_relative(folder.path()).string());
    }
    return found;
  };
  using Names = std::vector<std::string>;
  BOOST_TEST(names("a/*.txt") == Names{"a/one.txt"});
  BOOST_TEST(names("a/**/*.txt") == (Names{"a/b/c/three.txt", "a/b/two.txt", "a/one.txt"}));
  BOOST_TEST(names("a/b/.h*") == Names{"a/b/.hidden.txt"});
  BOOST_TEST(names("a/b/t[v-x]o.txt") == Names{"a/b/two.txt"});
  BOOST_TEST(names("a/one.txt") == Names{"a/one.txt"});
  BOOST_TEST(names("a/none*").empty());
  BOOST_TEST(names("none/*").empty());
  Names listed;
  const auto entries = must(io::list_folder(folder / "a/b"));
  for (const auto& path : *entries) listed.push_back(path.filename().string());
  BOOST_TEST(listed == (Names{".hidden.txt", "c", "two.txt", "up"}));
  BOOST_TEST(!io::list_folder(folder / "none"));
}

BOOST_AUTO_TEST_CASE(a_copy_has_the_bytes_and_the_mode) {
  TemporaryFolder folder;
  spill(folder / "a", std::string(700000, 'z') + "end");
  ::chmod((folder / "a").c_str(), 0750);
  must(io::copy_file(folder / "a", folder / "b"));
  BOOST_TEST((slurp(folder / "b") == slurp(folder / "a")));
  BOOST_TEST(mode_of(folder / "b") == 0750u);
  BOOST_TEST(!io::copy_file(folder / "none", folder / "c"));
  must(io::remove_file(folder / "b"));
  must(io::remove_file(folder / "b"));
  BOOST_TEST(!std::filesystem::exists(folder / "b"));
}

BOOST_AUTO_TEST_SUITE_END()
