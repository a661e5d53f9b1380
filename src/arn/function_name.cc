#include "arn/function_name.h"

namespace weft::arn {
namespace {

constexpr std::string_view kMarker = ":function:";

// "name:qualifier" of all forms.
std::string_view without_prefix(std::string_view text) {
  const size_t marker = text.find(kMarker);
  return marker == std::string_view::npos ? text : text.substr(marker + kMarker.size());
}

}  // namespace

FunctionName parse_function_name(std::string_view text) {
  const std::string_view rest = without_prefix(text);
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return {std::string(rest), {}};
  return {std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1))};
}

std::string_view function_name_of(std::string_view text) {
  const std::string_view rest = without_prefix(text);
  return rest.substr(0, rest.find(':'));
}

bool is_function_arn(std::string_view text) { return text.contains(kMarker); }

}  // namespace weft::arn
