#include "terminal/time_split.h"

#include <string_view>

#include <fmt/format.h>

namespace weft::terminal {

std::string time_split_text(const columns::TimeSplit& split) {
  if (split.queue + split.cold + split.run + split.retry_wait == 0) return {};
  std::string text;
  const auto add = [&](std::string_view name, int64_t part) {
    const double percent = static_cast<double>(part) * 100 / static_cast<double>(split.total());
    if (percent < 0.5) return;
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : " · ", name, percent);
  };
  add("queued", split.queue);
  add("cold start", split.cold);
  add("function", split.run);
  add("retry wait", split.retry_wait);
  add("other", split.other);
  return text;
}

}  // namespace weft::terminal
