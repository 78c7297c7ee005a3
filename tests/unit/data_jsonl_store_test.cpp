#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "data/jsonl_store.hpp"
#include "data_fixture.hpp"
#include "io/files.hpp"

using namespace fthost;
using namespace fthost::data;
using namespace fthost::test;

namespace {

using List = std::vector<std::string>;

struct Project {
  TemporaryFolder folder;
  List said;
  std::filesystem::path file = folder / "data/examples.jsonl", conflicts = folder / "data/examples.conflicts.jsonl";

  StoreOptions options(std::uint64_t fold_at = 1u << 20) {
    return {folder / "data", folder / "state/journal",
            [this](const std::string& sentence) { said.push_back(sentence); }, fold_at};
  }
  std::string text() const { return slurp(file); }
  List journals() const {
    List names;
    for (const std::string& name : names_in(folder / "state/journal")) {
      if (name.ends_with(".journal")) names.push_back(name);
    }
    return names;
  }
};

std::string record(const std::string& id, const std::string& text) {
  return "{\"id\":\"" + id + "\",\"text\":\"" + text + "\"}";
}

JsonlCollection::Appended append(JsonlStore& store, const std::vector<std::pair<std::string, std::string>>& rows) {
  std::vector<StoreItem> items;
  for (const auto& [id, text] : rows) items.push_back({id, text, {}});
  return *must(store.append("examples", items));
}

fthost::Result<void> put(JsonlStore& store, const std::string& id, const std::string& text,
                         const std::string& revision = "") {
  const StoreItem item{id, text, revision};
  return store.put("examples", std::span(&item, 1));
}

std::uint64_t remove(JsonlStore& store, const List& ids) {
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  return *must(store.remove("examples", views));
}

// "id=record", in order.
List rows(JsonlStore& store, const StoreQuery& query = {}, std::string_view collection = "examples") {
  List found;
  must(store.read(collection, query, [&](const StoredRecord& row) {
    found.push_back(std::string(row.id) + "=" + std::string(row.record));
    BOOST_TEST(row.revision == hex(revision_of(row.record)));
    return true;
  }));
  return found;
}

List ids(JsonlStore& store, const StoreQuery& query = {}) {
  List found = rows(store, query);
  for (std::string& row : found) row.resize(row.find('='));
  return found;
}

std::string revision(JsonlStore& store, const std::string& id) {
  std::string found;
  must(store.read("examples", {.ids = List{id}}, [&](const StoredRecord& row) {
    found = row.revision;
    return true;
  }));
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_jsonl_store)

BOOST_AUTO_TEST_CASE(records_are_appended_as_lines_and_known_ids_are_left_as_they_are) {
  Project project;
  JsonlStore store(project.options());
  BOOST_TEST(rows(store).empty());
  BOOST_TEST(!std::filesystem::exists(project.file));  // looking makes nothing
  const auto first = append(store, {{"a", record("a", "1")}, {"b", "{\"text\" : \"2\"}"}, {"a", record("a", "other")}});
  BOOST_TEST(first.appended == 2u);
  BOOST_TEST(first.known == 1u);
  BOOST_TEST(append(store, {{"b", record("b", "other")}, {"c", "{\n\"id\":\"wrong\",\n\"x\":1}"}}).appended == 1u);
  BOOST_TEST(project.text() == record("a", "1") + "\n{\"id\":\"b\",\"text\" : \"2\"}\n{\"id\":\"c\",\"x\":1}\n");
  JsonlStore again(project.options());
  BOOST_TEST(rows(again) ==
             (List{"a=" + record("a", "1"), "b={\"id\":\"b\",\"text\" : \"2\"}", "c={\"id\":\"c\",\"x\":1}"}));
}

BOOST_AUTO_TEST_CASE(a_bad_record_writes_nothing_of_its_batch) {
  Project project;
  JsonlStore store(project.options());
  for (const StoreItem& bad : {StoreItem{"b", "{\"x\":", {}}, StoreItem{"b", "[1]", {}}, StoreItem{"", "{}", {}},
                               StoreItem{"\xFF", "{}", {}}}) {
    const StoreItem items[] = {{"a", "{}", {}}, bad};
    const auto refused = store.append("examples", items);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code == Code::input));
    BOOST_TEST(contains(refused.error().message, "record 2"));
    BOOST_TEST(!store.put("examples", items));
  }
  const StoreItem twice[] = {{"a", "{}", {}}, {"a", "{\"x\":1}", {}}};
  BOOST_TEST(!store.put("examples", twice));
  BOOST_TEST(rows(store).empty());
}

BOOST_AUTO_TEST_CASE(changes_are_seen_at_once_and_folded_into_the_file_on_close) {
  Project project;
  {
    JsonlStore store(project.options());
    append(store, {{"a", record("a", "1")}, {"b", record("b", "2")}, {"c", record("c", "3")}});
    const std::string before = project.text();
    must(put(store, "b", record("b", "new")));
    must(put(store, "d", record("d", "added")));
    BOOST_TEST(remove(store, {"a", "none", "a"}) == 1u);
    BOOST_TEST(project.text() == before);
    BOOST_TEST(project.journals().size() == 1u);
    BOOST_TEST(rows(store) == (List{"b=" + record("b", "new"), "c=" + record("c", "3"), "d=" + record("d", "added")}));
    // Another process sees it too; to it this is an opening, so it folds.
    JsonlStore other(project.options());
    BOOST_TEST(rows(other) == rows(store));
    BOOST_TEST(project.journals().empty());
    append(store, {{"e", record("e", "5")}});
    must(put(store, "e", record("e", "six")));
    BOOST_TEST(rows(other) == rows(store));
    BOOST_TEST(project.journals().size() == 1u);
  }
  BOOST_TEST(project.text() == record("b", "new") + "\n" + record("c", "3") + "\n" + record("d", "added") + "\n" +
                                   record("e", "six") + "\n");
  BOOST_TEST(project.journals().empty());
  BOOST_TEST(project.said.empty(), (project.said.empty() ? std::string() : project.said[0]));
}

BOOST_AUTO_TEST_CASE(order_is_that_of_appending_whatever_waits_in_the_journal) {
  Project project;
  {
    JsonlStore store(project.options());
    append(store, {{"a", "{}"}, {"b", "{}"}});
    must(put(store, "c", "{}"));
    append(store, {{"d", "{}"}, {"e", "{}"}});  // after c, which is not in the file yet
    BOOST_TEST(remove(store, {"a"}) == 1u);
    BOOST_TEST(append(store, {{"a", "{\"back\":1}"}}).appended == 1u);
    BOOST_TEST(ids(store) == (List{"b", "c", "d", "e", "a"}));
    remove(store, {"b"});
    must(put(store, "b", "{}"));
    BOOST_TEST(ids(store) == (List{"c", "d", "e", "a", "b"}));
  }
  JsonlStore store(project.options());
  BOOST_TEST(ids(store) == (List{"c", "d", "e", "a", "b"}));
}

BOOST_AUTO_TEST_CASE(a_revision_that_is_not_the_present_one_is_a_conflict_and_writes_nothing) {
  Project project;
  JsonlStore store(project.options());
  append(store, {{"a", record("a", "1")}, {"b", record("b", "1")}});
  const std::string old_a = revision(store, "a"), old_b = revision(store, "b");
  must(put(store, "a", record("a", "2"), old_a));
  const StoreItem both[] = {{"b", "{\"id\":\"b\"}", old_b}, {"a", "{\"id\":\"a\"}", old_a}};
  const auto refused = store.put("examples", both);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == Code::conflict));
  BOOST_TEST(contains(refused.error().sentence(), "\"a\" was changed since it was read"));
  BOOST_TEST(revision(store, "b") == old_b);
  must(put(store, "a", record("a", "3"), revision(store, "a")));
  const auto gone = put(store, "none", "{}", old_a);
  BOOST_REQUIRE(!gone);
  BOOST_TEST((gone.error().code == Code::conflict));
  must(store.fold("examples"));
  // The revision is that of the line, so folding does not change it.
  BOOST_TEST(revision(store, "a") == hex(revision_of(record("a", "3"))));
}

BOOST_AUTO_TEST_CASE(reading_takes_ids_or_pages) {
  Project project;
  JsonlStore store(project.options());
  append(store, {{"a", "{}"}, {"b", "{}"}, {"c", "{}"}, {"d", "{}"}});
  must(put(store, "e", "{}"));
  remove(store, {"b"});
  BOOST_TEST(ids(store, {.ids = List{"d", "b", "x", "a"}}) == (List{"d", "a"}));
  BOOST_TEST(ids(store, {.ids = List{}}).empty());
  BOOST_TEST(ids(store, {.limit = 2}) == (List{"a", "c"}));
  BOOST_TEST(ids(store, {.after = "c", .limit = 1}) == (List{"d"}));
  BOOST_TEST(ids(store, {.after = "d"}) == (List{"e"}));
  BOOST_TEST(ids(store, {.after = "e"}).empty());
  BOOST_TEST(ids(store, {.limit = 0}).empty());
  BOOST_TEST(!store.read("examples", {.after = "x"}, [](const StoredRecord&) { return true; }));
  std::vector<std::uint64_t> lines;
  must(store.read("examples", {}, [&](const StoredRecord& row) {
    lines.push_back(row.line);
    return lines.size() < 3;
  }));
  BOOST_TEST(lines.size() == 3u);
  BOOST_TEST((lines[0] < lines[1] && lines[1] < lines[2]));
}

BOOST_AUTO_TEST_CASE(a_reader_sees_the_records_of_one_moment) {
  Project project;
  JsonlStore store(project.options()), writer(project.options());
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 2000; ++i)
    many.push_back({"r" + std::to_string(i), record("r" + std::to_string(i), std::string(400, 'x'))});
  append(store, many);
  must(put(store, "r1999", record("r1999", "pending")));
  List found;
  must(store.read("examples", {}, [&](const StoredRecord& row) {
    if (found.empty()) {
      // The file is replaced and the journal removed under the reader.
      must(put(writer, "r1000", record("r1000", "changed")));
      must(writer.fold("examples"));
    }
    found.emplace_back(row.record);
    return true;
  }));
  BOOST_REQUIRE(found.size() == 2000u);
  BOOST_TEST((found[1000] == many[1000].second));
  BOOST_TEST(found[1999] == record("r1999", "pending"));
  BOOST_TEST(revision(store, "r1000") == hex(revision_of(record("r1000", "changed"))));
}

BOOST_AUTO_TEST_CASE(what_a_person_wrote_is_kept_byte_for_byte) {
  Project project;
  const std::string odd =
      "\xEF\xBB\xBF{\"id\": \"a\",  \"x\":1}\r\n\r\nnot json\n{\"text\":\"no "
      "id\"}\n[1]\n{\"id\":\"a\",\"x\":2}\n{\"text\" : \"no id\"}\n{\"id\":{}}\n{\"id\":7}";
  spill(project.file, odd);
  {
    JsonlStore store(project.options());
    Document document;
    BOOST_REQUIRE(document.parse_object("{\"text\":\"no id\"}"));
    const std::string hash = content_id(ContentHasher().hash(document.root()), 1);
    BOOST_TEST(rows(store) == (List{"a={\"id\": \"a\",  \"x\":1}", hash + "={\"text\":\"no id\"}",
                                    "a-2={\"id\":\"a\",\"x\":2}", hash + "-2={\"text\" : \"no id\"}", "7={\"id\":7}"}),
               boost::test_tools::per_element());
    List findings;
    for (const LineFinding& finding : store.findings("examples"))
      findings.push_back(std::to_string(finding.line) + " " + finding.code);
    BOOST_TEST(findings == (List{"3 broken_json", "5 not_an_object", "6 duplicate_id", "8 bad_id"}));
    // Records have the lines that the file has, those that the journal adds the lines after it.
    must(put(store, "new", "{}"));
    append(store, {{"newer", "{}"}});
    std::vector<std::uint64_t> lines;
    must(store.read("examples", {}, [&](const StoredRecord& row) {
      lines.push_back(row.line);
      return true;
    }));
    BOOST_TEST(lines == (std::vector<std::uint64_t>{1, 4, 6, 7, 9, 10, 11}), boost::test_tools::per_element());
    remove(store, {"new", "newer"});
    BOOST_TEST(project.text() == odd + "\n");  // the last line got its newline
    BOOST_TEST(project.said.size() == 2u);
    must(put(store, "a", "{\"id\":\"a\",\"x\":10}"));
    must(put(store, hash + "-2", "{\"text\":\"named now\"}"));
    remove(store, {"a-2"});
    must(put(store, "z", "{}"));
  }
  BOOST_TEST(project.text() ==
             "\xEF\xBB\xBF{\"id\":\"a\",\"x\":10}\r\n\r\nnot json\n{\"text\":\"no id\"}\n[1]\n{\"id\":\"" +
                 [&] {
                   Document d;
                   BOOST_REQUIRE(d.parse_object("{\"text\":\"no id\"}"));
                   return content_id(ContentHasher().hash(d.root()), 2);
                 }() +
                 "\",\"text\":\"named now\"}\n{\"id\":{}}\n{\"id\":7}\n{\"id\":\"z\"}\n");
}

BOOST_AUTO_TEST_CASE(a_persons_edit_is_seen_and_stays) {
  Project project;
  {
    JsonlStore store(project.options());
    append(store, {{"a", record("a", "1")}, {"b", record("b", "1")}, {"c", record("c", "1")}, {"d", record("d", "1")}});
    must(put(store, "a", record("a", "ours")));
    must(put(store, "b", record("b", "ours")));
    remove(store, {"c"});
    must(put(store, "e", record("e", "ours")));
    // An editor writes the whole file anew: b and c changed, d removed, e and f added.
    must(io::write_atomic(project.file, record("f", "theirs") + "\n" + record("a", "1") + "\n" + record("b", "theirs") +
                                            "\n" + record("c", "theirs") + "\n" + record("e", "theirs") + "\n"));
    BOOST_TEST(
        rows(store) == (List{"f=" + record("f", "theirs"), "a=" + record("a", "ours"), "b=" + record("b", "theirs"),
                             "c=" + record("c", "theirs"), "e=" + record("e", "theirs")}),
        boost::test_tools::per_element());
    const auto stale = put(store, "d", "{}", hex(revision_of(record("d", "1"))));
    BOOST_REQUIRE(!stale);
    BOOST_TEST((stale.error().code == Code::conflict));
  }
  BOOST_TEST(project.text() == record("f", "theirs") + "\n" + record("a", "ours") + "\n" + record("b", "theirs") +
                                   "\n" + record("c", "theirs") + "\n" + record("e", "theirs") + "\n");
  std::vector<std::string> kept;
  std::istringstream lines(slurp(project.conflicts));
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    kept.push_back(json["id"].get<std::string>() +
                   (json["record"].is_null() ? " removed" : " " + json["record"]["text"].get<std::string>()));
  }
  BOOST_TEST(kept == (List{"b ours", "c removed", "e ours"}));
  BOOST_REQUIRE(project.said.size() == 1u);
  BOOST_TEST(contains(project.said[0], "3 records were changed both in the file and by fthost"));
  JsonlStore store(project.options());
  const auto listed = must(store.list());
  BOOST_TEST(listed->size() == 1u);  // conflicts are no collection
}

BOOST_AUTO_TEST_CASE(a_journal_that_was_folded_but_not_removed_changes_nothing) {
  Project project;
  std::string journal_bytes;
  {
    JsonlStore store(project.options());
    append(store, {{"a", record("a", "1")}, {"b", record("b", "1")}, {"c", record("c", "1")}});
    must(put(store, "a", record("a", "2")));
    must(put(store, "a", record("a", "3")));
    must(put(store, "n", record("n", "1")));
    must(put(store, "n", record("n", "2")));
    remove(store, {"b"});
    journal_bytes = slurp(project.folder / ("state/journal/" + project.journals().at(0)));
  }
  const std::string folded = project.text();
  JsonlStore closed(project.options());
  (void)rows(closed);
  const std::string name = [&] {
    for (const std::string& entry : names_in(project.folder / "state/journal")) {
      if (entry.ends_with(".lock")) return entry.substr(0, entry.size() - 5) + ".journal";
    }
    return std::string();
  }();
  // The process was killed between the rename and the removal; then, in the second round, went on.
  spill(project.folder / ("state/journal/" + name), journal_bytes);
  {
    JsonlStore store(project.options());
    BOOST_TEST(rows(store) == (List{"a=" + record("a", "3"), "c=" + record("c", "1"), "n=" + record("n", "2")}));
  }
  BOOST_TEST(project.text() == folded);
  BOOST_TEST(project.journals().empty());
  BOOST_TEST(!std::filesystem::exists(project.conflicts));
}

BOOST_AUTO_TEST_CASE(a_torn_journal_line_is_no_change_and_a_damaged_one_is_an_error) {
  Project project;
  std::string journal;
  {
    JsonlStore store(project.options());
    append(store, {{"a", record("a", "1")}});
    must(put(store, "a", record("a", "2")));
    journal = project.folder / ("state/journal/" + project.journals().at(0));
    const std::string whole = slurp(journal);
    spill(journal, whole + whole.substr(0, whole.size() / 2));
    BOOST_TEST(rows(store) == (List{"a=" + record("a", "2")}));
    must(put(store, "a", record("a", "4")));
    BOOST_TEST(rows(store) == (List{"a=" + record("a", "4")}));
    must(store.close());
    spill(journal, "damaged\n" + whole);
    const auto refused = store.read("examples", {}, [](const StoredRecord&) { return true; });
    BOOST_REQUIRE(!refused);
    BOOST_TEST(contains(refused.error().sentence(), "the journal's line 1 is damaged"));
    std::filesystem::remove(journal);
  }
  BOOST_TEST(project.text() == record("a", "4") + "\n");
}

BOOST_AUTO_TEST_CASE(a_journal_that_has_grown_is_folded) {
  Project project;
  JsonlStore store(project.options(2000));
  append(store, {{"a", record("a", "1")}});
  bool folded = false;
  for (int i = 0; i < 40; ++i) {
    must(put(store, "a", record("a", std::to_string(i) + std::string(100, 'x'))));
    folded = folded || project.journals().empty();
    BOOST_TEST(rows(store).size() == 1u);
  }
  BOOST_TEST(folded);
  BOOST_TEST(rows(store) == (List{"a=" + record("a", "39" + std::string(100, 'x'))}));
}

BOOST_AUTO_TEST_CASE(collections_are_listed_with_their_counts) {
  Project project;
  JsonlStore store(project.options());
  append(store, {{"a", "{}"}, {"b", "{}"}});
  must(put(store, "c", "{}"));
  const StoreItem item{"x", "{}", {}};
  must(store.append("evals/run-1", std::span(&item, 1)));
  spill(project.folder / "data/train.jsonl", "{}\n{}\nbad\n{\"id\":\"1\"}");
  spill(project.folder / "data/notes.txt", "");
  spill(project.folder / "data/.hidden.jsonl", "{}\n");
  const auto listed = must(store.list());
  List found;
  for (const auto& entry : *listed) found.push_back(entry.name + " " + std::to_string(entry.count));
  BOOST_TEST(found == (List{"evals/run-1 1", "examples 3", "train 3"}));
  BOOST_TEST(slurp(project.folder / "data/train.jsonl") == "{}\n{}\nbad\n{\"id\":\"1\"}");  // counted, not touched
  for (const std::string name : {"", "/x", "x/", "../x", "a//b", ".x", "a/.b", "a\nb", "a\\b", "x.conflicts"}) {
    BOOST_TEST(!store.append(name, std::span(&item, 1)), name);
  }
}

BOOST_AUTO_TEST_CASE(two_folders_may_share_a_journal_folder) {
  TemporaryFolder folder;
  const auto options = [&](const std::string& name) {
    return StoreOptions{.folder = folder / name, .journal = folder / "journal"};
  };
  JsonlStore one(options("one")), two(options("two"));
  append(one, {{"a", record("a", "1")}});
  append(two, {{"a", record("a", "2")}});
  must(put(one, "a", record("a", "one")));
  BOOST_TEST(rows(two) == (List{"a=" + record("a", "2")}));
  must(one.close());
  BOOST_TEST(slurp(folder / "one/examples.jsonl") == record("a", "one") + "\n");
  BOOST_TEST(slurp(folder / "two/examples.jsonl") == record("a", "2") + "\n");
}

BOOST_AUTO_TEST_CASE(a_wait_for_another_process_can_be_cancelled) {
  Project project;
  JsonlStore store(project.options());
  append(store, {{"a", "{}"}});
  std::string lock;
  for (const std::string& name : names_in(project.folder / "state/journal")) {
    if (name.ends_with(".lock")) lock = name;
  }
  auto held = must(io::FileLock::acquire(project.folder / ("state/journal/" + lock), io::FileLock::Mode::exclusive));
  const StoreItem item{"b", "{}", {}};
  const auto stopped = store.append("examples", std::span(&item, 1), [] { return true; });
  BOOST_REQUIRE(!stopped);
  BOOST_TEST((stopped.error().code == Code::cancelled));
}

BOOST_AUTO_TEST_CASE(processes_take_turns_and_lose_no_update) {
  Project project;
  constexpr int kProcesses = 3, kRounds = 40;
  {
    JsonlStore store(project.options(600));
    append(store, {{"counter", "{\"n\":0}"}});
  }
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool good = true;
      {
        JsonlStore store({project.folder / "data", project.folder / "state/journal", [](const std::string&) {}, 600});
        for (int i = 0; good && i < kRounds; ++i) {
          const std::string id = std::to_string(p) + "-" + std::to_string(i);
          const StoreItem item{id, "{}", {}};
          good = store.append("examples", std::span(&item, 1)).has_value();
          // Read, add one, write back; again if somebody was faster.
          for (bool done = false; good && !done;) {
            std::string revision;
            long n = -1;
            Document document;
            good =
                store
                    .read("examples", {.ids = List{"counter"}},
                          [&](const StoredRecord& row) {
                            revision = row.revision;
                            n = document.parse_object(row.record) ? static_cast<long>(document.find("n").number()) : -1;
                            return true;
                          })
                    .has_value();
            const std::string next = "{\"id\":\"counter\",\"n\":" + std::to_string(n + 1) + "}";
            const StoreItem change{"counter", next, revision};
            const auto written = store.put("examples", std::span(&change, 1));
            done = written.has_value();
            good = good && n >= 0 && (done || written.error().code == Code::conflict);
          }
        }
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
  JsonlStore store(project.options());
  const List found = rows(store);
  BOOST_TEST(found.size() == 1u + kProcesses * kRounds);
  BOOST_TEST(rows(store, {.ids = List{"counter"}}) ==
             (List{"counter={\"id\":\"counter\",\"n\":" + std::to_string(kProcesses * kRounds) + "}"}));
  BOOST_TEST(!std::filesystem::exists(project.conflicts));
}

BOOST_AUTO_TEST_SUITE_END()
