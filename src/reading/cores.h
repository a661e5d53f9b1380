#pragma once

#include "columns/together.h"

namespace weft::reading {

// Answers a question on several cores: threads that live as long as it is asked for, with the
// priority of the one that asks. Thread-safe; the parts of several questions at once share the
// cores as threads do.
class Cores : public columns::Together {
 public:
  size_t width() const override;
  void run(size_t parts, const std::function<void(size_t)>& part) override;
};

}  // namespace weft::reading
