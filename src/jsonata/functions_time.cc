// $now $millis
#include "base/time.h"
#include "jsonata/library.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

Value millis(Context& context, const Arguments&) {
  return Value::number(static_cast<double>(context.environment.now_ms));
}

Value now(Context& context, const Arguments&) {
  return make_string(context, base::format_iso_ms(context.environment.now_ms));
}

constexpr LibraryEntry kEntries[] = {
    {"now", "<:s>", 0, now},
    {"millis", "<:n>", 0, millis},
};

}  // namespace

std::span<const LibraryEntry> time_functions() { return kEntries; }

}  // namespace weft::jsonata
