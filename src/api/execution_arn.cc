#include "api/execution_arn.h"

#include "arn/arn.h"
#include "reading/map_run_names.h"

namespace weft::api {

base::Result<history::ExecutionKey> standard_execution(const reading::Query& query,
                                                       std::string_view arn,
                                                       ExpressChildren children) {
  auto key = query.find_execution(arn);
  const auto parts = arn::parse_states_arn(arn);
  if (!parts || parts->kind != "express") return key;
  if (!key) return reading::kind_not_valid(parts->kind);
  if (children == ExpressChildren::kTaken && key->run != 0) return key;
  const auto imported = query.is_imported(*key);
  if (!imported) return std::unexpected(imported.error());
  if (!*imported) return reading::kind_not_valid(parts->kind);
  return key;
}

}  // namespace weft::api
