#include "arn/arn.h"

#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/limits.h"

namespace weft::arn {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionKey;

// The permutation works on two halves of 61 bits: 122 bits are what a UUID leaves free.
constexpr int kHalfBits = 61;
constexpr uint64_t kHalfMask = (uint64_t{1} << kHalfBits) - 1;
// Stands in the index half of a Map Run's own name; no child has it.
constexpr uint64_t kMapRunIndex = kHalfMask;
// Stands in the run half of the UUID of an Express execution; no Map Run has such a number.
constexpr uint64_t kExpressBit = uint64_t{1} << (kHalfBits - 1);

// The finalizer of MurmurHash3: every bit of the result depends on every bit of `x`.
uint64_t mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDU;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53U;
  return x ^ (x >> 33);
}

uint64_t round_value(uint64_t half, uint64_t key, uint64_t round) {
  return mix(mix(half ^ key) + mix(key + round * 0x9E3779B97F4A7C15U)) & kHalfMask;
}

struct Halves {
  uint64_t left = 0;
  uint64_t right = 0;
};

Halves permute(Halves value, uint64_t key) {
  for (uint64_t round = 1; round <= 4; ++round) {
    value = {value.right, value.left ^ round_value(value.right, key, round)};
  }
  return value;
}

Halves invert(Halves value, uint64_t key) {
  for (uint64_t round = 4; round >= 1; --round) {
    value = {value.right ^ round_value(value.left, key, round), value.left};
  }
  return value;
}

void put_hex(char* to, int digits, uint64_t value) {
  for (int at = digits - 1; at >= 0; --at, value >>= 4) to[at] = "0123456789abcdef"[value & 0xF];
}

// Layout of the 122 bits: 48 + 12 (after the version digit) + 62 (after the variant bits). By hand:
// every child of a Map Run has a name, and a format string takes ten times as long.
std::string to_uuid(Halves value) {
  const uint64_t high60 = value.left >> 1;
  const uint64_t low62 = ((value.left & 1) << kHalfBits) | value.right;
  std::string uuid(36, '-');
  put_hex(&uuid[0], 8, high60 >> 28);
  put_hex(&uuid[9], 4, high60 >> 12);
  uuid[14] = '3';
  put_hex(&uuid[15], 3, high60);
  put_hex(&uuid[19], 4, 0x8000 | (low62 >> 48));
  put_hex(&uuid[24], 12, low62);
  return uuid;
}

std::optional<uint64_t> parse_hex(std::string_view text) {
  uint64_t value = 0;
  for (char c : text) {
    const int digit = base::is_upper(c) ? -1 : base::hex_value(c);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<uint64_t>(digit);
  }
  return value;
}

std::optional<Halves> from_uuid(std::string_view uuid) {
  if (uuid.size() != 36 || uuid[8] != '-' || uuid[13] != '-' || uuid[14] != '3' ||
      uuid[18] != '-' || uuid[23] != '-') {
    return std::nullopt;
  }
  const auto a = parse_hex(uuid.substr(0, 8));
  const auto b = parse_hex(uuid.substr(9, 4));
  const auto c = parse_hex(uuid.substr(15, 3));
  const auto d = parse_hex(uuid.substr(19, 4));
  const auto e = parse_hex(uuid.substr(24, 12));
  if (!a || !b || !c || !d || !e || (*d >> 14) != 2) return std::nullopt;
  const uint64_t high60 = *a << 28 | *b << 12 | *c;
  const uint64_t low62 = (*d & 0x3FFF) << 48 | *e;
  return Halves{high60 << 1 | low62 >> kHalfBits, low62 & kHalfMask};
}

std::string arn(const Home& identity, std::string_view kind, std::string_view rest) {
  return fmt::format("arn:{}:states:{}:{}:{}:{}", identity.partition, identity.region,
                     identity.account, kind, rest);
}

std::unexpected<base::Error> bad_arn(std::string_view text) {
  return fail(ErrorCode::kInvalidArn, fmt::format("Invalid Arn: 'Invalid ARN prefix: {}'", text));
}

// Cuts `text` at the first `separator`: returns what stands before it and leaves what follows.
std::string_view take(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

// Decodes one UTF-8 character at `at` and moves past it; nothing when the bytes are no UTF-8.
std::optional<char32_t> next_character(std::string_view text, size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : -1;
  if (more < 0 || at + static_cast<size_t>(more) > text.size()) return std::nullopt;
  char32_t character = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    const auto byte = static_cast<unsigned char>(text[at++]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    character = character << 6 | (byte & 0x3F);
  }
  return character;
}

bool is_forbidden(char32_t c) {
  constexpr std::string_view kForbidden = "<>{}[]?*\"#%\\^|~`$&,;:/";
  if (c < 0x80 && kForbidden.find(static_cast<char>(c)) != std::string_view::npos) return true;
  const bool white = c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
                     c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
  return white || c <= 0x1F || (c >= 0x7F && c <= 0x9F) || (c >= 0xD800 && c <= 0xDFFF) ||
         c == 0xFFFE || c == 0xFFFF || c >= 0x10FFFF;
}

}  // namespace

std::string ChildNames::name(ExecutionKey key) const {
  return to_uuid(permute({key.run & kHalfMask, key.index & kHalfMask}, key_));
}

std::optional<ExecutionKey> ChildNames::parse(std::string_view name) const {
  const auto halves = from_uuid(name);
  if (!halves) return std::nullopt;
  const Halves plain = invert(*halves, key_);
  const bool other = plain.left == 0 || (plain.left & kExpressBit) != 0;
  if (other || plain.right == kMapRunIndex) return std::nullopt;
  return ExecutionKey{plain.left, plain.right};
}

std::string ChildNames::express_uuid(ExecutionKey key) const {
  return to_uuid(permute({(key.run & kHalfMask) | kExpressBit, key.index & kHalfMask}, key_));
}

std::optional<ExecutionKey> ChildNames::parse_express(std::string_view uuid) const {
  const auto halves = from_uuid(uuid);
  if (!halves) return std::nullopt;
  const Halves plain = invert(*halves, key_);
  if ((plain.left & kExpressBit) == 0) return std::nullopt;
  return ExecutionKey{plain.left & ~kExpressBit, plain.right};
}

std::string ChildNames::name_in_arn(ExecutionKey key, bool express) const {
  return express ? fmt::format("{}:{}", name(key), express_uuid(key)) : name(key);
}

std::string ChildNames::map_run_uuid(uint64_t run) const {
  return to_uuid(permute({run & kHalfMask, kMapRunIndex}, key_));
}

std::optional<uint64_t> ChildNames::parse_map_run(std::string_view uuid) const {
  const auto halves = from_uuid(uuid);
  if (!halves) return std::nullopt;
  const Halves plain = invert(*halves, key_);
  if (plain.right != kMapRunIndex) return std::nullopt;
  return plain.left;
}

std::string machine_arn(const Home& identity, std::string_view machine_name) {
  return arn(identity, "stateMachine", machine_name);
}

std::string execution_arn(const Home& identity, std::string_view machine_name,
                          std::string_view execution_name) {
  return arn(identity, "execution", fmt::format("{}:{}", machine_name, execution_name));
}

std::string express_arn(const Home& identity, std::string_view machine_name,
                        std::string_view name_and_uuid) {
  return arn(identity, "express", fmt::format("{}:{}", machine_name, name_and_uuid));
}

std::string map_run_arn(const Home& identity, std::string_view machine_name, std::string_view label,
                        std::string_view uuid) {
  return arn(identity, "mapRun", fmt::format("{}/{}:{}", machine_name, label, uuid));
}

ArnParts arn_parts(std::string_view arn) {
  ArnParts parts;
  for (std::string_view* part : {&parts.prefix, &parts.partition, &parts.service, &parts.region,
                                 &parts.account, &parts.kind, &parts.machine}) {
    *part = take(arn, ':');
  }
  parts.name = arn;
  return parts;
}

std::string_view before_uuid(std::string_view name) { return name.substr(0, name.find(':')); }

std::string_view machine_name_of(std::string_view machine) {
  return machine.substr(0, machine.find('/'));
}

std::string_view execution_name_of(std::string_view arn) {
  const std::string_view name = arn_parts(arn).name;
  return name.empty() ? arn.substr(arn.rfind(':') + 1) : name;
}

std::string_view without_name(std::string_view arn) { return arn.substr(0, arn.rfind(':')); }

std::string sibling_arn(std::string_view text, std::string_view kind, std::string_view rest) {
  const ArnParts parts = arn_parts(text);
  return fmt::format("{}:{}:{}:{}:{}:{}:{}", parts.prefix, parts.partition, parts.service,
                     parts.region, parts.account, kind, rest);
}

base::Result<StatesArn> parse_states_arn(std::string_view text) {
  const ArnParts cut = arn_parts(text);
  if (cut.prefix != "arn" || cut.partition.empty() || cut.service != "states" ||
      cut.region.empty() || cut.account.empty()) {
    return bad_arn(text);
  }
  StatesArn parts;
  parts.region = cut.region;
  parts.kind = cut.kind;
  std::string_view machine = cut.machine;
  parts.machine = take(machine, '/');
  parts.label = machine;
  parts.name = cut.name;
  const bool named = parts.kind == "execution" || parts.kind == "express" || parts.kind == "mapRun";
  const bool known = named || parts.kind == "stateMachine" || parts.kind == "activity";
  if (!known || parts.machine.empty() || (named && parts.name.empty()) ||
      (parts.kind == "mapRun" && parts.label.empty())) {
    return bad_arn(text);
  }
  return parts;
}

base::Result<void> check_name(std::string_view name) {
  size_t characters = 0;
  bool valid = !name.empty();
  for (size_t at = 0; valid && at < name.size(); ++characters) {
    const auto character = next_character(name, at);
    valid = character && !is_forbidden(*character);
  }
  if (valid && characters <= base::kNameCharsMax) return {};
  return fail(ErrorCode::kInvalidName, fmt::format("Invalid Name: '{}'", name));
}

}  // namespace weft::arn
