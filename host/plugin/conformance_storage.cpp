// What a storage must keep: the contract in ft_plugin.h. Records come back as they were, in append order; a write is
// whole or not there; a conflict writes nothing; what was acknowledged is there for another instance and after
// reopening.
#include <filesystem>

#include "plugin/conformance_subject.hpp"

namespace fthost::plugin::conformance {
namespace {

struct Item {
  std::string id, revision;
  Json record;
  std::uint64_t ordinal = 0;
};

class Store {
 public:
  Store(const Subject& subject, const Json& config) : subject_(subject), made_(subject, config) {}

  // columns[c][r]
  Seen write(const char* what, const std::string& collection, std::vector<std::vector<Cell>> columns) {
    const auto rows = std::make_shared<const Rows>(std::move(columns), 1);
    const auto name = std::make_shared<const std::string>(collection);
    const auto* table = made_.table<ft_storage>();
    const auto function = *what == 'a' ? table->append : *what == 'p' ? table->put : table->remove;
    return subject_.harness.run([rows, name, function, self = made_.self()](ft_call call) {
      return function(self, call, str(*name), rows->get());
    });
  }
  Json append(const std::string& collection, const std::vector<std::string>& ids, const std::vector<Json>& records) {
    std::vector<Cell> keys(ids.begin(), ids.end()), lines;
    for (const auto& record : records) lines.emplace_back(record.dump());
    return result(write("append", collection, {keys, lines}).ok("append"), "append");
  }
  Seen put(const std::string& collection, const std::vector<std::string>& ids, const std::vector<Json>& records,
           const std::vector<Cell>& revisions) {
    std::vector<Cell> keys(ids.begin(), ids.end()), lines;
    for (const auto& record : records) lines.emplace_back(record.dump());
    return write("put", collection, {keys, lines, revisions});
  }
  Json remove(const std::string& collection, const std::vector<std::string>& ids) {
    std::vector<Cell> keys(ids.begin(), ids.end());
    return result(write("remove", collection, {keys}).ok("remove"), "remove");
  }
  Seen read_call(const std::string& collection, const Json& query, Harness::Plan plan = {}) {
    const auto name = std::make_shared<const std::string>(collection);
    const auto text = std::make_shared<const std::string>(query.dump());
    return subject_.harness.run([name, text, self = made_.self(), table = made_.table<ft_storage>()](
                                    ft_call call) { return table->read(self, call, str(*name), str(*text)); },
                                plan);
  }
  std::vector<Item> read(const std::string& collection, const Json& query = Json::object()) {
    const Seen seen = read_call(collection, query);
    seen.ok("read " + query.dump());
    std::vector<Item> items;
    for (const auto& output : seen.output) {
      expect(output.channel == FT_RECORD, "read emits FT_RECORD alone");
      const Json json = output.json();
      expect(json.contains("id") && json.contains("revision") && json.contains("record"),
             "read emits {\"id\", \"revision\", \"record\"}, not " + output.bytes.substr(0, 80));
      items.push_back({json["id"].get<std::string>(), json["revision"].get<std::string>(), json["record"], output.row});
    }
    return items;
  }
  std::vector<std::string> ids(const std::string& collection, const Json& query = Json::object()) {
    std::vector<std::string> found;
    for (const auto& item : read(collection, query)) found.push_back(item.id);
    return found;
  }
  Json list() {
    return result(subject_.harness
                      .run([self = made_.self(), table = made_.table<ft_storage>()](ft_call call) {
                        return table->list(self, call);
                      })
                      .ok("list"),
                  "list");
  }
  std::int64_t count(const std::string& collection) {
    const Json all = list();
    for (const auto& item : all) {
      if (item["collection"] == collection) return item["count"].get<std::int64_t>();
    }
    return -1;
  }

 private:
  static Json result(const Seen& seen, const std::string& what) {
    const auto results = seen.on(FT_RESULT);
    expect(results.size() == 1, what + " emitted " + std::to_string(results.size()) + " FT_RESULT instead of one");
    return results[0].json();
  }
  const Subject& subject_;
  Made made_;
};

Json record(const std::string& id, const std::string& text) {
  return {{"id", id},
          {"messages", Json::array({{{"role", "user"}, {"content", text}}})},
          {"x", {{"n", 1}, {"list", Json::array({nullptr, true, 2.5})}}}};
}

std::vector<std::string> some_ids(const std::string& prefix, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back(prefix + std::to_string(i));
  return ids;
}

std::vector<Json> some_records(const std::vector<std::string>& ids, const std::string& text) {
  std::vector<Json> records;
  for (const auto& id : ids) records.push_back(record(id, text + " " + id));
  return records;
}

void expect_ids(const std::vector<std::string>& got, const std::vector<std::string>& wanted, const std::string& what) {
  std::string shown;
  for (std::size_t i = 0; i < got.size() && i < 8; ++i) shown += (i ? ", " : "") + got[i];
  expect(got == wanted, what + ": " + std::to_string(got.size()) + " records (" + shown + ") instead of " +
                            std::to_string(wanted.size()));
}

}  // namespace

void check_storage(Checks& checks, const Subject& subject) {
  const auto first = some_ids("a", 5);
  checks.run("storage.append", [&] {
    Store store(subject, subject.config());
    expect(store.read("examples").empty(), "an unknown collection is not an empty one");
    const auto records = some_records(first,
                                      "Gr\xC3\xBC\xC3\x9F"
                                      "e \"quoted\" \\ \n \xF0\x9F\x99\x82");
    const Json result = store.append("examples", first, records);
    expect(result.value("appended", -1) == 5 && result.value("known", -1) == 0,
           "append of 5 records answers " + result.dump());
    const auto items = store.read("examples");
    expect(items.size() == 5, "5 records were appended and " + std::to_string(items.size()) + " read");
    for (std::size_t i = 0; i < items.size(); ++i) {
      expect(items[i].id == first[i], "the records are not read in the order in which they were appended");
      expect(items[i].record == records[i],
             "record " + items[i].id + " is not what was appended: " + items[i].record.dump());
      expect(!items[i].revision.empty(), "record " + items[i].id + " has no revision");
      expect(i == 0 || items[i].ordinal > items[i - 1].ordinal, "the ordinals do not grow");
    }
    return std::string("5 records, in order, as they were");
  });
  checks.run("storage.append_known", [&] {
    Store store(subject, subject.config());
    store.append("examples", first, some_records(first, "old"));
    const Json result = store.append("examples", {"a1", "b0"}, some_records({"a1", "b0"}, "new"));
    expect(result.value("appended", -1) == 1 && result.value("known", -1) == 1,
           "one new and one known record answer " + result.dump());
    const auto items = store.read("examples", {{"ids", {"a1"}}});
    expect(items.size() == 1 && items[0].record == record("a1", "old a1"), "append changed a record that was there");
    const Json twice = store.append("examples", {"c0", "c0"}, some_records({"c0", "c0"}, "twice"));
    expect(twice.value("appended", -1) == 1 && twice.value("known", -1) == 1,
           "the same id twice in one batch answers " + twice.dump());
    return std::string("a known id is left as it is");
  });
  checks.run("storage.all_or_nothing", [&] {
    Store store(subject, subject.config());
    store.append("examples", first, some_records(first, "old"));
    const Seen seen =
        store.write("append", "examples", {{Cell("b0"), Cell("b1")}, {Cell(record("b0", "new").dump()), Cell()}});
    seen.refused(FT_E_INPUT, "append of a batch with an absent record");
    expect_ids(store.ids("examples"), first, "after a refused append");
    return seen.said;
  });
  checks.run("storage.put", [&] {
    Store store(subject, subject.config());
    store.append("examples", first, some_records(first, "old"));
    const auto before = store.read("examples");
    store
        .put("examples", {"a1", "a3"}, some_records({"a1", "a3"}, "new"),
             {Cell(before[1].revision), Cell(before[3].revision)})
        .ok("put");
    const auto after = store.read("examples");
    expect_ids(store.ids("examples"), first, "put changed the order or the number of records");
    expect(after[1].record == record("a1", "new a1") && after[3].record == record("a3", "new a3"),
           "put did not replace the records");
    expect(after[0].record == before[0].record && after[0].revision == before[0].revision,
           "put changed another record");
    expect(after[1].revision != before[1].revision, "a replaced record has its old revision");
    store.put("examples", {"a0", "new"}, some_records({"a0", "new"}, "without"), {Cell(), Cell()})
        .ok("put without revisions");
    auto wanted = first;
    wanted.push_back("new");
    expect_ids(store.ids("examples"), wanted, "put without a revision adds what is not there");
    const auto seen =
        store.put("examples", {"a0", "b0", "a0"}, some_records({"a0", "b0", "a0"}, "twice"), {Cell(), Cell(), Cell()});
    seen.refused(FT_E_INPUT, "put of the same id twice");
    expect_ids(store.ids("examples"), wanted, "after a put that was refused");
    expect(store.read("examples")[0].record == record("a0", "without a0"), "a refused put changed a record");
    return std::string("replaced in place; added where there was none");
  });
  checks.run("storage.conflict", [&] {
    Store store(subject, subject.config());
    store.append("examples", first, some_records(first, "old"));
    const auto before = store.read("examples");
    const Seen seen = store.put("examples", {"a0", "a1", "b0"}, some_records({"a0", "a1", "b0"}, "new"),
                                {Cell(before[0].revision), Cell("stale"), Cell()});
    seen.refused(FT_E_CONFLICT, "put with a revision that is not the present one");
    const auto after = store.read("examples");
    expect(after.size() == before.size(), "a refused put changed the number of records");
    for (std::size_t i = 0; i < after.size(); ++i) {
      expect(after[i].record == before[i].record && after[i].revision == before[i].revision,
             "a refused put changed record " + after[i].id);
    }
    store.put("examples", {"gone"}, some_records({"gone"}, "new"), {Cell("any")})
        .refused(FT_E_CONFLICT, "put with the revision of a record that is not there");
    return seen.said;
  });
  checks.run("storage.read", [&] {
    Store store(subject, subject.config());
    const auto ids = some_ids("r", 10);
    store.append("examples", ids, some_records(ids, "text"));
    expect_ids(store.ids("examples", {{"ids", {"r7", "nowhere", "r2"}}}), {"r7", "r2"},
               "read of two ids and one that is not there, in the order asked for");
    expect_ids(store.ids("examples", {{"ids", Json::array()}}), {}, "read of no ids");
    std::vector<std::string> pages;
    Json query{{"limit", 3}};
    for (int page = 0; page < 5; ++page) {
      const auto part = store.ids("examples", query);
      expect(part.size() <= 3, "a limit of 3 gave " + std::to_string(part.size()) + " records");
      pages.insert(pages.end(), part.begin(), part.end());
      if (part.empty()) break;
      query["after"] = part.back();
    }
    expect_ids(pages, ids, "pages of three with after and limit");
    expect_ids(store.ids("examples", {{"after", "r7"}}), {"r8", "r9"}, "read after r7");
    store.read_call("examples", {{"after", "nowhere"}}).refused(FT_E_INPUT, "read after an id that is not there");
    expect_ids(store.ids("examples", {{"ids", {"r9", "nowhere", "r8", "r7"}}, {"limit", 2}}), {"r9", "r8"},
               "read of ids with a limit of two");
    expect_ids(store.ids("examples", {{"limit", 0}}), {}, "read with a limit of 0");
    expect_ids(store.ids("other"), {}, "read of an unknown collection");
    expect_ids(store.ids("other", {{"ids", {"r1"}}}), {}, "read by id of an unknown collection");
    store.read_call("other", {{"after", "r1"}}).refused(FT_E_INPUT, "read after an id of an unknown collection");
    for (const std::string collection : {"examples", "other"}) {
      for (const Json& query :
           {Json{{"limit", -1}}, Json{{"limit", "3"}}, Json{{"ids", "r1"}}, Json{{"where", "r1"}}}) {
        store.read_call(collection, query)
            .refused(FT_E_INPUT, "the query " + query.dump() + " to the collection " + collection);
      }
    }
    return std::string("by id, and in pages");
  });
  checks.run("storage.remove", [&] {
    Store store(subject, subject.config());
    store.append("examples", first, some_records(first, "old"));
    const Json result = store.remove("examples", {"a1", "nowhere", "a4"});
    expect(result.value("removed", -1) == 2,
           "remove of two records and one that is not there answers " + result.dump());
    expect_ids(store.ids("examples"), {"a0", "a2", "a3"}, "after remove");
    expect(store.remove("other", {"a0"}).value("removed", -1) == 0, "remove from an unknown collection");
    expect(store.append("examples", {"a1"}, some_records({"a1"}, "again")).value("appended", -1) == 1,
           "a removed id cannot be appended again");
    expect_ids(store.ids("examples"), {"a0", "a2", "a3", "a1"}, "an id that is appended again comes last");
    return std::string("passed over what is not there");
  });
  checks.run("storage.list", [&] {
    Store store(subject, subject.config());
    store.append("examples", first, some_records(first, "old"));
    store.append("evals", {"e0"}, some_records({"e0"}, "other"));
    expect(store.count("examples") == 5 && store.count("evals") == 1, "list answers " + store.list().dump());
    store.remove("examples", {"a0"});
    expect(store.count("examples") == 4, "list does not follow a remove: " + store.list().dump());
    expect_ids(store.ids("evals"), {"e0"}, "collections are kept apart");
    return store.list().dump();
  });
  checks.run("storage.reopen", [&] {
    const Json config = subject.config();
    const auto ids = some_ids("k", 500);
    {
      Store store(subject, config);
      store.append("examples", ids, some_records(ids, "kept"));
      store.put("examples", {"k3"}, some_records({"k3"}, "changed"), {Cell()}).ok("put");
      store.remove("examples", {"k4"});
    }
    Store store(subject, config);
    const auto items = store.read("examples");
    expect(items.size() == 499, "of 499 records " + std::to_string(items.size()) + " are there after reopening");
    expect(items[3].record == record("k3", "changed k3"), "a replaced record is the old one after reopening");
    expect(items[4].id == "k5", "a removed record is there again after reopening");
    return std::string("500 appended, one replaced, one removed");
  });
  checks.run("storage.two_instances", [&] {
    const Json config = subject.config();
    Store one(subject, config), two(subject, config);
    one.append("examples", first, some_records(first, "one"));
    expect_ids(two.ids("examples"), first, "the second instance does not see what the first has appended");
    const auto seen_by_two = two.read("examples");
    one.put("examples", {"a2"}, some_records({"a2"}, "changed by one"), {Cell(seen_by_two[2].revision)}).ok("put");
    two.put("examples", {"a2"}, some_records({"a2"}, "changed by two"), {Cell(seen_by_two[2].revision)})
        .refused(FT_E_CONFLICT, "put over another instance's change");
    two.append("examples", {"b0"}, some_records({"b0"}, "two"));
    one.remove("examples", {"a0"});
    const std::vector<std::string> wanted = {"a1", "a2", "a3", "a4", "b0"};
    expect_ids(one.ids("examples"), wanted, "the first instance");
    expect_ids(two.ids("examples"), wanted, "the second instance");
    return std::string("each sees what the other has written");
  });
  checks.run("storage.large", [&] {
    Store store(subject, subject.config());
    const auto ids = some_ids("n", 4097);
    auto records = some_records(ids, "row");
    records[2000]["big"] = std::string(1u << 20, 'x');
    store.append("examples", ids, records);
    const auto items = store.read("examples");
    expect(items.size() == ids.size(), "of 4,097 records " + std::to_string(items.size()) + " were read");
    expect(items[2000].record == records[2000], "a record of one megabyte is not what it was");
    return std::string("4,097 records in one batch, one of a megabyte");
  });
  checks.run("storage.cancel", [&] {
    Store store(subject, subject.config());
    const auto ids = some_ids("c", 200);
    store.append("examples", ids, some_records(ids, "row"));
    const Seen seen = store.read_call("examples", Json::object(), {.cancel_at = 5});
    seen.refused(FT_E_CANCELLED, "a cancelled read");
    expect_ids(store.ids("examples"), ids, "after a cancelled read");
    return std::string("a read stops at the fifth record");
  });
  checks.run("storage.names", [&] {
    Store store(subject, subject.config());
    for (const std::string name : {"../escape", "/absolute", "", "a/../../b"}) {
      const Seen seen = store.write("append", name, {{Cell("x")}, {Cell(record("x", "y").dump())}});
      seen.clean("append to the collection \"" + name + "\"");
      if (seen.status != FT_OK) seen.refused(FT_E_INPUT, "append to the collection \"" + name + "\"");
    }
    for (const auto& item : std::filesystem::directory_iterator(subject.harness.folder())) {
      const std::string made = item.path().filename().string();
      expect(made[0] >= '0' && made[0] <= '9', "a collection's name made " + made + " outside of the storage");
    }
    return std::string("names like paths are refused, or are only names");
  });
}

}  // namespace fthost::plugin::conformance
