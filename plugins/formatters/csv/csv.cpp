// csv: CSV and TSV files, RFC 4180, with a header. One question and its answer are the columns prompt and completion;
// what is more than that is the column messages, as JSON. This file holds the two directions over rows.hpp.
#include "rows.hpp"

namespace {

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class Csv : public ft::Formatter {
 public:
  static constexpr ft::Info info{.name = "csv",
                                 .version = "1.0.0",
                                 .summary = "CSV and TSV tables of questions and answers, or of messages as JSON",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "delimiter": {"enum": ["auto", "comma", "semicolon", "tab", "pipe"], "default": "auto",
                      "description": "what stands between cells: auto recognises it, and writes commas, tabs to a .tsv"},
        "file_name": {"type": "string", "default": "train.csv", "minLength": 1,
                      "description": "the name of the file that is written; the host gives it"},
        "guard": {"type": "boolean", "default": true,
                  "description": "an apostrophe before cells that spreadsheets would take for formulas, and off again"},
        "bom": {"type": "boolean", "default": false, "description": "write a byte order mark: Excel wants one"},
        "columns": {"type": "string", "default": "",
                    "description": "write these columns, a,b,c, and no others; else those that the rows need"},
        "metadata_columns": {"type": "string", "default": "", "description": "these columns, a,b,c, are keys of metadata"},
        "system_column": {"type": ["string", "null"], "default": null, "description": "the column of the system prompt"},
        "prompt_column": {"type": ["string", "null"], "default": null, "description": "the column of the question"},
        "completion_column": {"type": ["string", "null"], "default": null, "description": "the column of the answer"},
        "messages_column": {"type": ["string", "null"], "default": null, "description": "the column of messages as JSON"},
        "chosen_column": {"type": ["string", "null"], "default": null, "description": "the column of the better answer"},
        "rejected_column": {"type": ["string", "null"], "default": null, "description": "the column of the worse answer"},
        "reference_column": {"type": ["string", "null"], "default": null, "description": "the column of the reference"},
        "label_column": {"type": ["string", "null"], "default": null, "description": "the column of good (true) or bad"},
        "rating_column": {"type": ["string", "null"], "default": null, "description": "the column of the rating"},
        "tags_column": {"type": ["string", "null"], "default": null, "description": "the column of the tags"},
        "group_column": {"type": ["string", "null"], "default": null, "description": "the column of the group"},
        "id_column": {"type": ["string", "null"], "default": null, "description": "the column of the id"}}})",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit Csv(const ft::Config& config)
      : names_(config), guard_(config["guard"]), bom_(config["bom"]), writer_(names_) {
    const std::string& name = config["delimiter"].get_ref<const std::string&>();
    delimiter_ = name == "comma" ? ',' : name == "semicolon" ? ';' : name == "tab" ? '\t' : name == "pipe" ? '|' : '\0';
    if (ft::has_ending(config["file_name"].get_ref<const std::string&>(), ".tsv")) between_ = '\t';
    const auto columns = csv::list_of(config["columns"].get_ref<const std::string&>());
    if (columns.empty()) return;
    csv::Names::Problem problem;
    auto mapped = names_.map(columns, problem);
    if (!mapped) throw ft::Error(FT_E_CONFIG, problem.message, "config /columns", problem.hint);
    writer_.fix(std::move(*mapped));
  }

  double detect(const ft::Call& call, std::string_view sample, std::string_view name) {
    if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
    const std::size_t start = sample.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || sample[start] == '{' || sample[start] == '[' || sample[start] == '<')
      return 0;
    csv::Memory memory(sample);
    ft_source raw = memory.source();
    ft::Source source(&raw);
    csv::Reader reader(source);
    reader.delimiter(delimiter_of(reader.head()));
    std::vector<std::string> cells;
    if (reader.next(cells) != csv::Reader::Next::row) return 0;
    const std::size_t width = cells.size();
    csv::Names::Problem problem;
    const auto columns = names_.map(cells, problem);
    const bool named = name.find(".csv") != std::string_view::npos || name.find(".tsv") != std::string_view::npos;
    if (!columns) {
      if (!named || width < 2) return 0;
      call.detail(0, "it has the name and the rows of a table");
      return 0.5;
    }
    bool answer = false, messages = false;
    for (const csv::Column& column : *columns) {
      messages = messages || column.kind == csv::Kind::messages;
      answer = answer || messages || column.kind == csv::Kind::completion || column.kind == csv::Kind::answers;
    }
    if (width < 2 && !named && !messages) return 0;
    std::size_t good = 0, bad = 0;
    for (auto next = reader.next(cells); good + bad < kSampleRows && next != csv::Reader::Next::end;) {
      const bool fits = next == csv::Reader::Next::row && cells.size() == width;
      next = reader.next(cells);
      if (next != csv::Reader::Next::end) ++(fits ? good : bad);  // the sample may end inside the last row
    }
    call.detail(0, "its header names " + std::to_string(width) + (width == 1 ? " column" : " columns") +
                       (answer ? ", one of the question and one of the answer" : ", one of the question") +
                       (bad > 0 ? "; " + std::to_string(bad) + " of the first rows do not fit it" : ""));
    const double sure = answer ? 0.9 : 0.6;
    return bad > good ? sure / 3 : sure;
  }

  void decode(const ft::Call& call, ft::Source& source) {
    csv::Reader reader(source);
    reader.delimiter(delimiter_of(reader.head()));
    std::vector<std::string> cells;
    auto next = reader.next(cells);
    if (next == csv::Reader::Next::end) return;
    const std::uint64_t header_line = reader.line();
    csv::Names::Problem problem{"invalid_utf8", "the header is not UTF-8", "save the file as UTF-8"};
    if (next == csv::Reader::Next::bad) {
      problem = {reader.problem().code, reader.problem().message, reader.problem().hint};
    } else if (csv::first_invalid(cells) == cells.size()) {
      if (guard_) {
        for (std::string& cell : cells) cell = csv::unguarded(cell);
      }
      if (auto columns = names_.map(cells, problem)) {
        csv::RowReader rows(std::move(*columns), guard_);
        read_rows(call, reader, rows, cells);
        for (const std::string& name : rows.never_filled())
          call.loss(header_line, "/" + ft::pointer_token(name), "dropped", "the column is empty in every row");
        return;
      }
    }
    call.finding(header_line, problem.code, "error", "", problem.message, problem.hint);
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    std::string out;
    if (part == ft::Part::rows) {
      for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row % 1024 == 0) call.stop_if_cancelled();
        notes_.clear();
        writer_.add(rows.get(0, row), notes_);
        if (ft::report(call, rows.line(row), notes_)) writer_.commit();
      }
    }
    const char delimiter = delimiter_ ? delimiter_ : between_;
    if (part == ft::Part::finish || (part == ft::Part::rows && writer_.ready()))
      writer_.flush(out, delimiter, guard_, bom_);
    if (!out.empty()) call.delta(out);
  }

 private:
  static constexpr std::size_t kSampleRows = 50;

  void read_rows(const ft::Call& call, csv::Reader& reader, csv::RowReader& rows, std::vector<std::string>& cells) {
    for (std::size_t count = 0;; ++count) {
      if (count % 1024 == 0) call.stop_if_cancelled();
      const auto next = reader.next(cells);
      if (next == csv::Reader::Next::end) return;
      notes_.clear();
      std::string record;
      const std::uint64_t line = reader.line();
      if (next == csv::Reader::Next::bad && reader.problem().damaged) {
        call.damaged(line, reader.problem().code, reader.problem().message, reader.problem().hint);
        continue;
      }
      if (next == csv::Reader::Next::bad)
        notes_.refuse(reader.problem().code, "", reader.problem().message, reader.problem().hint);
      else
        record = rows.read(cells, notes_);
      if (ft::report(call, line, notes_)) call.record(line, record);
    }
  }

  // The delimiter that makes the most of the header: the most columns that are known, then the most columns.
  char delimiter_of(std::string_view head) const {
    if (delimiter_) return delimiter_;
    char best = ',';
    std::size_t most = 1;
    for (const char delimiter : {',', '\t', ';', '|'}) {
      csv::Memory memory(head);
      ft_source raw = memory.source();
      ft::Source source(&raw);
      csv::Reader reader(source);
      reader.delimiter(delimiter);
      std::vector<std::string> cells;
      if (reader.next(cells) != csv::Reader::Next::row) continue;
      csv::Names::Problem problem;
      std::size_t value = cells.size();
      if (const auto columns = names_.map(cells, problem)) {
        for (const csv::Column& column : *columns) value += column.kind == csv::Kind::other ? 0 : 1000;
      }
      if (value > most) best = delimiter;
      most = std::max(most, value);
    }
    return best;
  }

  csv::Names names_;
  bool guard_, bom_;
  char delimiter_ = '\0';  // as given; none: recognised
  char between_ = ',';     // what is written then
  csv::RowWriter writer_;
  ft::Notes notes_;
};

}  // namespace

FT_PLUGIN(Csv)
