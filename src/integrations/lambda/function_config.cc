#include "integrations/lambda/function_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"

namespace weft::lambda {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr size_t kFunctionNameCharsMax = 64;
constexpr int kConcurrencyMax = 10'000;
constexpr int kTimeoutSecondsMax = 900;
constexpr int kMemoryMbMin = 128;
constexpr int kMemoryMbMax = 10'240;
constexpr FunctionSetting kSettings[] = {{"concurrency", true},  {"timeout", true},
                                         {"init_timeout", true}, {"memory", true},
                                         {"log_format", false},  {"log_level", false},
                                         {"user", false},        {"unknown_outcome", false}};

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const FunctionSetting& setting : kSettings) all.push_back(setting.name);
  return all;
}

std::unexpected<base::Error> bad(std::string_view part, std::string_view value,
                                 std::string_view expected) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} '{}' must be {}.", part, value, expected));
}

bool is_function_name(std::string_view name) {
  if (name.empty() || name.size() > kFunctionNameCharsMax) return false;
  for (char c : name) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !base::is_digit(c) && c != '-' && c != '_') return false;
  }
  return true;
}

// What a process can have, and a shell can name.
bool is_variable_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::ranges::all_of(name,
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// A whole number inside [min, max], or nothing.
std::optional<int> parse_int(std::string_view text, int min, int max) {
  int value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < min || value > max) return std::nullopt;
  return value;
}

// Seconds with up to three decimals, as milliseconds; more than 0 and at most AWS's 900 s.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  double seconds = 0;
  auto [end, status] =
      std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(seconds >= 0.001) || seconds > kTimeoutSecondsMax) return std::nullopt;
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000 + 0.5));
}

// The one of `choices` that `value` is, whatever its case.
template <size_t N>
std::optional<std::string_view> choose(std::string_view value,
                                       const std::array<std::string_view, N>& choices) {
  const auto same = [](unsigned char a, unsigned char b) {
    return std::toupper(a) == std::toupper(b);
  };
  for (const std::string_view choice : choices) {
    if (std::ranges::equal(value, choice, same)) return choice;
  }
  return std::nullopt;
}

Result<void> apply_log_setting(FunctionConfig& config, std::string_view key,
                               std::string_view value) {
  constexpr std::array<std::string_view, 2> kFormats = {"Text", "JSON"};
  constexpr std::array<std::string_view, 6> kLevels = {"TRACE", "DEBUG", "INFO",
                                                       "WARN",  "ERROR", "FATAL"};
  const bool format = key == "log_format";
  const auto chosen = format ? choose(value, kFormats) : choose(value, kLevels);
  if (!chosen)
    return bad(key, value, format ? "Text or JSON" : "TRACE, DEBUG, INFO, WARN, ERROR or FATAL");
  (format ? config.log_format : config.log_level) = *chosen;
  return {};
}

Result<void> apply_setting(FunctionConfig& config, std::string_view setting) {
  const size_t equals = setting.find('=');
  if (equals == std::string_view::npos) return bad("setting", setting, "of the form key=value");
  return set_function_setting(config, setting.substr(0, equals), setting.substr(equals + 1));
}

Result<FunctionConfig> parse_unnamed(std::string_view text) {
  FunctionConfig config;
  size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return bad("value", text,
               "of the form NAME=PATH[:HANDLER][,concurrency=N,timeout=SECONDS,...]");
  }
  config.name = text.substr(0, equals);
  if (auto valid = check_function_name(config.name); !valid) return std::unexpected(valid.error());
  std::string_view rest = text.substr(equals + 1);
  size_t comma = rest.find(',');
  std::string_view target = rest.substr(0, comma);
  size_t colon = target.rfind(':');
  config.path = target.substr(0, colon);
  if (config.path.empty())
    return bad("path of function", config.name, "a file or directory, not empty");
  if (colon != std::string_view::npos) {
    config.handler = target.substr(colon + 1);
    if (config.handler.empty()) return bad("handler of function", config.name, "named after ':'");
  }
  bool levelled = false;
  while (comma != std::string_view::npos) {
    rest.remove_prefix(comma + 1);
    comma = rest.find(',');
    auto applied = apply_setting(config, rest.substr(0, comma));
    if (!applied) return std::unexpected(applied.error());
    levelled |= rest.starts_with("log_level=");
  }
  if (levelled) {
    if (auto fits = check_log_level(config); !fits) return std::unexpected(fits.error());
  }
  return config;
}

}  // namespace

uint64_t process_memory(const FunctionConfig& config) {
  constexpr uint64_t kRoomMb = 1'024;
  return (static_cast<uint64_t>(config.memory_mb) + kRoomMb) << 20;
}

std::span<const FunctionSetting> function_settings() { return kSettings; }

Result<void> set_function_setting(FunctionConfig& config, std::string_view key,
                                  std::string_view value) {
  if (key == "concurrency") {
    auto number = parse_int(value, 1, kConcurrencyMax);
    if (!number)
      return bad(key, value, fmt::format("a whole number from 1 to {}", kConcurrencyMax));
    config.concurrency = *number;
  } else if (key == "timeout" || key == "init_timeout") {
    auto duration = parse_seconds(value);
    if (!duration) {
      return bad(key, value,
                 fmt::format("seconds, more than 0 and at most {}", kTimeoutSecondsMax));
    }
    (key == "timeout" ? config.timeout : config.init_timeout) = *duration;
  } else if (key == "memory") {
    auto number = parse_int(value, kMemoryMbMin, kMemoryMbMax);
    if (!number) {
      return bad(key, value,
                 fmt::format("MiB, a whole number from {} to {}", kMemoryMbMin, kMemoryMbMax));
    }
    config.memory_mb = *number;
  } else if (key == "log_format" || key == "log_level") {
    return apply_log_setting(config, key, value);
  } else if (key == "user") {
    if (value.empty()) return bad(key, value, "the name of a user of this machine");
    config.user = value;
  } else if (key == "unknown_outcome") {
    if (value != "redeliver" && value != "fail")
      return bad(key, value, "'redeliver' or 'fail' (or left out)");
    config.unknown_outcome = value == "fail" ? UnknownOutcome::kFail : UnknownOutcome::kRedeliver;
  } else if (key.starts_with("env.")) {
    if (!is_variable_name(key.substr(4))) {
      return bad("name of a variable", key.substr(4),
                 "letters, digits and '_', not beginning with a digit");
    }
    if (value.contains('\0')) return bad(key, value, "a text without the character U+0000");
    config.environment[std::string(key.substr(4))] = std::string(value);
  } else {
    return bad("setting", key, fmt::format("one of {}, env.NAME", fmt::join(names(), ", ")));
  }
  return {};
}

Result<void> check_function_name(std::string_view name) {
  if (is_function_name(name)) return {};
  return bad("function name", name, "1 to 64 letters, digits, '-' or '_'");
}

Result<void> check_log_level(const FunctionConfig& config) {
  if (config.log_format == "JSON") return {};
  return bad("log_level", config.log_level,
             "left out, or go with log_format=JSON as on AWS: of text the function's own code "
             "sets the level");
}

Result<FunctionConfig> parse_function_flag(std::string_view text) {
  auto config = parse_unnamed(text);
  if (config) return config;
  return fail(config.error().code, "--function: " + config.error().message);
}

}  // namespace weft::lambda
