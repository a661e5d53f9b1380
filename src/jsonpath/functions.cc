#include "jsonpath/functions.h"

#include <array>
#include <cstddef>

namespace weft::jsonpath {

namespace {

constexpr size_t kAny = SIZE_MAX;

constexpr std::array<Function, 18> kFunctions{{
    {"States.Format", 1, kAny, run_format},
    {"States.StringToJson", 1, 1, run_string_to_json},
    {"States.JsonToString", 1, 1, run_json_to_string},
    {"States.Array", 0, kAny, run_array},
    {"States.ArrayPartition", 2, 2, run_array_partition},
    {"States.ArrayContains", 2, 2, run_array_contains},
    {"States.ArrayRange", 3, 3, run_array_range},
    {"States.ArrayGetItem", 2, 2, run_array_get_item},
    {"States.ArrayLength", 1, 1, run_array_length},
    {"States.ArrayUnique", 1, 1, run_array_unique},
    {"States.Base64Encode", 1, 1, run_base64_encode},
    {"States.Base64Decode", 1, 1, run_base64_decode},
    {"States.Hash", 2, 2, run_hash},
    {"States.JsonMerge", 3, 3, run_json_merge},
    {"States.MathRandom", 2, 3, run_math_random},
    {"States.MathAdd", 2, 2, run_math_add},
    {"States.StringSplit", 2, 2, run_string_split},
    {"States.UUID", 0, 0, run_uuid},
}};

}  // namespace

const Function* find_function(std::string_view name) {
  for (const Function& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

}  // namespace weft::jsonpath
