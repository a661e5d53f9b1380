// What Step Functions adds: $partition $range $hash $random $uuid $parse
//
// What they make of arguments that are missing or out of range was measured on Step Functions
// (docs/reference/jsonata.md).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "json/build.h"
#include "json/parse.h"
#include "jsonata/errors.h"
#include "jsonata/library.h"
#include "jsonata/random.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// Elements $range may make (measured on Step Functions).
constexpr uint64_t kRangeMax = 360'145;

Value mismatch(Context& context, const Value& value, size_t index) {
  context.fail_value("T0410", value);
  context.failure.index = index;
  return {};
}

// What AWS's functions say of a value of the right type that they cannot take.
Value refuse(Context& context, const Value& message) {
  context.fail("D3137");
  context.failure.message = message.as_string();
  return {};
}

// Integer arguments lose their fraction, towards zero (measured on Step Functions: -1.7 counts as
// -1); what no 64 bits hold becomes the nearest that they do.
int64_t cut(const Value& number) {
  if (number.is_exact_int()) return number.as_int();
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  const double value = number.as_double();
  if (std::isnan(value)) return 0;
  if (value >= kLimit) return INT64_MAX;
  return value <= -kLimit ? INT64_MIN : static_cast<int64_t>(value);
}

// A list of lists, which therefore stays one when it holds a single one. Without a size all items
// are one part; a size of zero gives nothing.
Value partition(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (!a[0].is_array()) {
    context.fail_value("T0412", a[0]);
    context.failure.index = 1;
    return {};
  }
  const size_t count = a[0].size();
  const int64_t wanted = a[1].is_undefined() ? static_cast<int64_t>(count) : cut(a[1]);
  if (count == 0 || wanted == 0) return {};
  if (wanted < 0) {
    return refuse(context, Value::string_ref("Second argument must be zero or greater"));
  }
  const size_t size = std::min(static_cast<size_t>(wanted), count);
  json::ArrayBuilder out(context.arena);
  for (size_t at = 0; at < count; at += size) {
    out.push(Value::array(a[0].items() + at, std::min(size, count - at)));
  }
  return out.finish();
}

// A sequence: one item stands for itself, none for nothing. A step that is missing, zero or leads
// away from the end gives nothing.
Value range(Context& context, const Arguments& a) {
  for (size_t i = 0; i < 2; ++i) {
    if (a[i].is_undefined()) return mismatch(context, a[i], i + 1);
  }
  if (a[2].is_undefined()) return {};
  const int64_t start = cut(a[0]);
  const int64_t end = cut(a[1]);
  const int64_t step = cut(a[2]);
  if (step == 0 || (step > 0 ? start > end : start < end)) return {};
  const auto bits = [](int64_t number) { return static_cast<uint64_t>(number); };
  const uint64_t steps = step > 0 ? (bits(end) - bits(start)) / bits(step)
                                  : (bits(start) - bits(end)) / (uint64_t{0} - bits(step));
  if (steps >= kRangeMax) return context.fail_bound(kMemoryMessage);
  json::ArrayBuilder out(context.arena);
  out.reserve(steps + 1);
  for (uint64_t i = 0; i <= steps; ++i) {
    out.push(Value::integer(static_cast<int64_t>(bits(start) + i * bits(step))));
  }
  return out.finish(Value::kSequence);
}

const EVP_MD* digest_named(std::string_view name) {
  if (name == "MD5") return EVP_md5();
  if (name == "SHA-1") return EVP_sha1();
  if (name == "SHA-256") return EVP_sha256();
  if (name == "SHA-384") return EVP_sha384();
  return name == "SHA-512" ? EVP_sha512() : nullptr;
}

Value hash(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return mismatch(context, a[0], 1);
  if (a[1].is_undefined()) return {};
  const EVP_MD* algorithm = digest_named(a[1].as_string());
  if (algorithm == nullptr) {
    return refuse(context,
                  make_string(context, fmt::format("Hash algorithm '{}' must be one of SHA-1, "
                                                   "SHA-384, SHA-256, SHA-512, MD5",
                                                   a[1].as_string())));
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::string_view text = a[0].as_string();
  if (EVP_Digest(text.data(), text.size(), digest, &size, algorithm, nullptr) != 1)
    return mismatch(context, a[1], 2);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return make_string(context, out);
}

// java.util.Random's first nextDouble for a seed.
double java_random(int64_t seed) {
  constexpr uint64_t kMultiplier = 0x5DEECE66DU;
  constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
  uint64_t state = (static_cast<uint64_t>(seed) ^ kMultiplier) & kMask;
  const auto bits = [&](int count) {
    state = (state * kMultiplier + 0xB) & kMask;
    return state >> (48 - count);
  };
  const uint64_t high = bits(26);
  return static_cast<double>((high << 27) + bits(27)) * 0x1.0p-53;
}

Value seeded_random(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return Value::number(next_random_double(context));
  return Value::number(java_random(cut(a[0])));
}

Value uuid(Context& context, const Arguments&) {
  static constexpr char kHex[] = "0123456789abcdef";
  uint64_t words[2] = {next_random(context), next_random(context)};
  words[0] = (words[0] & ~uint64_t{0xF000}) | 0x4000;
  words[1] = (words[1] & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
  std::string out;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += kHex[(words[i / 16] >> (60 - 4 * (i % 16))) & 15];
  }
  return make_string(context, out);
}

Value parse(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const auto parsed = json::parse(a[0].as_string(), context.arena);
  return parsed ? *parsed : refuse(context, Value::string_ref("Invalid JSON"));
}

constexpr LibraryEntry kAwsEntries[] = {
    {"partition", "<xn?:a>", 2, partition},
    {"range", "<n?n?n?:a<n>>", 3, range},
    {"hash", "<s-s:s>", 2, hash},
    {"random", "<n?:n>", 1, seeded_random},
    {"uuid", "<:s>", 0, uuid},
    {"parse", "<s-:x>", 1, parse},
};

}  // namespace

std::span<const LibraryEntry> aws_functions() { return kAwsEntries; }

}  // namespace weft::jsonata
