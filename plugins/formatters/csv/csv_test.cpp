#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(csv)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

Output decode(const std::string& bytes, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "csv", config), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "csv", config), records);
}

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

Json chat(const std::string& question, const std::string& answer) {
  return {{"messages", Json::array({message("user", question), message("assistant", answer)})}};
}

Json with(Json record, const Json& more) {
  for (const auto& [key, value] : more.items()) record[key] = value;
  return record;
}

std::vector<std::uint64_t> lines_of(const Output& output) {
  std::vector<std::uint64_t> lines;
  for (const auto& item : output.emitted) {
    if (item.channel == FT_RECORD) lines.push_back(item.row);
  }
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(csv_reads_quotes_line_breaks_and_blank_rows) {
  const auto output = decode(
      "\xEF\xBB\xBFprompt,completion,\"the \"\"note\"\"\"\r\n"
      "\"a, b\",\"one\r\ntwo\n\nthree\",\"\"\"x\"\"\"\r\n"
      "\r\n,,\r\n"
      " 5\" disk ,ok,\r\n"
      "last,\"row\",");
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(lines_of(output) == (std::vector<std::uint64_t>{2, 8, 9}), boost::test_tools::per_element());
  BOOST_TEST(output.records()[0] == with(chat("a, b", "one\r\ntwo\n\nthree"), {{"the \"note\"", "\"x\""}}));
  BOOST_TEST(output.records()[1] == chat(" 5\" disk ", "ok"));
  BOOST_TEST(output.records()[2] == chat("last", "row"));
}

BOOST_AUTO_TEST_CASE(csv_recognises_the_delimiter_or_is_given_it) {
  const Json wanted = chat("a", "b,c;d");
  BOOST_TEST(decode("question\tanswer\na\tb,c;d\n").records() == std::vector<Json>{wanted},
             boost::test_tools::per_element());
  BOOST_TEST(decode("question;answer, in words;completion\na;x;\"b,c;d\"\n").records() ==
                 std::vector<Json>{with(wanted, {{"answer, in words", "x"}})},
             boost::test_tools::per_element());
  BOOST_TEST(decode("prompt|completion\na|b,c;d\n").records() == std::vector<Json>{wanted},
             boost::test_tools::per_element());
  const Json tab{{"delimiter", "tab"}, {"prompt_column", "a,b"}, {"completion_column", "c,d"}};
  BOOST_TEST(decode("a,b\tc,d\na\tb,c;d\n", tab).records() == std::vector<Json>{wanted},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_knows_columns_by_their_usual_names) {
  for (const std::string header : {"prompt,completion,system", "Question,Answer,System Prompt", "input,output,system",
                                   "user,assistant,system_message", "instruction,RESPONSE, system "}) {
    const auto output = decode(header + "\nq,a,s\n");
    BOOST_REQUIRE_MESSAGE(output.records().size() == 1, header);
    BOOST_TEST(output.records()[0]["messages"] ==
               Json::array({message("system", "s"), message("user", "q"), message("assistant", "a")}));
  }
  // The first of several is taken; the others stay fields.
  BOOST_TEST(decode("question,prompt,answer\nq,p,a\n").records()[0] == with(chat("p", "a"), {{"question", "q"}}));
  const auto alpaca = decode("instruction,input,output\nAdd.,1 2,3\nSay.,,a\n");
  BOOST_TEST(alpaca.records()[0] == chat("Add.\n1 2", "3"));
  BOOST_TEST(alpaca.records()[1] == chat("Say.", "a"));
  BOOST_TEST(alpaca.losses() == Lines{"2:/input:reshaped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_takes_columns_by_options) {
  const Json config{{"prompt_column", "Frage"},
                    {"completion_column", "Antwort"},
                    {"rating_column", "Note"},
                    {"id_column", "Nr"},
                    {"metadata_columns", "Thema, prompt"}};
  const std::string file = "Nr,Frage,Antwort,Note,Thema,prompt\r\n7,f,a,9,t,p\r\n";
  const auto output = decode(file, config);
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(output.records()[0] ==
             with(chat("f", "a"), {{"id", "7"}, {"rating", 9}, {"metadata", {{"Thema", "t"}, {"prompt", "p"}}}}));
  BOOST_TEST(encode(output.records(), config).text() ==
             "Nr,system,Frage,Antwort,Note,Thema,prompt\r\n7,,f,a,9,t,p\r\n");
  BOOST_TEST(decode("a,b\n1,2\n", {{"prompt_column", "c"}}).on(FT_FINDING).at(0)["message"] ==
             "there is no column \"c\"; there are a, b");
}

BOOST_AUTO_TEST_CASE(csv_reads_the_fields_of_a_record_as_what_they_are) {
  const auto output = decode(
      "prompt,completion,rating,Label,tags,tools,metadata,weight,note\n"
      "q,a,8.5,TRUE,\"x, y;z\",\"[{\"\"type\"\":\"\"function\"\"}]\",\"{\"\"n\"\":1}\",2,12\n"
      "q,a,9,0,\"[\"\"x,y\"\"]\",,,,\n");
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(
      output.records().at(0) ==
      with(chat("q", "a"), Json::parse(R"({"rating":8.5,"label":true,"tags":["x","y","z"],)"
                                       R"("tools":[{"type":"function"}],"weight":2,"note":"12","metadata":{"n":1}})")));
  BOOST_TEST(output.records().at(1) ==
             with(chat("q", "a"), Json::parse(R"({"rating":9,"label":false,"tags":["x,y"]})")));
}

BOOST_AUTO_TEST_CASE(csv_reads_messages_and_preferences) {
  const auto output = decode(
      "messages,prompt,chosen,rejected,reference,completion\n"
      "\"[{\"\"role\"\":\"\"assistant\"\",\"\"content\"\":\"\"Hi\"\",\"\"weight\"\":0}]\",,,,,\n"
      ",q,\"[1] good\",\"[{\"\"role\"\":\"\"assistant\"\",\"\"content\"\":\"\"b\"\"}]\",,\n"
      ",q,,,42,\n");
  BOOST_TEST(output.findings().empty());
  BOOST_REQUIRE(output.records().size() == 3);
  BOOST_TEST(output.records()[0]["messages"] == Json::parse(R"([{"role":"assistant","content":"Hi","weight":0}])"));
  BOOST_TEST(output.records()[1]["chosen"] == Json::array({message("assistant", "[1] good")}));
  BOOST_TEST(output.records()[1]["rejected"] == Json::array({message("assistant", "b")}));
  BOOST_TEST(output.records()[2]["messages"] == Json::array({message("user", "q")}));
}

BOOST_AUTO_TEST_CASE(csv_refuses_bad_rows_and_reads_on) {
  const auto output = decode(
      "prompt,completion,messages,rating,label,tools,metadata\n"
      ",a,,,,,\n"
      "q, ,,,,,\n"
      "q,a,[],x,maybe,{,7\n"
      "q,a,nothing,,,,\n"
      "q,a,\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"m\"\"}]\",,,,\n"
      "q,a\n"
      "q,a,,,,,,more\n"
      "q,\xE9,,,,,\n"
      "q,a,,,,,,,\n");
  BOOST_TEST(
      output.findings() ==
          (Lines{"2:empty_content:/prompt", "3:empty_content:/completion", "4:bad_content:/rating",
                 "4:bad_content:/label", "4:bad_content:/tools", "4:bad_content:/metadata", "5:bad_content:/messages",
                 "6:ambiguous_row:/messages", "7:cell_count:", "8:cell_count:", "9:invalid_utf8:/completion"}),
      boost::test_tools::per_element());
  BOOST_TEST(lines_of(output) == std::vector<std::uint64_t>{10}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_refuses_a_header_that_names_no_question) {
  const auto refused = [](const std::string& bytes, const std::string& code, const Json& config = Json::object()) {
    const auto output = decode(bytes, config);
    BOOST_TEST(output.findings() == Lines{code}, boost::test_tools::per_element());
    BOOST_TEST(output.records().empty());
  };
  refused("step,loss\n1,2\n", "1:no_column:");
  refused("\n\nprompt,a,a\n1,2,3\n", "3:bad_header:");
  refused("prompt,\"a\n1,2\n", "1:open_quote:");
  refused("prompt,\xFF\n1,2\n", "1:invalid_utf8:");
  refused("prompt,rating,Note\n1,2,3\n", "1:bad_header:", {{"rating_column", "Note"}});
  refused("prompt,a\n1,2\n", "1:no_column:", {{"metadata_columns", "b"}});
}

BOOST_AUTO_TEST_CASE(csv_says_where_a_quote_opened_and_reads_on_behind_it) {
  const auto open = decode("prompt,completion\na,b\n\"two\nlines\",\"not closed\nc,d\ne,f\n");
  BOOST_TEST(open.findings() == Lines{"4:open_quote:"}, boost::test_tools::per_element());
  BOOST_TEST(lines_of(open) == (std::vector<std::uint64_t>{2, 5, 6}), boost::test_tools::per_element());
  const auto after = decode("prompt,completion\r\na,\"say \"no\" now\"\r\nb,\"c\r\nd,\"e\"\r\nf,g\r\n");
  BOOST_TEST(after.findings() == (Lines{"2:bad_quote:", "3:bad_quote:"}), boost::test_tools::per_element());
  BOOST_TEST(lines_of(after) == (std::vector<std::uint64_t>{4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_holds_no_more_than_a_row_behind_an_open_quote) {
  std::string file = "prompt,completion\nx,\"open\n";
  for (int row = 0; row < 70; ++row) file += "q," + std::string(1u << 20, 'a') + "\n";
  const auto output = decode(file);
  BOOST_TEST(output.findings() == Lines{"2:open_quote:"}, boost::test_tools::per_element());
  BOOST_TEST(lines_of(output).size() == 70u);
  const auto large = decode("prompt,completion\nx," + std::string(65u << 20, 'a') + "\nc,d\n");
  BOOST_TEST(large.findings() == Lines{"2:line_too_long:"}, boost::test_tools::per_element());
  BOOST_TEST(lines_of(large) == std::vector<std::uint64_t>{3}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_guards_cells_from_spreadsheets_and_undoes_it_exactly) {
  const Lines texts{"=SUM(A1)", "+1",  "-x",       "@a",    "\tb",     "\rc", "'=x",   "''=x", "'quoted'",
                    "'",        "a=b", " =spaced", "'-ing", "''plain", "-",   "\"=\"", "'\"-"};
  std::vector<Json> records;
  for (const auto& text : texts) records.push_back(with(chat(text, text), {{"id", text}, {"=key", text}}));
  const auto written = encode(records);
  BOOST_TEST(written.losses().empty());
  BOOST_TEST(
      written.text().starts_with("id,system,prompt,completion,'=key\r\n'=SUM(A1),,'=SUM(A1),'=SUM(A1),'=SUM(A1)\r\n"));
  BOOST_TEST(written.text().find("\"'\tb\"") != std::string::npos);
  const auto read = decode(written.text());
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.records() == records, boost::test_tools::per_element());
  const Json off{{"guard", false}};
  BOOST_TEST(encode({chat("=a", "'=b")}, off).text() == "system,prompt,completion\r\n,=a,'=b\r\n");
  BOOST_TEST(decode("prompt,completion\n=a,'=b\n", off).records() == std::vector<Json>{chat("=a", "'=b")},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_round_trips_byte_for_byte_in_canonical_form) {
  const std::string file =
      "id,system,prompt,completion,messages,chosen,rejected,reference,rating,tags,ticket\r\n"
      "a,Be brief.,\"Say \"\"x\"\"\",\"one\ntwo\",,,,,9,\"[\"\"t\"\"]\",T-1\r\n"
      ",,q,,,good,bad,,,,\r\n"
      ",,6 x 7?,,,,,42,,,\" x \"\r\n"
      ",,,,\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"q\"\"}]\",,,,,,\r\n";
  const auto read = decode(file);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == file);
  BOOST_TEST(written.losses().empty());
}

BOOST_AUTO_TEST_CASE(csv_names_what_a_table_cannot_hold) {
  const auto output = encode({with(chat("q", "a"), Json::parse(R"({"x":{"a":[1]},"id":12,"rating":"high","Rating":"1",)"
                                                               R"("prompt":"p","label":"good","empty":"","tags":"t",)"
                                                               R"("note":null,"metadata":"m"})")),
                              Json{{"id", "none"}}, chat("q", "b")});
  BOOST_TEST(output.text() == "id,system,prompt,completion,x\r\n12,,q,a,\"{\"\"a\"\":[1]}\"\r\n,,q,b,\r\n");
  BOOST_TEST(output.losses() == (Lines{"1:/x:reshaped", "1:/id:reshaped", "1:/rating:dropped", "1:/Rating:dropped",
                                       "1:/prompt:dropped", "1:/label:dropped", "1:/empty:dropped", "1:/tags:dropped",
                                       "1:/metadata:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.findings() == Lines{"2:no_messages:/messages"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_writes_the_columns_that_it_is_told) {
  const Json config{{"columns", "completion, prompt,ticket"}, {"delimiter", "tab"}, {"bom", true}};
  Json system = chat("q", "a");
  system["messages"].insert(system["messages"].begin(), message("system", "s"));
  const auto output = encode({with(chat("q", "a\tb"), {{"ticket", "T"}, {"other", "o"}, {"id", "i"}}), system}, config);
  BOOST_TEST(output.text() ==
             "\xEF\xBB\xBF"
             "completion\tprompt\tticket\r\n\"a\tb\"\tq\tT\r\n");
  BOOST_TEST(output.losses() == (Lines{"1:/other:dropped", "1:/id:dropped"}), boost::test_tools::per_element());
  BOOST_TEST(output.findings() == Lines{"2:not_carried:/messages"}, boost::test_tools::per_element());
  Plugins plugins;
  const auto bad = plugins.registry().create(FT_FORMATTER, "csv", {{"columns", "a,b"}});
  BOOST_REQUIRE(!bad);
  BOOST_TEST(bad.error().where == "config /columns");
}

BOOST_AUTO_TEST_CASE(csv_without_columns_for_them_refuses_what_was_rejected) {
  const Json answer = Json::array({message("assistant", "no")});
  const std::vector<Json> records{with(chat("q", "a"), {{"rejected", answer}}),
                                  with(chat("q", "b"), {{"label", false}}), with(chat("q", "c"), {{"label", true}})};
  const auto table = encode(records, {{"columns", "prompt,completion"}});
  BOOST_TEST(table.text() == "prompt,completion\r\nq,c\r\n");
  BOOST_TEST(table.findings() == (Lines{"1:not_carried:/rejected", "2:not_carried:/label"}),
             boost::test_tools::per_element());
  BOOST_TEST(encode(records).findings().empty());
}

BOOST_AUTO_TEST_CASE(csv_says_of_unbalanced_quotes_that_the_file_is_damaged) {
  const auto damaged = [](const std::string& file) {
    Lines lines;
    for (const auto& finding : decode(file).on(FT_FINDING))
      lines.push_back(finding["code"].get<std::string>() + (finding.contains("damaged") ? " damaged" : ""));
    return lines;
  };
  BOOST_TEST(damaged("prompt,completion\n\"q,a\nb,c\n") == Lines{"open_quote damaged"},
             boost::test_tools::per_element());
  BOOST_TEST(damaged("prompt,completion\n\"q,a\nb,\"c\"\nd,e\n") == Lines{"bad_quote damaged"},
             boost::test_tools::per_element());
  BOOST_TEST(damaged("prompt,completion\n\"q\" x,a\nb,c\n") == Lines{"bad_quote"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_names_a_column_that_is_empty_in_every_row) {
  const auto output = decode("prompt,completion,system,note,rating,\nq,a,,,,\nq,b,,,7,\n");
  BOOST_TEST(output.losses() == Lines{"1:/note:dropped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(csv_knows_its_own_files) {
  Plugins plugins;
  const auto csv = plugins.create(FT_FORMATTER, "csv");
  const auto sure = [&](const std::string& sample, const std::string& name = "a") {
    return Plugins::detect(*csv, sample, name).first;
  };
  BOOST_TEST(sure("prompt,completion\na,b\n") >= 0.9);
  BOOST_TEST(sure("\xEF\xBB\xBFQuestion\tAnswer\na\tb\nc\td\n") >= 0.9);
  BOOST_TEST(sure("prompt,completion\na,\"cut in the midd") >= 0.9);
  BOOST_TEST(sure("messages\n\"[]\"\n") >= 0.9);
  BOOST_TEST(sure("prompt,ticket\na,b\n") == 0.6);
  BOOST_TEST(sure("a,b\n1,2\n", "x.csv") == 0.5);
  BOOST_TEST(sure("a,b\n1,2\n") == 0);
  BOOST_TEST(sure("Input, he said\nand went away.\nThe end.\nReally.\n") <= 0.3);
  for (const char* other : {R"({"prompt":"p","completion":"c"})", R"([{"instruction":"i","output":"o"}])",
                            "<|im_start|>user\nHi<|im_end|>\n", "System:\nprompt, completion\nUser:\nHi\n",
                            R"({"messages":[{"role":"user","content":"a"}]})", "",
                            "\x7F"
                            "ELF\x02"}) {
    BOOST_TEST(sure(other, "a.csv") == 0, other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
