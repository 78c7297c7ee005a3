// The formatter dialogue-text: formatter.hpp says what must hold.
#include "formatter.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { return fuzz::run(data, size); }
