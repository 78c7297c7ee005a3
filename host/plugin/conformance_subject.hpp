// Plugins, instances and rows as the conformance suite handles them, and the suites of the four kinds. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/conformance_harness.hpp"
#include "plugin/invoke.hpp"
#include "plugin/schema.hpp"

namespace fthost::plugin::conformance {

// One plugin of a library.
struct Subject {
  Harness& harness;
  const ft_entry* entry;
  std::uint32_t index;
  const ft_desc* desc;
  Json schema;

  std::string owner() const;
  // A configuration that is complete; see run_conformance.
  Json config() const;
};

// One instance. Destroyed on a worker thread; left alone once a call is stuck.
class Made {
 public:
  Made(const Subject& subject, const Json& config);
  ~Made();
  Made(const Made&) = delete;

  void* self() const { return self_->self; }
  template <class Table>
  const Table* table() const {
    return static_cast<const Table*>(self_->table);
  }

 private:
  struct Pointers {
    void* self = nullptr;
    const void* table = nullptr;
  };
  const Subject& subject_;
  std::shared_ptr<Pointers> self_ = std::make_shared<Pointers>();
  bool open_ = false;
};

// Rows cut into the columns that a plugin asks for, numbered from `first_line`.
class Rows {
 public:
  Rows(const ft_desc& desc, const std::vector<Json>& rows, std::uint64_t first_line);
  Rows(std::vector<std::vector<Cell>> columns, std::uint64_t first_line);
  Rows(const Rows&) = delete;
  const ft_batch* get() const { return &batch_; }
  std::size_t size() const { return batch_.row_count; }
  bool has_line(std::uint64_t line) const { return line >= first_ && line < first_ + size(); }

 private:
  Batch cells_;
  std::uint64_t first_;
  std::vector<std::uint64_t> lines_;
  ft_batch batch_;
};

void check_scorer(Checks& checks, const Subject& subject);
void check_formatter(Checks& checks, const Subject& subject);
void check_provider(Checks& checks, const Subject& subject);
void check_storage(Checks& checks, const Subject& subject);

}  // namespace fthost::plugin::conformance
