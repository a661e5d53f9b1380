// What Step Functions adds: $partition $range $hash $random $uuid $parse
#include <cmath>

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
constexpr double kRangeMax = 360'145;

Value mismatch(Context& context, const Value& value, size_t index) {
  context.fail_value("T0410", value);
  context.failure.index = index;
  return {};
}

Value partition(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (!a[1].is_integral() || a[1].as_int() < 1) return mismatch(context, a[1], 2);
  const auto size = static_cast<size_t>(a[1].as_int());
  json::ArrayBuilder out(context.arena);
  for (size_t at = 0; at < a[0].size(); at += size) {
    out.push(Value::array(a[0].items() + at, std::min(size, a[0].size() - at)));
    if (size > a[0].size()) break;
  }
  return out.finish();
}

Value range(Context& context, const Arguments& a) {
  if (a[0].is_undefined() || a[1].is_undefined()) return {};
  const double start = a[0].as_double();
  const double end = a[1].as_double();
  const double step = a[2].is_undefined() ? 1 : a[2].as_double();
  if (step == 0 || !std::isfinite(step)) return mismatch(context, a[2], 3);
  const double count = std::floor((end - start) / step) + 1;
  json::ArrayBuilder out(context.arena);
  if (!(count >= 1)) return out.finish();
  if (count > kRangeMax) return context.fail_bound(kMemoryMessage);
  out.reserve(static_cast<size_t>(count));
  for (double i = 0; i < count; ++i) out.push(Value::number(start + i * step));
  return out.finish();
}

const EVP_MD* digest_named(std::string_view name) {
  if (name == "MD5") return EVP_md5();
  if (name == "SHA-1") return EVP_sha1();
  if (name == "SHA-256") return EVP_sha256();
  if (name == "SHA-384") return EVP_sha384();
  return name == "SHA-512" ? EVP_sha512() : nullptr;
}

Value hash(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const EVP_MD* algorithm = digest_named(a[1].as_string());
  if (algorithm == nullptr) return mismatch(context, a[1], 2);
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

Value random(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return Value::number(next_random_double(context));
  return Value::number(java_random(a[0].as_int()));
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
  return parsed ? *parsed : mismatch(context, a[0], 1);
}

constexpr LibraryEntry kEntries[] = {
    {"partition", "<an:a>", 2, partition},
    {"range", "<nnn?:a<n>>", 3, range},
    {"hash", "<s-s:s>", 2, hash},
    {"random", "<n?:n>", 1, random},
    {"uuid", "<:s>", 0, uuid},
    {"parse", "<s-:x>", 1, parse},
};

}  // namespace

std::span<const LibraryEntry> aws_functions() { return kEntries; }

}  // namespace weft::jsonata
