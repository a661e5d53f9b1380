// $now $millis $toMillis $fromMillis
#include "jsonata/date_picture.h"
#include "jsonata/library.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

Value millis(Context& context, const Arguments&) {
  return Value::number(static_cast<double>(context.environment.now_ms));
}

Value now(Context& context, const Arguments& a) {
  return format_date(context, static_cast<double>(context.environment.now_ms), a[0], a[1]);
}

Value from_millis(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  return format_date(context, a[0].as_double(), a[1], a[2]);
}

Value to_millis(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  return a[1].is_undefined() ? parse_iso_date(context, a[0]) : parse_date(context, a[0], a[1]);
}

constexpr LibraryEntry kTimeEntries[] = {
    {"now", "<s?s?:s>", 2, now},
    {"millis", "<:n>", 0, millis},
    {"toMillis", "<s-s?:n>", 2, to_millis},
    {"fromMillis", "<n-s?s?:s>", 3, from_millis},
};

}  // namespace

std::span<const LibraryEntry> time_functions() { return kTimeEntries; }

}  // namespace weft::jsonata
