// Files in some format: which one, and reading them record by record through a formatter plugin.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "flow/input.hpp"
#include "flow/notes.hpp"
#include "plugin/registry.hpp"

namespace fthost::flow {

struct Format {
  std::string name;
  std::string why;  // "given", or what its detection says
};

// The format of a file by what its plugins say of its beginning; `given` wins. Where none is sure (unsupported), or two
// are equally (config), an Error names them, the latter also in its details, as {"formats": [...]}; a file that is not
// UTF-8 is an Error of its own (input).
// With a `provider` only its formats are asked.
Result<Format> recognise(plugin::Registry& registry, Input& input, const std::string& given,
                         const io::CancelToken& cancel, const std::string& provider = {});

// The formats of a provider: those that are named so, or with that and a hyphen before; all, if it is empty. None is an
// Error.
Result<std::vector<std::string>> formats_of(const plugin::Registry& registry, const std::string& provider);

// Whether a path is one file that looks like JSON rows, one a line; else an Error (config) that says what it is, by the
// formats' own words, and how to make rows of it. What cannot be looked at twice (standard input, a pipe) is not.
Result<void> check_rows(plugin::Registry& registry, const std::string& path, const io::CancelToken& cancel);

// Decodes one file with a new instance of the format's plugin. `record` gets each record with its source line; an
// Error that it gives ends the reading.
Result<void> decode_file(plugin::Registry& registry, const Format& format, const Json& options, Input& input,
                         const io::CancelToken& cancel, Notes& notes,
                         const std::function<Result<void>(std::uint64_t line, std::string_view record)>& record);

}  // namespace fthost::flow
