#include <fmt/format.h>

#include "jsonpath/arguments.h"
#include "jsonpath/functions.h"

// States.MathAdd and States.MathRandom.

namespace weft::jsonpath {

namespace {

// The generator of java.util.Random, which a seed determines.
class JavaRandom {
 public:
  explicit JavaRandom(int64_t seed) : state_((static_cast<uint64_t>(seed) ^ kFactor) & kMask) {}

  // A number in [0, bound).
  int32_t next(int32_t bound) {
    if ((bound & -bound) == bound)
      return static_cast<int32_t>((static_cast<int64_t>(bound) * bits()) >> 31);
    while (true) {
      const int32_t drawn = bits();
      const int32_t result = drawn % bound;
      // Numbers of the last, incomplete run of `bound` would be more likely.
      if (static_cast<int64_t>(drawn) - result + (bound - 1) <= INT32_MAX) return result;
    }
  }

 private:
  static constexpr uint64_t kFactor = 0x5DEECE66D;
  static constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;

  int32_t bits() {
    state_ = (state_ * kFactor + 0xB) & kMask;
    return static_cast<int32_t>(state_ >> 17);
  }
  uint64_t state_;
};

// A number in [0, bound) from as few random bits as it takes.
uint64_t draw(Scope& scope, uint64_t bound) {
  const uint64_t fair = UINT64_MAX - UINT64_MAX % bound;
  // A source that gives no fair number in so many tries is not random; then any number will do.
  uint64_t bits = scope.random_bits();
  for (int i = 0; bits >= fair && i < 64; ++i) bits = scope.random_bits();
  return bits % bound;
}

}  // namespace

FunctionResult run_math_add(CallContext&, std::span<const json::Value> arguments) {
  const auto left = integer_argument(arguments, 0);
  if (!left) return Refusal(left.error());
  const auto right = integer_argument(arguments, 1);
  if (!right) return Refusal(right.error());
  return json::Value::integer(*left + *right);
}

FunctionResult run_math_random(CallContext& context, std::span<const json::Value> arguments) {
  const auto first = integer_argument(arguments, 0);
  if (!first) return Refusal(first.error());
  const auto end = integer_argument(arguments, 1);
  if (!end) return Refusal(end.error());
  if (*end <= *first) {
    return Refusal(fmt::format("There is no number from {} up to, without, {}", *first, *end));
  }
  const int64_t count = *end - *first;
  if (arguments.size() == 2) {
    const uint64_t drawn = draw(context.scope, static_cast<uint64_t>(count));
    return json::Value::integer(*first + static_cast<int64_t>(drawn));
  }
  const auto seed = integer_argument(arguments, 2);
  if (!seed) return Refusal(seed.error());
  if (count > INT32_MAX) return refuse(1, "less than 2^31 above argument 1", arguments[1]);
  return json::Value::integer(*first + JavaRandom(*seed).next(static_cast<int32_t>(count)));
}

}  // namespace weft::jsonpath
