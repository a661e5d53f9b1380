#pragma once

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "importing/placing.h"

namespace weft::importing {

// Writes what Placing has placed: the definition, who started whom, Map Runs, executions with their
// events, and at last the rows and counts of Map Runs, which follow from their children. In batches
// of bounded size: an import that is cut short is completed by the next one of the same lines. Of
// one thread. The arguments outlive it.
class Writing {
 public:
  Writing(const store::Store& store, ImportTarget& target, const reading::Query& query,
          Touched& touched)
      : store_(store), target_(target), query_(query), touched_(touched) {}

  // Once. `definition`: the one that what is imported ran by; null when it is not known.
  base::Result<void> write(const base::Text& definition);

 private:
  base::Result<void> write_nested();
  base::Result<void> write_runs();
  base::Result<void> write_rows(Run& run);
  base::Result<void> write_execution(Known& execution);
  void put_record(const Known& execution);
  base::Result<void> flush(bool always);

  const store::Store& store_;
  ImportTarget& target_;
  const reading::Query& query_;
  Touched& touched_;
  std::string definition_hash_;  // "" when not known
};

}  // namespace weft::importing
