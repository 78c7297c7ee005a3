#include "text/encoding/table.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace fthost::text {

std::uint64_t table_checksum(std::span<const std::uint64_t> words) {
  const std::uint64_t head = XXH3_64bits(words.data(), offsetof(TableHeader, checksum));
  const auto rest = words.subspan(sizeof(TableHeader) / sizeof(std::uint64_t));
  return XXH3_64bits_withSeed(rest.data(), rest.size_bytes(), head);
}

Result<RankTable> RankTable::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "open", path);
  struct stat info{};
  const bool known = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  const auto size = static_cast<std::size_t>(known ? info.st_size : 0);
  void* mapped = size >= sizeof(TableHeader) ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  const int problem = errno;
  ::close(fd);
  if (mapped == MAP_FAILED) {
    if (size >= sizeof(TableHeader)) return errno_error(problem, "map", path);
    return make_error(Code::input, "is no token table", path, "build it again");
  }
  RankTable table;
  table.memory_ = std::shared_ptr<const void>(mapped, [size](void* memory) { ::munmap(memory, size); });
  const std::span words(static_cast<const std::uint64_t*>(mapped), size / 8);
  if (auto good = table.look_at(words, path); !good) return good.error();
  return table;
}

Result<RankTable> RankTable::from_words(std::vector<std::uint64_t> words, const std::string& where) {
  const auto kept = std::make_shared<std::vector<std::uint64_t>>(std::move(words));
  RankTable table;
  table.memory_ = kept;
  if (kept->size() * 8 < sizeof(TableHeader)) return make_error(Code::input, "is no token table", where);
  if (auto good = table.look_at(*kept, where); !good) return good.error();
  return table;
}

Result<void> RankTable::look_at(std::span<const std::uint64_t> words, const std::string& where) {
  header_ = reinterpret_cast<const TableHeader*>(words.data());
  if (std::memcmp(header_->magic, kTableMagic, sizeof kTableMagic) != 0)
    return make_error(Code::input, "is no token table", where, "build it again");
  if (header_->version != kTableVersion) {
    return make_error(
        Code::input,
        "is a token table of version " + std::to_string(header_->version) + ", not " + std::to_string(kTableVersion),
        where, "build it again");
  }
  const bool known_rule = header_->rule == static_cast<std::uint32_t>(SplitRule::words) ||
                          header_->rule == static_cast<std::uint32_t>(SplitRule::cased_words);
  const bool sane = known_rule && header_->token_count >= 256 && header_->token_count <= kMaxTokens &&
                    header_->merge_bits > 0 && header_->merge_bits < 32 && header_->node_count >= 256 &&
                    header_->node_count % 256 == 0;
  std::uint64_t at = sizeof(TableHeader);
  const std::uint64_t tokens = at;
  at += (std::uint64_t{header_->token_count} + 1) * sizeof(TokenEntry);
  const std::uint64_t trie = at;
  at += std::uint64_t{header_->node_count} * sizeof(TrieNode);
  const std::uint64_t merges = at;
  at += (std::uint64_t{1} << (header_->merge_bits & 31)) * 8;
  const std::uint64_t borders = at;
  at += kBorderWords * 8;
  const std::uint64_t bytes = at;
  at += header_->bytes_size;
  const std::uint64_t names = at;
  at += header_->names_size;
  if (!sane || header_->bytes_size > words.size() * 8 || (at + 7) / 8 != words.size() || header_->file_size != at ||
      header_->checksum != table_checksum(words)) {
    return make_error(Code::input, "is a damaged token table", where, "build it again");
  }
  const char* base = reinterpret_cast<const char*>(words.data());
  tokens_ = reinterpret_cast<const TokenEntry*>(base + tokens);
  trie_ = reinterpret_cast<const TrieNode*>(base + trie);
  merges_ = reinterpret_cast<const std::uint64_t*>(base + merges);
  borders_ = reinterpret_cast<const std::uint64_t*>(base + borders);
  bytes_ = base + bytes;
  names_ = {base + names, header_->names_size};
  return {};
}

}  // namespace fthost::text
