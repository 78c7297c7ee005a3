#include "flow/record_files.hpp"

#include "data/blocks.hpp"
#include "data/json_text.hpp"
#include "data/row_check.hpp"

namespace fthost::flow {
namespace {

using data::Kind;
using data::Value;

bool has_messages(const Value& record) {
  const Value messages = record.find("messages");
  return messages.is(Kind::array) && messages.first().is(Kind::object) && messages.first().find("role");
}

// Whether a file that begins so has rows of chat messages, one a line.
bool is_chat_lines(std::string_view sample) {
  if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
  while (!sample.empty() && data::is_blank(sample.substr(0, sample.find('\n'))) &&
         sample.find('\n') != std::string_view::npos) {
    sample.remove_prefix(sample.find('\n') + 1);
  }
  data::Document first;
  const std::size_t end = sample.find('\n');
  return first.parse_object(sample.substr(0, end)) && has_messages(first.root());
}

// What a block of lines holds that is no chat row.
struct Unfit {
  std::uint64_t lines = 0;
  std::vector<data::Finding> findings;  // with their line in the block
};

// Takes the rows of blocks. A thread's own.
class LineTaker {
 public:
  explicit LineTaker(TakeRecord take) : take_(std::move(take)) {}

  void operator()(const data::Block& block, Unfit& unfit) {
    unfit.findings.clear();
    unfit.lines = 1;
    if (block.too_long) return refuse(unfit, 0, data::line_too_long(block.text.size() - 1));
    unfit.lines = data::for_each_line(block, [&](std::uint64_t line, std::string_view text) {
      if (text.size() > data::BlockReader::kLineLimit) {
        refuse(unfit, line, data::line_too_long(data::BlockReader::kLineLimit));  // whole in a block that grew
      } else if (!document_.parse_object(text)) {
        if (!data::is_blank(text)) refuse(unfit, line, data::finding_of(document_.problem(), text));
      } else if (!has_messages(document_.root())) {
        refuse(unfit, line,
               {"no_messages", data::Severity::error, "", 0, "", "", "the row has no messages with roles",
                "name the file's format with --format"});
      } else {
        take_(document_.root());
      }
    });
  }

 private:
  static void refuse(Unfit& unfit, std::uint64_t line, data::Finding finding) {
    finding.line = line + 1;
    unfit.findings.push_back(std::move(finding));
  }
  TakeRecord take_;
  data::Document document_;
};

Result<void> take_lines(Input& input, unsigned threads, const io::CancelToken& cancel, Notes& notes,
                        const std::function<TakeRecord(unsigned)>& make) {
  data::BlockReader reader(input.name(),
                           [&](void* buffer, std::size_t capacity) { return Input::read(&input, buffer, capacity); });
  std::uint64_t lines = 0;
  auto done = data::for_each_block<Unfit>(
      reader, data::thread_count(threads), cancel, [&](unsigned thread) { return LineTaker(make(thread)); },
      [&](Unfit& unfit, const data::Block&) -> Result<void> {
        for (data::Finding& finding : unfit.findings) {
          finding.file = input.name();
          finding.line += lines;
          notes.unread(finding);
        }
        lines += unfit.lines;
        return {};
      });
  return !done && input.error() ? Result<void>(*input.error()) : done;
}

}  // namespace

Result<void> for_each_record(plugin::Registry& registry, const RecordFiles& files, unsigned threads,
                             const io::CancelToken& cancel, Notes& notes,
                             const std::function<TakeRecord(unsigned)>& make) {
  auto names = input_files(files.path, files.gate);
  if (!names) return names.error();
  data::Document document;
  for (const auto& name : *names) {
    auto input = Input::open(name, cancel);
    if (!input) return input.error();
    auto sample = input->sample();
    if (!sample) return sample.error();
    if (files.format.empty() && is_chat_lines(*sample)) {
      if (auto taken = take_lines(*input, threads, cancel, notes, make); !taken) return taken;
      continue;
    }
    auto format = recognise(registry, *input, files.format, cancel);
    if (!format && names->size() > 1 && format.error().code == Code::unsupported) {  // it lies beside the data
      notes.finding({"file_not_read", data::Severity::warning, input->name(), 0, "", "", format.error().message,
                     format.error().hint});
      continue;
    }
    if (!format) return format.error();
    const TakeRecord take = make(0);
    auto taken = decode_file(registry, *format, files.format_options, *input, cancel, notes,
                             [&](std::uint64_t, std::string_view raw) -> Result<void> {
                               if (document.parse_object(raw)) take(document.root());
                               return {};
                             });
    if (!taken) return taken;
  }
  return {};
}

}  // namespace fthost::flow
