#include "plugin/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>

namespace fthost::plugin {
namespace {

// Reads a T at an offset; false outside the file.
template <class T>
bool read_at(const std::string& file, std::uint64_t offset, T& value) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return false;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return true;
}

}  // namespace

Result<std::vector<std::string>> exported_symbols(const std::string& path) {
  const auto bad = [&](const std::string& message) {
    return make_error(Code::config, message, path, "is it a plugin for this machine?");
  };
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return bad("cannot be read");
  const std::string file((std::istreambuf_iterator<char>(stream)), {});

  Elf64_Ehdr header;
  constexpr unsigned char kOrder = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (!read_at(file, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return bad("is no ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != kOrder || header.e_type != ET_DYN) {
    return bad("is no 64-bit shared library of this machine's byte order");
  }
  std::vector<std::string> names;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section, strings;
    if (!read_at(file, header.e_shoff + std::uint64_t{i} * header.e_shentsize, section)) return bad("is cut short");
    if (section.sh_type != SHT_DYNSYM) continue;
    if (!read_at(file, header.e_shoff + std::uint64_t{section.sh_link} * header.e_shentsize, strings))
      return bad("is cut short");
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      if (!read_at(file, section.sh_offset + at, symbol)) return bad("is cut short");
      const auto binding = ELF64_ST_BIND(symbol.st_info);
      const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
      if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL || visibility == STV_HIDDEN ||
          visibility == STV_INTERNAL)
        continue;
      const std::uint64_t name = strings.sh_offset + symbol.st_name;
      if (symbol.st_name >= strings.sh_size || name >= file.size()) return bad("has a broken symbol table");
      names.emplace_back(file.c_str() + name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace fthost::plugin
