#include <array>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/template.h"
#include "base/time.h"

namespace weft::asl {

WaitState compile_wait(StateContext& context) {
  WaitState wait;
  Compilation& compilation = context.compilation();
  constexpr std::array<std::string_view, 4> kFields = {"Seconds", "Timestamp", "SecondsPath",
                                                       "TimestampPath"};
  int given = 0;
  for (std::string_view name : kFields) {
    given += context.json.find(name).is_undefined() ? 0 : 1;
  }
  if (given != 1) {
    compilation.error(context.path,
                      context.jsonata()
                          ? "Exactly one of these fields is required: [Seconds, Timestamp]"
                          : "Exactly one of these fields is required: [Seconds, Timestamp, "
                            "SecondsPath, TimestampPath]");
  }
  wait.seconds = compile_scalar(context, context.json, context.path, "Seconds", "Seconds",
                                {.kind = ScalarType::Kind::kInteger,
                                 .min = 0,
                                 .max = kSecondsMax,
                                 .words = PathQuery::Words::kSeconds});
  wait.timestamp =
      compile_scalar(context, context.json, context.path, "Timestamp", "Timestamp",
                     {.kind = ScalarType::Kind::kString, .words = PathQuery::Words::kTimestamp});
  if (wait.timestamp && wait.timestamp->is_literal() &&
      !base::parse_iso(wait.timestamp->literal.as_string())) {
    compilation.error(context.path.member("Timestamp"), "String does not match RFC3339 timestamp");
  }
  return wait;
}

}  // namespace weft::asl
