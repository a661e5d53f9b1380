#include "integrations/lambda/function_name.h"

namespace weft::lambda {

FunctionName parse_function_name(std::string_view text) {
  constexpr std::string_view kMarker = ":function:";
  size_t marker = text.find(kMarker);
  std::string_view rest =
      marker == std::string_view::npos ? text : text.substr(marker + kMarker.size());
  size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return {std::string(rest), {}};
  return {std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1))};
}

}  // namespace weft::lambda
