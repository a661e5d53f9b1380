#include "api/page_token.h"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/hash.h"

namespace weft::api {
namespace {

constexpr std::string_view kPrefix = "AAEAA";

// Tells requests apart; it protects against mistakes, not against forgery. A byte that no text has
// ends each.
uint64_t fold(uint64_t hash, std::string_view text) {
  return base::fnv64_step(base::fnv64(text, hash), 0xFF);
}

}  // namespace

PageToken::PageToken(std::string_view operation,
                     std::initializer_list<std::string_view> arguments) {
  uint64_t hash = fold(base::kFnv64Basis, operation);
  for (std::string_view argument : arguments) hash = fold(hash, argument);
  mark_ = fmt::format("{:016x}", hash);
}

std::string PageToken::encode(std::string_view place) const {
  return std::string(kPrefix) + mark_ + base::to_hex(place);
}

base::Result<std::string> PageToken::decode(std::string_view token) const {
  if (token.empty()) return std::string();
  if (token.starts_with(kPrefix) && token.substr(kPrefix.size()).starts_with(mark_)) {
    auto place = base::from_hex(token.substr(kPrefix.size() + mark_.size()));
    if (place && !place->empty()) return std::move(*place);
  }
  return base::fail(base::ErrorCode::kInvalidToken, "Invalid Token: 'Invalid token'");
}

}  // namespace weft::api
