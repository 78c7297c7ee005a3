#include "text/chat_template.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "text/chat_render.hpp"

using fthost::text::ChatInput;
using fthost::text::ChatTemplate;
using Json = nlohmann::ordered_json;

namespace {

const Json kContext = {{"x", 5},
                       {"f", 2.5},
                       {"s", "Hello"},
                       {"u", "naïve 日本"},
                       {"none_value", nullptr},
                       {"yes", true},
                       {"l", {3, 1, 2}},
                       {"d", {{"b", 1}, {"a", "x"}, {"items", 3}}},
                       {"big", 12345678901234567890u},
                       {"m", {{{"role", "user"}, {"content", "hi"}}, {{"role", "bot"}, {"content", nullptr}}}}};

std::string render(const std::string& source, const Json& context = kContext) {
  const auto compiled = ChatTemplate::compile(source, "t");
  if (!compiled) return "refused: " + compiled.error().sentence();
  const auto text = compiled->render(context);
  return text ? *text : "failed: " + text.error().sentence();
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_print_as_python_prints_them) {
  BOOST_TEST(render("{{ x }} {{ f }} {{ none_value }} {{ yes }} {{ l }} {{ d }} {{ big }} {{ missing }}|") ==
             "5 2.5 None True [3, 1, 2] {'b': 1, 'a': 'x', 'items': 3} 12345678901234567890 |");
  BOOST_TEST(render("{{ 1.0 }} {{ 1e22 }} {{ 1e-7 }} {{ 1e16 }} {{ 0.0001 }} {{ 123456789.125 }}") ==
             "1.0 1e+22 1e-07 1e+16 0.0001 123456789.125");
  BOOST_TEST(render(R"({{ ["it's", 'say "x"', "\t\x00\u200b", 'é🙂'] }})") ==
             R"(["it's", 'say "x"', '\t\x00\u200b', 'é🙂'])");
  BOOST_TEST(render("{{ (1,) }} {{ () }} {{ (1, 2) }}") == "(1,) () (1, 2)");
}

BOOST_AUTO_TEST_CASE(arithmetic_is_pythons) {
  BOOST_TEST(
      render("{{ 7 // -2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ -7.5 % 2 }} {{ 1 + true }}") ==
      "-4 2 3.5 1024 0.5 0.5 2");
  BOOST_TEST(render("{{ 9223372036854775807 + 1 }} {{ big * 2 }}") == "9223372036854775808 24691357802469135780");
  BOOST_TEST(render("{{ 2 ** 200 }}") == "failed: t:1: an integer is too large");
  BOOST_TEST(render("{{ 1 < 2 < 3 }} {{ 1 == 1.0 }} {{ not 1 == 2 }} {{ 2 * 3 % 4 }} {{ 'a' ~ 1 ~ none }}") ==
             "True True True 2 a1None");
  BOOST_TEST(render("{{ 1 // 0 }}") == "failed: t:1: integer division or modulo by zero");
}

BOOST_AUTO_TEST_CASE(text_is_counted_in_code_points) {
  BOOST_TEST(render("{{ u|length }} {{ u[2] }} {{ u[-1] }} {{ u[1:4] }} {{ u[::-1] }} {{ u[99] }}|") ==
             "8 ï 本 aïv 本日 evïan |");
}

BOOST_AUTO_TEST_CASE(undefined_is_false_and_empty_until_it_is_used) {
  BOOST_TEST(render("{{ q is defined }} {{ q is iterable }} {{ q is string }} {{ q|length }} {{ 'a' in q }} {{ q == p "
                    "}}{% for i in q %}x{% else %} none{% endfor %}") == "False True False 0 False True none");
  BOOST_TEST(render("{{ q.a }}") == "failed: t:1: 'q' is undefined");
  BOOST_TEST(render("\n{{ d.c.e }}") == "failed: t:2: 'dict object' has no attribute 'c'");
  BOOST_TEST(render("{{ 'a' + q }}") == "failed: t:1: 'q' is undefined");
  BOOST_TEST(render("{{ q|tojson }}") == "failed: t:1: Object of type Undefined is not JSON serializable");
}

BOOST_AUTO_TEST_CASE(assignments_stay_in_their_scope) {
  BOOST_TEST(render("{% set a = 1 %}{% for i in l %}{{ a }}{% set a = i %}{{ a }}{% endfor %}{{ a }}") == "1311121");
  BOOST_TEST(render("{% if true %}{% set a = 7 %}{% endif %}{{ a }}") == "7");
  BOOST_TEST(render("{% set n = namespace(v=0) %}{% for i in l %}{% set n.v = n.v + i %}{% endfor %}{{ n.v }}") == "6");
  BOOST_TEST(
      render("{% set a = 1 %}{% macro f() %}{{ a }}{% set a = 9 %}{% endmacro %}{% set a = 2 %}{{ f() }}{{ a }}") ==
      "22");
  BOOST_TEST(render("{% generation %}{% set a = 1 %}{% endgeneration %}{{ a is defined }}") == "False");
}

BOOST_AUTO_TEST_CASE(loops_know_where_they_are) {
  BOOST_TEST(render("{% for i in l if i > 1 %}{{ loop.index }}{{ loop.last }}{{ i }} {% endfor %}") ==
             "1False3 2True2 ");
  BOOST_TEST(render("{% for i in l %}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.revindex }},{% endfor %}") ==
             "13,322,11,");
  BOOST_TEST(render("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif "
                    "%}{{ i }}{% endfor %}") == "023");
  BOOST_TEST(render("{% for a in [1, [2, [3]]] recursive %}{% if a is iterable %}[{{ loop(a) }}]{% else %}{{ a }}{% "
                    "endif %}{% endfor %}") == "1[2[3]]");
  BOOST_TEST(render("{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}") == "b=1;a=x;items=3;");
}

BOOST_AUTO_TEST_CASE(macros_take_arguments_as_python_functions_do) {
  BOOST_TEST(render("{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1, 3, 4, "
                    "c=5) }}") == "12(){}13(4,){'c': 5}");
  BOOST_TEST(render("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}") ==
             "failed: t:1: macro 'm'() takes 1 arguments but 2 were given");
  BOOST_TEST(render("{% macro w() %}<{{ caller(1) }}>{% endmacro %}{% call(v) w() %}{{ v }}b{% endcall %}") == "<1b>");
}

BOOST_AUTO_TEST_CASE(white_space_control_is_that_of_transformers) {
  BOOST_TEST(render("  {% if x %}\n  yes\n  {% endif %}\nend\n") == "  yes\nend");
  BOOST_TEST(render("a\n  {{ x }}\n  {# c #}\nb") == "a\n  5\nb");
  BOOST_TEST(render("a \n {{- x -}} \n b {%- if x +%}\nc{% endif %}") == "a5b\nc");
  BOOST_TEST(render("  {%+ if x %}y{% endif %}\r\nz") == "  yz");
  BOOST_TEST(render("{% raw %}{{ x }}{% endraw %}|{%- raw -%} {% x %} {%- endraw -%} |") == "{{ x }}|{% x %}|");
}

BOOST_AUTO_TEST_CASE(tojson_is_json_dumps) {
  BOOST_TEST(render(R"({{ {"a": [1.0, none, true], "é<": "\x7f\n\""}|tojson }})") ==
             R"({"a": [1.0, null, true], "é<": ")"
             "\x7f"
             R"(\n\""})");
  BOOST_TEST(render("{{ {'b': [1], 'a': {}}|tojson(indent=2, sort_keys=true) }}") ==
             "{\n  \"a\": {},\n  \"b\": [\n    1\n  ]\n}");
  BOOST_TEST(render("{{ ['é🙂']|tojson(ensure_ascii=true) }}{{ [1,2]|tojson(separators=(',', ':')) }}") ==
             "[\"\\u00e9\\ud83d\\ude42\"][1,2]");
}

BOOST_AUTO_TEST_CASE(attributes_and_items_are_told_apart) {
  BOOST_TEST(render("{{ d['items'] }} {{ d.a }} {{ d.get('q', 4) }} {{ d.items()|list|length }} {{ m[0].role }} {{ "
                    "m[-1]['content'] }}") == "3 x 4 3 user None");
  BOOST_TEST(render("{{ d.pop is defined }} {{ l.append }}|") == "False |");
  BOOST_TEST(render("{{ l.append(1) }}") == "failed: t:1: access to attribute 'append' of 'list' object is unsafe");
}

BOOST_AUTO_TEST_CASE(filters_and_methods_do_what_jinja_says) {
  BOOST_TEST(render("{{ m|selectattr('content')|map(attribute='role')|join('-') }} {{ l|sort|join }} {{ "
                    "l|reject('equalto', 1)|list }} {{ none|map('x')|list }}") == "user 123 [3, 2] []");
  BOOST_TEST(render("{{ ' a b '.split() }} {{ 'a-b-c'.rsplit('-', 1) }} {{ '\u0085 x\u200b'|trim|length }} {{ "
                    "'xxaxx'.strip('x') }} {{ 'aXb'.replace('X', '') }}") == "['a', 'b'] ['a-b', 'c'] 2 a ab");
  BOOST_TEST(render("{{ '%s=%05.1f' % ('a', 2.25) }} {{ '{:>4}|{n}'.format('b', n=1) }} {{ 'ß'.upper() }} {{ '3.7'|int "
                    "}} {{ 2.5|round }}") == "a=002.2    b|1 SS 3 2.0");
  BOOST_TEST(render("{{ q|default('z') }} {{ ''|d('y', true) }} {{ 'a\nb'|indent(2) }}") == "z y a\n  b");
  BOOST_TEST(render("{% for g in [{'k': 1, 'v': 'a'}, {'k': 2, 'v': 'b'}, {'k': 1, 'v': 'c'}]|groupby('k') %}"
                    "{{ g.grouper }}{{ g['list']|map(attribute='v')|join }}{{ g[0] }}{{ g|length }};{% endfor %}") ==
             "1ac12;2b22;");
}

BOOST_AUTO_TEST_CASE(a_template_can_raise_its_own_error) {
  const auto compiled = ChatTemplate::compile("a\n{{ raise_exception('no ' + s) }}", "model/chat_template.jinja");
  BOOST_REQUIRE(compiled);
  const auto text = compiled->render(kContext);
  BOOST_REQUIRE(!text);
  BOOST_TEST(text.error().message == "no Hello");
  BOOST_TEST(text.error().where == "model/chat_template.jinja:2");
  BOOST_TEST(Json::parse(text.error().details).at("raised_by_template").get<bool>());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_with_its_line) {
  const std::string hint = "; mend the chat template, or choose another with the model's options";
  BOOST_TEST(render("\n\n{% include 'x' %}") ==
             "refused: t:3: {% include %} is not supported in chat templates" + hint);
  BOOST_TEST(render("\n{{ x|nothing }}") == "refused: t:2: the filter 'nothing' is not known" + hint);
  BOOST_TEST(render("{% if x %}\n") == "refused: t:1: {% endif %} is missing" + hint);
  BOOST_TEST(render("{{ x y }}") == "refused: t:1: 'y' stands where }} should be" + hint);
  BOOST_TEST(render("{% frobnicate %}") == "refused: t:1: unknown tag {% frobnicate %}" + hint);
  BOOST_TEST(render("{{ 'open }}") == "refused: t:1: a string without its end" + hint);
  BOOST_TEST(!ChatTemplate::compile("\xff", "t"));
  BOOST_TEST(render("{{ x }}", Json::array()) == "failed: t: the variables of a chat template must be an object");
}

BOOST_AUTO_TEST_CASE(hostile_templates_are_stopped) {
  const auto failed = [](const std::string& source, const char* why) {
    const std::string got = render(source);
    const bool stopped =
        got.find(why) != std::string::npos || got.find("more text than a template may") != std::string::npos;
    BOOST_TEST(stopped, got.substr(0, 200));
  };
  failed("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "more steps");
  failed("{% set n = namespace(s='xxxxxxxx') %}{% for a in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
         "larger than a template may make");
  failed("{% set n = namespace(s=[]) %}{% for a in range(9999) %}{% set n.s = [n.s] %}{% endfor %}",
         "nested too deeply");
  failed("{% set n = namespace(s=[0]) %}{% for a in range(99) %}{% set n.s = [n.s, n.s] %}{% endfor %}",
         "holds too many others");
  failed("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested too deeply");
  failed("{{ range(100001) }}", "range() is longer than 100000");
  failed("{{ 'a' * 99999999999 }}", "larger than a template may make");
  failed("{{ '%99999999d' % 1 }}", "too large");
  failed("{{ " + std::string(5000, '(') + "1" + std::string(5000, ')') + " }}", "nested too deeply");
  failed("{{ " + std::string(5000, '-') + "1 }}", "nested too deeply");
  std::string blocks;
  for (int i = 0; i < 500; ++i) blocks += "{% if x %}";
  failed(blocks, "nested too deeply");
  BOOST_TEST(render("{% set n = namespace() %}{% set n.me = n %}{{ n }}").find("nested too deeply") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_kept_beyond_its_scope_stays_valid) {
  BOOST_TEST(render("{% set n = namespace() %}{% for i in l %}{% macro f() %}{{ i }}{% endmacro %}{% set n.f = f %}{% "
                    "set n.l = loop %}{% endfor %}{{ n.f() }}{{ n.l.index0 }}") == "22");
  BOOST_TEST(render("{% set n = namespace() %}{% macro w() %}{% set n.c = caller %}{% endmacro %}{% for i in l %}{% "
                    "call w() %}{{ i }}{% endcall %}{% endfor %}{{ n.c() }}") == "2");
}

BOOST_AUTO_TEST_CASE(broken_templates_never_crash) {
  const std::string whole =
      "{%- macro m(a, b='x') -%}{{ a|trim ~ b }}{%- endmacro -%}{% for k, v in d.items() if v is not none %}{{ "
      "loop.index0 ~ m(k)[1:] }}"
      "{% else %}{% set z = namespace(q=[1, {'a': (2, 3.5)}]) %}{% endfor %}{# c #}{% if x > 3 and 'a' in s or not l "
      "%}{{ {'k': l[::-1]}|tojson(indent=2) }}"
      "{% elif q is defined %}{{ s.split('l')[-1] if s else u }}{% endif %}{% generation %}{{ '%s' % x }}{% "
      "endgeneration %}{% raw %}{{{% endraw %}";
  const std::string_view spice[] = {"{{", "}}",  "{%", "%}", "(",  ")",   "[", "]", "'",   "|",
                                    "is", "for", "-",  "{#", "\\", "not", ".", "=", "\xC3"};
  std::mt19937 random(17);
  std::size_t rendered = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string source = whole;
    for (std::size_t edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % source.size();
      if (random() % 2)
        source.erase(at, 1 + random() % 6);
      else
        source.insert(at, spice[random() % std::size(spice)]);
    }
    const auto compiled = ChatTemplate::compile(source, "t");
    if (compiled && compiled->render(kContext)) ++rendered;
  }
  BOOST_TEST(rendered > 100u);
  BOOST_TEST(rendered < 4000u);
  BOOST_TEST(render(whole).starts_with("0x1x2tems"), render(whole));
}

BOOST_AUTO_TEST_CASE(chats_end_with_a_prompt_or_go_on_inside_the_last_message) {
  const auto chat = ChatTemplate::compile(
      "{% for m in messages %}<{{ m.role }}>{{ m.content|trim }}<end>{% endfor %}{% if add_generation_prompt "
      "%}<assistant>{% endif %}",
      "t");
  ChatInput input;
  input.messages = {{{"role", "user"}, {"content", "q"}}, {{"role", "assistant"}, {"content", "half an "}}};
  input.add_generation_prompt = true;
  BOOST_TEST(fthost::text::render_chat(*chat, input)->text == "<user>q<end><assistant>half an<end><assistant>");
  input.continue_final_message = true;
  BOOST_TEST(fthost::text::render_chat(*chat, input).error().sentence() ==
             "chat: continue_final_message and add_generation_prompt exclude each other");
  input.add_generation_prompt = false;
  BOOST_TEST(fthost::text::render_chat(*chat, input)->text == "<user>q<end><assistant>half an");
  input.messages = Json::array();
  BOOST_TEST(fthost::text::render_chat(*chat, input).error().message ==
             "continue_final_message needs a text in the last message");
}

BOOST_AUTO_TEST_CASE(what_the_assistant_says_is_found_in_the_text) {
  const auto chat = ChatTemplate::compile(
      "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<end>{% "
      "endgeneration %}{% else %}{{ m.content }}<end>{% endif %}{% endfor %}"
      "{% if add_generation_prompt %}<assistant>{% endif %}",
      "t");
  BOOST_REQUIRE(chat);
  BOOST_TEST(chat->has_generation());
  ChatInput input;
  input.messages = {{{"role", "assistant"}, {"content", "hello"}},
                    {{"role", "user"}, {"content", "é"}},
                    {{"role", "assistant"}, {"content", "fine"}}};
  const auto rendered = fthost::text::render_chat(*chat, input);
  BOOST_REQUIRE(rendered);
  const auto cut = [&](const fthost::text::TextSpan& span) {
    return rendered->text.substr(span.begin, span.end - span.begin);
  };
  BOOST_TEST_REQUIRE(rendered->generations.size() == 2u);
  BOOST_TEST(cut(rendered->generations[0]) == "hello<end>");
  BOOST_TEST(cut(rendered->generations[1]) == "fine<end>");
  const auto spans = fthost::text::assistant_spans(*chat, input, rendered->text);
  BOOST_REQUIRE(spans);
  BOOST_TEST_REQUIRE(spans->size() == 2u);
  BOOST_TEST((*spans)[0].why_not == "no message before it");
  BOOST_TEST((*spans)[1].message == 2u);
  BOOST_TEST(cut((*spans)[1].span.value()) == "fine<end>");
}
