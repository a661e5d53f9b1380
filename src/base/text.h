#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weft::base {

// Immutable, shared, UTF-8 payload text (an execution input, a task result, a definition). Copying shares; the text is kept
// byte for byte as it came until something transforms it, because AWS shows it so. Safe to read from any thread.
class Text {
 public:
  Text() = default;
  explicit Text(std::string text) : data_(std::make_shared<const std::string>(std::move(text))) {}
  explicit Text(std::string_view text) : Text(std::string(text)) {}
  explicit Text(const char* text) : Text(std::string(text)) {}

  std::string_view view() const { return data_ ? std::string_view(*data_) : std::string_view(); }
  std::string str() const { return std::string(view()); }
  size_t size() const { return data_ ? data_->size() : 0; }
  bool empty() const { return size() == 0; }
  // True when this object holds no text at all (as against an empty text).
  bool is_null() const { return data_ == nullptr; }
  // True when both share the same buffer: lets a codec store a payload once.
  bool same_buffer(const Text& other) const { return data_ == other.data_; }
  const void* identity() const { return data_.get(); }

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }

 private:
  std::shared_ptr<const std::string> data_;
};

}  // namespace weft::base
