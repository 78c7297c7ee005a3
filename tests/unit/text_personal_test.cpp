#include "text/personal.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

using namespace fthost::text;

BOOST_AUTO_TEST_SUITE(text_personal)

struct Marked {
  std::string text;
  std::vector<PersonalSpan> spans;
};

// "a <<email|b@c.de>>" as the text and the spans in it.
Marked unmark(std::string_view line) {
  Marked marked;
  std::optional<PersonalKind> open;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size();) {
    const std::string_view rest = line.substr(i);
    const std::size_t bar = rest.find('|');
    if (!open && rest.starts_with("<<") && bar < 9) open = personal_kind(rest.substr(2, bar - 2));
    if (rest.starts_with("<<") && bar < 9 && open && begin == 0) {
      begin = marked.text.size() + 1;
      i += bar + 1;
    } else if (open && rest.starts_with(">>")) {
      marked.spans.push_back({*open, begin - 1, marked.text.size(), {}, 0});
      open.reset();
      begin = 0;
      i += 2;
    } else if (rest.starts_with("\xC2\xA6")) {
      i += 2;
    } else if (rest.starts_with("\\") && rest.size() > 1) {
      marked.text += rest[1] == 'n' ? '\n' : rest[1] == 't' ? '\t' : rest[1];
      i += 2;
    } else {
      marked.text += line[i++];
    }
  }
  return marked;
}

std::string shown(std::string_view text, const std::vector<PersonalSpan>& spans) {
  std::string out;
  std::size_t at = 0;
  for (const PersonalSpan& span : spans) {
    out += text.substr(at, span.begin - at);
    out += std::string("<<") + personal_name(span.kind) + "|" +
           std::string(text.substr(span.begin, span.end - span.begin)) + ">>";
    at = span.end;
  }
  return out + std::string(text.substr(at));
}

std::string read_source(const std::string& path) {
  std::ifstream file(std::string(FTHOST_SOURCE_DIR "/") + path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

SecretTable secrets() {
  auto table = SecretTable::load(read_source("scripts/data/secrets.json"), "secrets.json");
  BOOST_REQUIRE_MESSAGE(table.has_value(), (table ? "" : table.error().sentence()));
  return *table;
}

std::vector<std::string> case_lines() {
  std::istringstream file(read_source("tests/unit/personal_cases.txt"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && !line.starts_with("# ")) lines.push_back(line);
  }
  return lines;
}

std::string found(const PersonalFinder& finder, const std::string& text, std::string_view about = {}) {
  std::vector<PersonalSpan> spans;
  finder.find(text, spans, about);
  return shown(text, spans);
}

BOOST_AUTO_TEST_CASE(the_table_of_cases_holds) {
  const PersonalFinder finder(secrets());
  const auto lines = case_lines();
  BOOST_TEST(lines.size() > 250u);
  for (const std::string& line : lines) {
    const Marked marked = unmark(line);
    BOOST_TEST(found(finder, marked.text) == shown(marked.text, marked.spans));
  }
}

BOOST_AUTO_TEST_CASE(cases_hold_in_the_middle_of_a_text) {
  const PersonalFinder finder(secrets());
  for (const std::string& line : case_lines()) {
    const Marked marked = unmark(line);
    const std::string expected = shown(marked.text, marked.spans);
    BOOST_TEST(found(finder, "Some words.\n" + marked.text + "\nand others") ==
               "Some words.\n" + expected + "\nand others");
  }
}

std::string first_mask(const PersonalFinder& finder, const std::string& text) {
  std::vector<PersonalSpan> spans;
  finder.find(text, spans);
  BOOST_REQUIRE_EQUAL(spans.size(), 1u);
  return personal_mask(spans[0], std::string_view(text).substr(spans[0].begin, spans[0].end - spans[0].begin));
}

BOOST_AUTO_TEST_CASE(masks_do_not_tell) {
  const PersonalFinder finder(secrets(), kAllPersonal);
  BOOST_TEST(first_mask(finder, "alice@mail.example.com") == "a***@***.com");
  BOOST_TEST(first_mask(finder, "почта@пример.рф") == "п***@***.рф");
  BOOST_TEST(first_mask(finder, "+49 30 1234567") == "+4***67");
  BOOST_TEST(first_mask(finder, "(415) 555-2671") == "***71");
  BOOST_TEST(first_mask(finder, "4111 1111 1111 1111") == "***1111");
  BOOST_TEST(first_mask(finder, "DE89 3704 0044 0532 0130 00") == "DE***00");
  BOOST_TEST(first_mask(finder, "from 203.0.113.7") == "203.***");
  BOOST_TEST(first_mask(finder,
                        "gh"
                        "p_aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lN5") == "ghp_***");
  BOOST_TEST(first_mask(finder, "password=hunter22") == "***");
}

BOOST_AUTO_TEST_CASE(spellings_of_one_value_are_one) {
  BOOST_TEST(personal_value(PersonalKind::email, "Alice@Example.com") == "alice@example.com");
  BOOST_TEST(personal_value(PersonalKind::phone, "+49 (30) 123-45") == "+493012345");
  BOOST_TEST(personal_value(PersonalKind::phone, "0049 30 12345") == "+493012345");
  BOOST_TEST(personal_value(PersonalKind::phone, "030 12345") == "03012345");
  BOOST_TEST(personal_value(PersonalKind::card, "4111-1111 1111 1111") == "4111111111111111");
  BOOST_TEST(personal_value(PersonalKind::iban, "DE89 3704") == "de893704");
  BOOST_TEST(personal_value(PersonalKind::secret, "aB") == "aB");
}

BOOST_AUTO_TEST_CASE(only_the_kinds_that_are_wanted) {
  const std::string text = "a@b.de, +49 30 1234567, 203.0.113.7, password=hunter22, 4111 1111 1111 1111.";
  const auto kinds = [&](PersonalSet set) { return found(PersonalFinder(secrets(), set), text); };
  BOOST_TEST(kinds(personal_bit(PersonalKind::email)) ==
             "<<email|a@b.de>>, +49 30 1234567, 203.0.113.7, password=hunter22, 4111 1111 1111 1111.");
  BOOST_TEST(kinds(personal_bit(PersonalKind::secret)) ==
             "a@b.de, +49 30 1234567, 203.0.113.7, password=<<secret|hunter22>>, 4111 1111 1111 1111.");
  BOOST_TEST(kinds(personal_bit(PersonalKind::card)) ==
             "a@b.de, +49 30 1234567, 203.0.113.7, password=hunter22, <<card|4111 1111 1111 1111>>.");
  BOOST_TEST(kinds(kAllPersonal) ==
             "<<email|a@b.de>>, <<phone|+49 30 1234567>>, <<ip|203.0.113.7>>, password=<<secret|hunter22>>, "
             "<<card|4111 1111 1111 1111>>.");
  BOOST_TEST(kinds(0) == text);
}

BOOST_AUTO_TEST_CASE(internet_addresses) {
  const PersonalFinder finder({}, personal_bit(PersonalKind::ip));
  for (const char* line : {"<<ip|203.0.113.7>>",
                           "from <<ip|10.1.2.3>>:8080",
                           "<<ip|8.8.8.8>>, <<ip|1.1.1.1>>.",
                           "[<<ip|2001:db8::1>>]",
                           "<<ip|fe80::1ff:fe23:4567:890a>>",
                           "<<ip|2001:0db8:85a3:0000:0000:8a2e:0370:7334>>",
                           "127.0.0.1",
                           "0.0.0.0",
                           "version 12.3.4.5",
                           "v12.3.4.5",
                           "1.2.3.4",
                           "256.1.2.3",
                           "1.2.3",
                           "10.1.2.3.4",
                           "std::vector",
                           "2024::x",
                           "12:30:45",
                           "00:1a:2b:3c:4d:5e",
                           "dead::beef::1",
                           "2001:db8",
                           "10.01.2.3"}) {
    const Marked marked = unmark(line);
    BOOST_TEST(found(finder, marked.text) == shown(marked.text, marked.spans));
  }
}

BOOST_AUTO_TEST_CASE(a_key_tells_what_a_bare_number_is) {
  const PersonalFinder finder(secrets());
  BOOST_TEST(found(finder, "4155552671") == "4155552671");
  BOOST_TEST(found(finder, "4155552671", "phone") == "<<phone|4155552671>>");
  BOOST_TEST(found(finder, "4155552671", "customer_phone_number") == "<<phone|4155552671>>");
  BOOST_TEST(found(finder, "4155552671", "microphones") == "4155552671");
  BOOST_TEST(found(finder, "Summer2024!", "dbPassword") == "<<secret|Summer2024!>>");
  BOOST_TEST(found(finder, "Summer2024!", "season") == "Summer2024!");
  BOOST_TEST(found(finder, "ask for Summer2024!", "password") == "ask for Summer2024!");
}

BOOST_AUTO_TEST_CASE(names_of_secrets_are_the_tables) {
  const PersonalFinder finder(secrets());
  std::vector<PersonalSpan> spans;
  finder.find("password=hunter22 postgres://app:s3cr3tPw@db.example.com", spans);
  BOOST_REQUIRE_EQUAL(spans.size(), 2u);
  BOOST_TEST(spans[0].name == "password");
  BOOST_TEST(spans[1].name == "url_password");
}

BOOST_AUTO_TEST_CASE(a_project_adds_its_own_keys) {
  auto table = SecretTable::load(
      R"({"keys": [{"name": "acme", "prefix": "acme:", "alphabet": "0-9a-f-", "length": [8, 8], "entropy": 2}]})",
      "own.json");
  BOOST_REQUIRE(table.has_value());
  const PersonalFinder finder(*table);
  BOOST_TEST(found(finder, "x acme:12ab-34d y") == "x <<secret|acme:12ab-34d>> y");
  BOOST_TEST(found(finder, "x acme:12ab-34de y") == "x acme:12ab-34de y");
  BOOST_TEST(found(finder, "x acme:12ab y") == "x acme:12ab y");
}

BOOST_AUTO_TEST_CASE(a_table_extends_another) {
  const std::string text = "acme:12ab-34d, acme:12345678, password=hunter22, password=own-value-1";
  const auto one = SecretTable::load(
      R"({"keys": [{"name": "acme", "prefix": "acme:", "alphabet": "0-9a-f-", "length": [8, 8], "entropy": 2}],
          "assignments": [{"name": "password", "words": ["password"], "length": [6, 20]}]})",
      "one.json");
  BOOST_REQUIRE(one.has_value());
  BOOST_TEST(found(PersonalFinder(*one), text) ==
             "<<secret|acme:12ab-34d>>, acme:12345678, password=<<secret|hunter22>>, password=<<secret|own-value-1>>");
  const auto two = SecretTable::load(R"({"off": ["acme"], "placeholders": ["Own-Value"]})", "two.json", *one);
  BOOST_REQUIRE(two.has_value());
  BOOST_TEST(found(PersonalFinder(*two), text) ==
             "acme:12ab-34d, acme:12345678, password=<<secret|hunter22>>, password=own-value-1");
  const auto three = SecretTable::load(
      R"({"assignments": [{"name": "password", "words": ["acme"], "length": [8, 20]}]})", "three.json", *one);
  BOOST_REQUIRE(three.has_value());
  BOOST_TEST(found(PersonalFinder(*three), text) ==
             "<<secret|acme:12ab-34d>>, acme:12345678, password=hunter22, password=own-value-1");
}

BOOST_AUTO_TEST_CASE(broken_tables_are_refused) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "is broken JSON"},
      {"[]", "is not an object"},
      {R"({"key": []})", "unknown field \"key\""},
      {R"({"schema_version": 2})", "must be 1"},
      {R"({"keys": {}})", "/keys: must be a list"},
      {R"({"keys": [{"name": "a", "prefix": "ab", "alphabet": "a", "length": [1, 2]}]})",
       "/keys/0/prefix: must have three"},
      {R"({"keys": [{"name": "a", "prefix": "abc", "alphabet": "z-a", "length": [1, 2]}]})",
       "/keys/0/alphabet: must be ASCII"},
      {R"({"keys": [{"name": "a", "prefix": "abc", "alphabet": "a", "length": [3, 2]}]})",
       "/keys/0/length: must be two"},
      {R"({"keys": [{"name": "a", "prefix": "abc", "alphabet": "a"}]})", "/keys/0/length: must be two"},
      {R"({"keys": [{"name": 1}]})", "/keys/0/name: must be a text"},
      {R"({"keys": [{"name": "a", "prefix": "abc", "alphabet": "a", "length": [1, 2], "entropy": 9}]})",
       "/keys/0/entropy"},
      {R"({"keys": [{"name": "a", "prefix": "abc", "alphabet": "a", "length": [1, 2], "keep_prefix": 1}]})",
       "/keys/0/keep_prefix"},
      {R"({"assignments": [{"name": "a", "words": ["x"], "length": [1, 2]}]})", "/assignments/0/words"},
      {R"({"placeholders": [1]})", "/placeholders: must be a list of texts"},
  };
  for (const auto& [json, problem] : cases) {
    const auto table = SecretTable::load(json, "own.json");
    BOOST_REQUIRE_MESSAGE(!table, json);
    BOOST_TEST(table.error().sentence().find(problem) != std::string::npos, table.error().sentence());
    BOOST_TEST(table.error().where == "own.json");
  }
}

BOOST_AUTO_TEST_CASE(every_key_of_the_table_is_found_by_its_prefix) {
  // each of its letters in turn, from the middle of its lengths; what cannot be told from a word is none
  const std::string table = read_source("scripts/data/secrets.json");
  const PersonalFinder finder(secrets());
  std::size_t keys = 0;
  for (std::size_t at = table.find("\"prefix\": \""); at != std::string::npos;
       at = table.find("\"prefix\": \"", at + 1)) {
    const auto quoted = [&](std::size_t from) { return table.substr(from, table.find('"', from) - from); };
    const std::string prefix = quoted(at + 11), alphabet = quoted(table.find("\"alphabet\": \"", at) + 13);
    const std::size_t length = std::stoul(table.substr(table.find("\"length\": [", at) + 11));
    std::string letters;
    for (const std::string_view range : {"0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"}) {
      const std::string sign = std::string(1, range[0]) + "-";
      const std::size_t has = alphabet.find(sign);
      if (has == std::string::npos) continue;
      letters += range.substr(0, range.find(alphabet[has + 2]) + 1);
    }
    std::string tail;
    for (std::size_t i = 0; i < length; ++i) tail += letters[(i * 7 + 5) % letters.size()];
    std::vector<PersonalSpan> spans;
    finder.find("x " + prefix + tail + " y", spans);
    BOOST_TEST(spans.size() == 1u, prefix + tail);
    ++keys;
  }
  BOOST_TEST(keys > 60u);
}

BOOST_AUTO_TEST_CASE(any_bytes_are_safe) {
  const PersonalFinder finder(secrets(), kAllPersonal);
  std::vector<PersonalSpan> spans;
  std::uint32_t random = 1;
  const std::string_view pieces[] = {"@",
                                     "a.b",
                                     ".com",
                                     "+49",
                                     " ",
                                     "1",
                                     "23",
                                     "-",
                                     "(",
                                     ")",
                                     "://",
                                     ":",
                                     "=",
                                     "password",
                                     "sk-",
                                     "eyJ",
                                     ".",
                                     "-----BEGIN ",
                                     "PRIVATE KEY-----",
                                     "\xEF\xBC\x9A",
                                     "\xC3",
                                     "\x80",
                                     "%40",
                                     "::",
                                     "2001",
                                     "DE89",
                                     "\""};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 24; ++i) text += pieces[(random = random * 1664525 + 1013904223) % std::size(pieces)];
    finder.find(text, spans);
    std::size_t end = 0;
    for (const PersonalSpan& span : spans) {
      BOOST_TEST((span.begin >= end && span.begin < span.end && span.end <= text.size()), text);
      end = span.end;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
