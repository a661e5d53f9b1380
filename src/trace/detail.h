#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::trace {

// Which finished children of a Map Run kept full detail (the spans their functions sent), and why.
// A plain value.
struct DetailChoice {
  struct Child {
    uint64_t index = 0;
    std::string_view reason;  // columns::to_string(KeepReason)
    double weight = 1;        // how many children it stands for
    friend bool operator==(const Child&, const Child&) = default;
  };
  uint64_t budget = 0;          // children; 0 = no bound
  uint64_t total = 0;           // children that had finished when this was decided
  uint64_t kept = 0;            // of them
  uint64_t late_spans = 0;      // sent for children that were not kept: discarded
  uint64_t byte_budget = 0;     // of the spans of finished children together; 0 = no bound
  uint64_t bytes = 0;           // of them; known where there is a bound
  std::vector<Child> children;  // those kept, by index; empty when all of them were

  bool complete() const { return kept == total; }
  // Null when it is not among `children`.
  const Child* find(uint64_t index) const;
  // Whether it lost its detail.
  bool dropped(uint64_t index) const { return !complete() && find(index) == nullptr; }
  // How many of `children` were kept for each reason.
  std::map<std::string_view, uint64_t> reasons() const;
  friend bool operator==(const DetailChoice&, const DetailChoice&) = default;
};

// "detail kept for 1,000 of 100,000 children: 40 errors, 20 slow, 940 drawn".
std::string sentence_of(const DetailChoice& choice);

}  // namespace weft::trace
