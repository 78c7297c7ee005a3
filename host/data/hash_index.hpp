// HashIndex: 64-bit hashes to 32-bit numbers. What a pass over millions of rows remembers of each: 15 to 19 bytes a key
// once there are some thousands. Equal hashes count as equal keys: among a million keys that is wrong once in some ten
// million passes.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace fthost::data {

// Large arrays in pages of their own, which go back to the system when the array does.
template <class T>
struct PageAllocator {
  using value_type = T;
  static constexpr std::size_t kLarge = 64 * 1024;  // bytes; what is smaller comes from the heap

  PageAllocator() = default;
  template <class U>
  explicit PageAllocator(const PageAllocator<U>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLarge) return static_cast<T*>(::operator new(bytes));
    void* const pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(pages);
  }
  void deallocate(T* at, std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    bytes < kLarge ? ::operator delete(at) : static_cast<void>(::munmap(at, bytes));
  }
  bool operator==(const PageAllocator&) const { return true; }
};

class HashIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;

  // The number that the key has already; kNone if it is new and now has `value`, which is not kNone.
  std::uint32_t insert(std::uint64_t key, std::uint32_t value) {
    Part* part = &part_of(key);
    if ((part->used + 1) * 5 > part->slots.size() * 4) part = &make_room(key);
    Slot& slot = part->slots[place(*part, key)];
    if (slot.value != kNone) return slot.value;
    slot = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32), value};
    ++part->used;
    ++size_;
    return kNone;
  }

  // Brings near what insert() of this key is going to look at. Inlined by force: to g++ 12 a function that only
  // prefetches does nothing, and its calls go.
  [[gnu::always_inline]] void prefetch(std::uint64_t key) const {
    const Part& part = part_of(key);
    if (!part.slots.empty()) __builtin_prefetch(&part.slots[home(part, key)]);
  }

  std::uint32_t find(std::uint64_t key) const {
    const Part& part = part_of(key);
    return part.slots.empty() ? kNone : part.slots[place(part, key)].value;
  }
  void set(std::uint64_t key, std::uint32_t value) {
    if (insert(key, value) == kNone) return;
    Part& part = part_of(key);
    part.slots[place(part, key)].value = value;
  }
  std::size_t size() const { return size_; }
  std::size_t bytes() const {
    std::size_t slots = 0;
    for (const Part& part : parts_) slots += part.slots.size();
    return slots * sizeof(Slot);
  }
  void clear() { *this = HashIndex(); }

 private:
  struct Slot {
    std::uint32_t low = 0, high = 0;
    std::uint32_t value = kNone;  // none: the slot is free
  };
  // Grows on its own, so that little more than the whole is ever held.
  struct Part {
    std::vector<Slot, PageAllocator<Slot>> slots;
    std::size_t used = 0;
  };
  static constexpr unsigned kPartBits = 6;
  static constexpr std::size_t kUndivided = 4096;  // slots up to which there is one part

  static std::uint64_t mixed(std::uint64_t key) { return key * 0x9E3779B97F4A7C15u; }
  const Part& part_of(std::uint64_t key) const {
    return parts_[parts_.size() == 1 ? 0 : mixed(key) >> (64 - kPartBits)];
  }
  Part& part_of(std::uint64_t key) { return const_cast<Part&>(static_cast<const HashIndex*>(this)->part_of(key)); }
  static std::size_t home(const Part& part, std::uint64_t key) {
    return static_cast<std::size_t>((mixed(key) << kPartBits >> 32) * part.slots.size() >> 32);
  }
  // Where the key is, or the free slot where it would go.
  static std::size_t place(const Part& part, std::uint64_t key) {
    std::size_t at = home(part, key);
    for (;; at = at + 1 == part.slots.size() ? 0 : at + 1) {
      const Slot& slot = part.slots[at];
      if (slot.value == kNone || (slot.low | std::uint64_t{slot.high} << 32) == key) return at;
    }
  }

  static void resize(Part& part, std::size_t slots) {
    const auto old = std::exchange(part.slots, decltype(part.slots)(slots));
    for (const Slot& slot : old) {
      if (slot.value != kNone) part.slots[place(part, slot.low | std::uint64_t{slot.high} << 32)] = slot;
    }
  }
  // The part where the key goes, now with room for it.
  Part& make_room(std::uint64_t key) {
    Part& part = part_of(key);
    const std::size_t slots = part.slots.size();
    if (parts_.size() == 1 && slots == kUndivided) {
      const Part whole = std::move(part);
      parts_.assign(std::size_t{1} << kPartBits, {});
      for (Part& one : parts_) resize(one, 2 * kUndivided >> kPartBits);
      size_ = 0;
      for (const Slot& slot : whole.slots) {
        if (slot.value != kNone) insert(slot.low | std::uint64_t{slot.high} << 32, slot.value);
      }
      return part_of(key);
    }
    resize(part, slots == 0 ? 64 : slots < kUndivided ? slots * 2 : slots + slots / 4);
    return part;
  }

  std::vector<Part> parts_ = std::vector<Part>(1);
  std::size_t size_ = 0;
};

}  // namespace fthost::data
