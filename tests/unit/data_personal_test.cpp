#include <boost/test/unit_test.hpp>

#include "data/personal_check.hpp"
#include "data/redactor.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using fthost::test::must;
using fthost::test::slurp;

BOOST_AUTO_TEST_SUITE(data_personal)

fthost::text::PersonalFinder personal_finder(fthost::text::PersonalSet kinds = fthost::text::kDefaultPersonal) {
  const std::string path = FTHOST_SOURCE_DIR "/scripts/data/secrets.json";
  return fthost::text::PersonalFinder(*must(fthost::text::SecretTable::load(slurp(path), path)), kinds);
}

struct Redacted {
  Redactor redactor;
  Document document;
  std::string out;
  explicit Redacted(RedactOptions options = {}) : redactor(personal_finder(), std::move(options)) {}
  // The row as it is written.
  std::string operator()(std::string_view row) {
    BOOST_REQUIRE_MESSAGE(document.parse_object(row), row);
    if (!redactor.row(document, out)) return std::string(row);
    Document again;
    BOOST_TEST(again.parse_object(out), out);
    return out;
  }
};

RedactOptions with_style(RedactOptions::Style style, const std::string& key = {}) {
  RedactOptions options;
  options.style = style;
  options.key = key;
  return options;
}

BOOST_AUTO_TEST_CASE(the_same_value_has_the_same_number_in_a_row) {
  Redacted redact;
  BOOST_TEST(
      redact(
          R"({"messages":[{"role":"user","content":"I am a@b.de or c@d.de, A@B.de"},{"role":"assistant","content":"Hi a@b.de, +49 30 1234567"}]})") ==
      R"({"messages":[{"role":"user","content":"I am [EMAIL_1] or [EMAIL_2], [EMAIL_1]"},{"role":"assistant","content":"Hi [EMAIL_1], [PHONE_1]"}]})");
  BOOST_TEST(redact(R"({"text":"c@d.de"})") == R"({"text":"[EMAIL_1]"})");
  BOOST_TEST(redact.redactor.replaced()[0] == 5u);
  BOOST_TEST(redact.redactor.replaced()[1] == 1u);
}

BOOST_AUTO_TEST_CASE(every_other_byte_stays) {
  Redacted redact;
  BOOST_TEST(
      redact(
          "{ \"b\" :\t1.50e+3, \"caf\\u00e9\":\"x \\u00e9\\n\\ud83d\\ude00 a@b.de \\/ \\\"q\\\" é\" , \"n\":null}") ==
      "{ \"b\" :\t1.50e+3, \"caf\\u00e9\":\"x \\u00e9\\n\\ud83d\\ude00 [EMAIL_1] \\/ \\\"q\\\" é\" , \"n\":null}");
  BOOST_TEST(redact(R"({"t":"\u0061\u0040b.de"})") == R"({"t":"[EMAIL_1]"})");
  BOOST_TEST(redact(R"({"t":"\u4f60a@b.de\u4f60"})") == R"({"t":"\u4f60[EMAIL_1]\u4f60"})");
  const std::string nothing = R"( {"a": [1, 2, {"x": "no \u00e9"}]} )";
  BOOST_TEST(redact(nothing) == nothing);
}

BOOST_AUTO_TEST_CASE(all_strings_are_looked_at_but_bookkeeping_and_ids) {
  Redacted redact;
  BOOST_TEST(redact(R"({"prompt":"a@b.de","completion":["x",{"deep":"a@b.de"}],"unknown":{"y":"c@d.de"}})") ==
             R"({"prompt":"[EMAIL_1]","completion":["x",{"deep":"[EMAIL_1]"}],"unknown":{"y":"[EMAIL_2]"}})");
  const std::string kept =
      R"({"id":"a@b.de","metadata":{"by":"c@d.de"},"ratings":[{"by":"e@f.de"}],"m":[{"tool_call_id":"g@h.de","toolUseId":"i@j.de"}]})";
  BOOST_TEST(redact(kept) == kept);
  BOOST_TEST(redact.redactor.left()[0] == 5u);
  BOOST_TEST(redact(R"({"m":{"metadata":"a@b.de","rating":"c@d.de"}})") ==
             R"({"m":{"metadata":"[EMAIL_1]","rating":"[EMAIL_2]"}})");
  RedactOptions options;
  options.all_fields = true;
  Redacted all(options);
  BOOST_TEST(
      all(kept) ==
      R"({"id":"a@b.de","metadata":{"by":"[EMAIL_1]"},"ratings":[{"by":"[EMAIL_2]"}],"m":[{"tool_call_id":"[EMAIL_3]","toolUseId":"[EMAIL_4]"}]})");
  BOOST_TEST(all.redactor.left()[0] == 1u);
}

BOOST_AUTO_TEST_CASE(json_within_strings_stays_json) {
  Redacted redact;
  BOOST_TEST(
      redact(
          R"({"tool_calls":[{"id":"c1","function":{"name":"send","arguments":"{\"to\": \"a@b.de\", \"body\": \"Hi\\nc@d.de \\u00e9\", \"phone\": 4155552671}"}}]})") ==
      R"({"tool_calls":[{"id":"c1","function":{"name":"send","arguments":"{\"to\": \"[EMAIL_1]\", \"body\": \"Hi\\n[EMAIL_2] \\u00e9\", \"phone\": 4155552671}"}}]})");
  // and within those
  BOOST_TEST(redact(R"({"a":"{\"b\":\"{\\\"c\\\":\\\"\\\\u0061@b.de\\\"}\"}"})") ==
             R"({"a":"{\"b\":\"{\\\"c\\\":\\\"[EMAIL_1]\\\"}\"}"})");
  // what only looks like it is text
  BOOST_TEST(redact(R"({"a":"{not json} a@b.de"})") == R"({"a":"{not json} [EMAIL_1]"})");
  BOOST_TEST(redact(R"~({"a":"[c@d.de](mailto:c@d.de)"})~") == R"~({"a":"[[EMAIL_1]](mailto:[EMAIL_1])"})~");
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_known_goes_everywhere_in_its_row) {
  Redacted redact;
  BOOST_TEST(
      redact(
          R"({"messages":[{"role":"user","content":"Mine is \u0058k9!vTq27z, yes Xk9!vTq27z."},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"password\": \"Xk9!vTq27z\"}"}}]}]})") ==
      R"({"messages":[{"role":"user","content":"Mine is [SECRET_1], yes [SECRET_1]."},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"password\": \"[SECRET_1]\"}"}}]}]})");
  BOOST_TEST(redact.redactor.replaced()[5] == 3u);
  const std::string other = R"({"text":"Mine is Xk9!vTq27z."})";  // another row says nothing of it
  BOOST_TEST(redact(other) == other);
}

BOOST_AUTO_TEST_CASE(a_second_run_changes_nothing) {
  for (const auto style : {RedactOptions::Style::numbered, RedactOptions::Style::keyed, RedactOptions::Style::masked}) {
    Redacted redact(with_style(style, "0123456789abcdef"));
    const std::string once = redact(
        R"({"text":"a@b.de, +49 30 1234567, 4111 1111 1111 1111, DE89370400440532013000, password=hunter22 x"})");
    BOOST_TEST(once.find("hunter22") == std::string::npos);
    BOOST_TEST(once.find("@b.de") == std::string::npos);
    BOOST_TEST(redact(once) == once);
  }
}

BOOST_AUTO_TEST_CASE(numbers_go_on_after_those_of_an_earlier_run) {
  Redacted redact;
  BOOST_TEST(redact(R"({"text":"[EMAIL_1] and [EMAIL_7] and new@b.de, [PHONE_x]"})") ==
             R"({"text":"[EMAIL_1] and [EMAIL_7] and [EMAIL_8], [PHONE_x]"})");
}

BOOST_AUTO_TEST_CASE(a_key_makes_a_value_one_everywhere) {
  Redacted one(with_style(RedactOptions::Style::keyed, "a key of the team")),
      two(with_style(RedactOptions::Style::keyed, "a key of the team")),
      other(with_style(RedactOptions::Style::keyed, "another key of it"));
  const std::string row = R"({"text":"a@b.de"})", first = one(row);
  BOOST_TEST(first == R"({"text":"[EMAIL_8464b7edee]"})");  // HMAC-SHA256 of "a@b.de", its first 40 bits
  BOOST_TEST(one(R"({"text":"c@d.de"})") != first);
  BOOST_TEST(one(R"({"text":"A@B.DE"})") == first);
  BOOST_TEST(two(row) == first);
  BOOST_TEST(other(row) != first);
}

BOOST_AUTO_TEST_CASE(masks_take_the_place_of_values) {
  Redacted redact(with_style(RedactOptions::Style::masked));
  BOOST_TEST(redact(R"({"text":"anna@b.de, 4111 1111 1111 1111"})") == R"({"text":"a***@***.de, ***1111"})");
}

BOOST_AUTO_TEST_CASE(the_report_names_places_and_never_values) {
  Redactor redactor(personal_finder(), {});
  Document document;
  std::string out, report;
  BOOST_REQUIRE(
      document.parse_object(R"({"m":[{"c":"x anna@b.de"},{"c/d":"password=hunter22"}],"metadata":{"e":"carl@d.de"}})"));
  BOOST_TEST(redactor.row(document, out, [&](const PersonalHit& hit, std::string_view placeholder) {
    report += hit.path + " " + fthost::text::personal_name(hit.kind) + " " + std::string(hit.name) + " " + hit.mask +
              " " + std::string(placeholder) + "\n";
  }));
  BOOST_TEST(report ==
             "/m/0/c email  a***@***.de [EMAIL_1]\n/m/1/c~1d secret password *** [SECRET_1]\n/metadata/e email  "
             "c***@***.de \n");
}

BOOST_AUTO_TEST_CASE(findings_have_codes_and_paths) {
  PersonalCheck check(personal_finder(fthost::text::kAllPersonal));
  Document document;
  BOOST_REQUIRE(document.parse_object(
      R"({"id":"z@b.de","messages":[{"content":"anna@b.de 203.0.113.9"},{"content":"+49 30 1234567 DE89370400440532013000"},{"content":"4111111111111111"},{"tool_calls":[{"function":{"arguments":"{\"password\":\"Summer2024!\",\"api_key\":\"gh)"
      R"(p_aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lN5\"}"}}]}],"metadata":{"x":"c@d.de"}})"));
  std::string all;
  check.check_row(document, [&](const Finding& finding) {
    BOOST_TEST(int(finding.severity) == int(Severity::warning));
    BOOST_TEST(!finding.hint.empty());
    all += finding.code + " " + finding.path + " " + finding.message + "\n";
  });
  BOOST_TEST(all ==
             "personal_email /messages/0/content an e-mail address: a***@***.de\n"
             "personal_ip /messages/0/content an IP address: 203.***\n"
             "personal_phone /messages/1/content a phone number: +4***67\n"
             "personal_iban /messages/1/content the number of a bank account: DE***00\n"
             "personal_card /messages/2/content the number of a payment card: ***1111\n"
             "secret /messages/3/tool_calls/0/function/arguments a secret (password): ***\n"
             "secret /messages/3/tool_calls/0/function/arguments a secret (github_personal_token): ghp_***\n");
}

BOOST_AUTO_TEST_SUITE_END()
