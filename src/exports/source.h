#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "columns/sampling.h"
#include "metrics/registry.h"
#include "reading/query.h"
#include "trace/redact.h"

namespace weft::exports {

// Where what is pushed comes from: a host that is open. All is used, from the pushes' threads,
// until they have finished.
struct Source {
  const reading::Query* query = nullptr;
  const trace::Redactor* payloads = nullptr;  // what spans show of payloads
  std::function<metrics::Registry()> metrics;
  // Whether an open Map Run will have no more children than its detail budget, so that all of them
  // keep their detail; nothing while its items are still being read.
  std::function<std::optional<bool>(const records::MapRunRecord&)> fits_budget;
  // See running::Host::certain_detail().
  std::function<std::vector<columns::Sampler::Certain>(uint64_t map_run, size_t from)> certain;
};

}  // namespace weft::exports
