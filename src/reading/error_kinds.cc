#include "reading/error_kinds.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "columns/errors.h"
#include "reading/compare.h"
#include "trace/error_text.h"

namespace weft::reading {
namespace {

struct Failure {
  std::string state;
  std::string error;
  std::string cause;
};

// The last state that was entered and not left when the execution failed.
base::Result<Failure> failure_of(const Query& query, history::ExecutionKey key) {
  const auto events = query.events(key);
  if (!events) return std::unexpected(events.error());
  Failure failure;
  for (const history::Event& event : *events) {
    if (history::is_state_entered(event.type)) failure.state = event.name;
    if (!history::is_terminal(event.type)) continue;
    failure.error = event.error.value_or("");
    failure.cause = event.cause.value_or("");
    if (event.type == history::EventType::kExecutionTimedOut) failure.state.clear();
  }
  return failure;
}

}  // namespace

base::Result<ErrorKinds> error_kinds(const Query& query, const records::MapRunRecord& run,
                                     const columns::Columns& columns, columns::RowSpan rows,
                                     const trace::Redactor& payloads) {
  const auto groups =
      columns::group_errors(columns, rows, columns::extent(columns, rows), kCausesReadMax);
  std::map<std::pair<std::string, std::string>, ErrorKind> kinds;
  for (const columns::ErrorGroup& group : groups.groups) {
    const uint64_t index = columns.index[group.exemplars.front()];
    auto failure = failure_of(query, {run.number, index});
    if (!failure) return std::unexpected(failure.error());
    ErrorKind& kind = kinds[{failure->state, failure->error}];
    kind.state = failure->state;
    kind.error = payloads.clean(failure->error);
    kind.count += group.count;
    std::string message = trace::error_text(payloads.clean(failure->cause)).message;
    // Ids are those of one of them.
    if (group.count > 1) message = stable_text(message);
    kind.causes.push_back({.fingerprint = group.fingerprint,
                           .count = group.count,
                           .message = std::move(message),
                           .example_arn = query.child_arn(run, index)});
  }
  ErrorKinds found{.other = groups.other};
  for (auto& [name, kind] : kinds) found.kinds.push_back(std::move(kind));
  std::ranges::sort(found.kinds, [](const ErrorKind& a, const ErrorKind& b) {
    return std::tie(b.count, a.state, a.error) < std::tie(a.count, b.state, b.error);
  });
  return found;
}

base::Result<void> resolve_errors(const Query& query, const records::MapRunRecord& run,
                                  const columns::Columns& columns, columns::Filter& filter) {
  for (columns::Condition& condition : filter) {
    if (condition.field != columns::Field::kError || condition.text.empty()) continue;
    const columns::RowSpan all = columns::all_rows(columns);
    const auto groups =
        columns::group_errors(columns, all, columns::extent(columns, all), kCausesReadMax);
    for (const columns::ErrorGroup& group : groups.groups) {
      const auto failure = failure_of(query, {run.number, columns.index[group.exemplars.front()]});
      if (!failure) return std::unexpected(failure.error());
      if (failure->error == condition.text) condition.values.push_back(group.fingerprint);
    }
    condition.text.clear();  // without values, as of a name nobody has, it holds for none
  }
  return {};
}

}  // namespace weft::reading
