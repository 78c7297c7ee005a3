// Which language a text is in, by the script that most of its letters belong to and, where several languages share it,
// by the most common small words. A rough look for counting rows, not for single words. Pure, any thread.
#pragma once

#include <string_view>

namespace fthost::text {

// A BCP 47 code ("en", "zh", "pt"), or "und" where there are too few letters or words to tell. At most the first
// `limit` bytes are looked at.
std::string_view language_of(std::string_view text, std::size_t limit = 4096);

}  // namespace fthost::text
