#include "trace/detail.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/digits.h"

namespace weft::trace {
namespace {

// Strongest first; for the reasons of the store the words of a sentence, of one child and of more.
struct Words {
  std::string_view reason;
  std::string_view one;
  std::string_view more;
};
constexpr Words kWords[] = {{"error_group", "error", "errors"},
                            {"rare_path", "rare path", "rare paths"},
                            {"pinned", "pinned", "pinned"},
                            {"slow", "slow", "slow"},
                            {"first", "first", "first"},
                            {"last", "last", "last"},
                            {"latency_bucket", "for its duration", "for their durations"},
                            {"random", "drawn", "drawn"}};

}  // namespace

const DetailChoice::Child* DetailChoice::find(uint64_t index) const {
  const auto found = std::ranges::lower_bound(children, index, {}, &Child::index);
  return found == children.end() || found->index != index ? nullptr : &*found;
}

std::map<std::string_view, uint64_t> DetailChoice::reasons() const {
  std::map<std::string_view, uint64_t> counts;
  for (const Child& child : children) ++counts[child.reason];
  return counts;
}

std::string sentence_of(const DetailChoice& choice) {
  if (choice.complete())
    return fmt::format("detail kept for all {} children", base::grouped(choice.total));
  std::string text = fmt::format("detail kept for {} of {} children", base::grouped(choice.kept),
                                 base::grouped(choice.total));
  const auto counts = choice.reasons();
  const char* between = ": ";
  for (const Words& words : kWords) {
    const auto found = counts.find(words.reason);
    if (found == counts.end()) continue;
    text += fmt::format("{}{} {}", between, base::grouped(found->second),
                        found->second == 1 ? words.one : words.more);
    between = ", ";
  }
  return text;
}

}  // namespace weft::trace
