// $sum $count $max $min $average
#include <cmath>

#include "jsonata/library.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

double total(const Value& array) {
  double sum = 0;
  for (size_t i = 0; i < array.size(); ++i) sum += array.items()[i].as_double();
  return sum;
}

Value sum(Context&, const Arguments& a) {
  return a[0].is_undefined() ? Value() : Value::number(total(a[0]));
}

Value count(Context&, const Arguments& a) {
  return Value::number(static_cast<double>(a[0].size()));
}

Value average(Context&, const Arguments& a) {
  if (a[0].size() == 0) return {};
  return Value::number(total(a[0]) / static_cast<double>(a[0].size()));
}

template <bool kMax>
Value extreme(Context&, const Arguments& a) {
  if (a[0].size() == 0) return {};
  double best = a[0].item(0).as_double();
  for (size_t i = 1; i < a[0].size(); ++i) {
    const double number = a[0].item(i).as_double();
    if (std::isnan(number)) return Value::number(number);
    if (kMax ? number > best : number < best) best = number;
  }
  return Value::number(best);
}

constexpr LibraryEntry kAggregateEntries[] = {
    {"sum", "<a<n>:n>", 1, sum},           {"count", "<a:n>", 1, count},
    {"max", "<a<n>:n>", 1, extreme<true>}, {"min", "<a<n>:n>", 1, extreme<false>},
    {"average", "<a<n>:n>", 1, average},
};

}  // namespace

std::span<const LibraryEntry> aggregate_functions() { return kAggregateEntries; }

}  // namespace weft::jsonata
