// Throws from `decode` after the first record.
#include <ft/formatter.hpp>

namespace {

struct ThrowsDecoding : ft::Formatter {
  static constexpr ft_column columns[] = {{"", FT_RAW}};
  static constexpr ft::Info info{
      .name = "throws-decoding", .version = "1", .summary = "throws from decode", .columns = columns};
  explicit ThrowsDecoding(const ft::Config&) {}
  double detect(const ft::Call&, std::string_view, std::string_view) { return 0; }
  void decode(const ft::Call& call, ft::Source&) {
    call.record(1, R"({"messages":[]})");
    throw std::runtime_error("the decoder lost its way");
  }
  void encode(const ft::Call&, ft::Part, const ft::Rows&) {}
};

}  // namespace

FT_PLUGIN(ThrowsDecoding)
