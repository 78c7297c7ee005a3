// ChosenAnswer: a preference as a conversation that ends with the answer that was chosen. One thread.
#pragma once

#include <string>

#include "data/json.hpp"
#include "flow/notes.hpp"

namespace fthost::flow {

class ChosenAnswer {
 public:
  // `record` itself where it is no preference; else one that lives until the next call, and `notes` say what is lost.
  data::Value of(const data::Value& record, std::uint64_t row, Notes& notes);

 private:
  std::string text_;
  data::Document document_;
};

}  // namespace fthost::flow
