#include "history/path_signature.h"

#include <algorithm>
#include <bit>
#include <string_view>

#include "base/hash.h"
#include "base/mix.h"

namespace weft::history {
namespace {

uint64_t hash_of(uint64_t seed, std::string_view text) {
  return base::fnv64(text, base::fnv64_step(base::kFnv64Basis, seed));
}

constexpr size_t kStepsUsual = 4;  // so many without a second allocation

bool is_failure(EventType type) {
  return is_failed_attempt(type) || type == EventType::kEvaluationFailed ||
         type == EventType::kMapRunFailed;
}

}  // namespace

void PathSignature::add(const Event& event) {
  uint64_t hash = 0;
  if (is_state_entered(event.type)) {
    hash = hash_of(0, event.name);
  } else if (is_failure(event.type)) {
    hash = hash_of(1 + static_cast<uint64_t>(event.type),
                   event.error ? std::string_view(*event.error) : std::string_view());
  } else {
    return;
  }
  const auto found = std::ranges::find(steps_, hash, &Step::hash);
  if (found != steps_.end()) {
    ++found->count;
  } else if (steps_.size() < kStepsMax) {
    if (steps_.empty()) steps_.reserve(kStepsUsual);
    steps_.push_back({hash, 1});
  }
}

uint32_t PathSignature::value() const {
  uint64_t sum = 0;
  for (const Step& step : steps_) {
    sum += base::mix64(step.hash + static_cast<uint64_t>(std::bit_width(step.count)));
  }
  const auto folded = static_cast<uint32_t>((base::mix64(sum) >> 20) & 0xFFFFFF);
  return folded == 0 ? 1 : folded;
}

}  // namespace weft::history
