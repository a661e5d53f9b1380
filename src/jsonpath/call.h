#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "jsonpath/functions.h"
#include "jsonpath/state_path.h"

// Internal to src/jsonpath: what the text of a call becomes.

namespace weft::jsonpath {

struct Call;

// What stands between a call's commas.
struct Argument {
  enum class Kind : uint8_t { kLiteral, kText, kPath, kCall };
  Kind kind = Kind::kLiteral;
  json::Value literal;               // kLiteral: a number, true, false, null
  std::string text;                  // kText: between the quotes, without escapes
  std::string raw;                   // kText: between the quotes, as written
  std::optional<StatePath> path;     // kPath
  std::unique_ptr<const Call> call;  // kCall
};

struct Call {
  std::string text;  // as written; of the outermost call only
  const Function* function = nullptr;
  std::vector<Argument> arguments;
};

// Reads a call with all it holds.
std::expected<Call, CompileError> parse_call(std::string_view text);

}  // namespace weft::jsonpath
