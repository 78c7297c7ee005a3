#include "flow/chosen_answer.hpp"

namespace fthost::flow {

data::Value ChosenAnswer::of(const data::Value& record, std::uint64_t row, Notes& notes) {
  const data::Value messages = record.find("messages"), chosen = record.find("chosen");
  if (!messages.is(data::Kind::array) || !chosen.is(data::Kind::array) || chosen.empty()) return record;
  const auto inner = [](const data::Value& list) { return list.raw().substr(1, list.raw().size() - 2); };
  text_ = "{\"messages\":[";
  text_.append(inner(messages)).append(messages.empty() ? "" : ",").append(inner(chosen)).append("]");
  const data::Value rejected = record.find("rejected");
  for (data::Value value = record.first(); value; value = value.next()) {
    if (value.index() == messages.index() || value.index() == chosen.index()) continue;
    if (rejected && value.index() == rejected.index()) continue;
    text_.append(",").append(value.key().raw()).append(":").append(value.raw());
  }
  text_ += "}";
  if (!document_.parse_object(text_)) return record;
  notes.loss(R"({"path":"/chosen","action":"reshaped","message":"the chosen answer became the answer, as asked"})",
             row);
  if (rejected.is(data::Kind::array) && !rejected.empty())
    notes.loss(R"({"path":"/rejected","action":"dropped","message":"the rejected answer is left out, as asked"})", row);
  return document_.root();
}

}  // namespace fthost::flow
