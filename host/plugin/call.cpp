#include "plugin/call.hpp"

#include "base/status.hpp"

namespace fthost::plugin {

void CallContext::set_error(Error error) {
  std::lock_guard lock(mutex_);
  error_ = std::move(error);
}

void CallContext::set_error(ft_call call, Error error) {
  std::lock_guard lock(mutex_);
  if (open_ == call.id) error_ = std::move(error);
}

std::optional<Error> CallContext::take_error() {
  std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

void CallContext::break_off(Error error) {
  std::lock_guard lock(mutex_);
  if (!broken_) broken_ = std::move(error);
}

std::optional<Error> CallContext::take_break() {
  std::lock_guard lock(mutex_);
  return std::exchange(broken_, std::nullopt);
}

void CallContext::begin(ft_call call) {
  std::scoped_lock lock(handing_over_, mutex_);
  open_ = call.id;
  error_ = broken_ = std::nullopt;
}

void CallContext::end() {
  std::scoped_lock lock(handing_over_, mutex_);
  open_ = 0;
}

ft_call CallTable::open(std::shared_ptr<CallContext> context) {
  ft_call call;
  {
    std::lock_guard lock(mutex_);
    std::uint32_t index;
    if (free_.empty()) {
      index = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    call = {static_cast<std::uint64_t>(slots_[index].generation) << 32 | index};
    slots_[index].context = context;
  }
  context->begin(call);
  return call;
}

void CallTable::close(ft_call call) {
  std::shared_ptr<CallContext> dropped;
  {
    std::lock_guard lock(mutex_);
    const auto index = static_cast<std::uint32_t>(call.id);
    if (index >= slots_.size() || slots_[index].generation != call.id >> 32) return;
    dropped = std::move(slots_[index].context);
    ++slots_[index].generation;
    free_.push_back(index);
  }
  dropped->end();
}

std::shared_ptr<CallContext> CallTable::find(ft_call call) const {
  std::lock_guard lock(mutex_);
  const auto index = static_cast<std::uint32_t>(call.id);
  if (index >= slots_.size() || slots_[index].generation != call.id >> 32) return nullptr;
  return slots_[index].context;
}

Error status_error(ft_status status, CallContext& context, const std::string& owner) {
  if (status == FT_E_CANCELLED) return make_error(Code::cancelled, "cancelled");
  if (status > FT_OK || status < FT_E_INTERNAL) {
    return make_error(Code::internal, "returned the unknown status " + std::to_string(static_cast<int>(status)), owner,
                      "this is a defect of the plugin");
  }
  if (auto said = context.take_error()) {
    if (said->where.empty()) said->where = owner;
    if (said->code == Code::internal) said->code = code_of(status);  // what the function returned may say more
    return *said;
  }
  return make_error(code_of(status), std::string("failed without saying why (") + code_name(code_of(status)) + ")",
                    owner, "this is a defect of the plugin");
}

}  // namespace fthost::plugin
