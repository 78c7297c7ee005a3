// Where reference data lies that is not part of the repository: $FTHOST_SHARED, or ../shared beside the checkout.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace fthost::test {

// The folder, or nothing, with a line that says the test is skipped.
inline std::optional<std::filesystem::path> shared_folder(const char* needed) {
  const char* given = std::getenv("FTHOST_SHARED");
  const std::filesystem::path root =
      given ? std::filesystem::path(given) : std::filesystem::path(FTHOST_SOURCE_DIR) / ".." / "shared";
  std::filesystem::path folder = root / needed;
  if (std::filesystem::exists(folder)) return folder;
  BOOST_TEST_MESSAGE("skipped: no reference data at " << folder);
  return std::nullopt;
}

}  // namespace fthost::test
