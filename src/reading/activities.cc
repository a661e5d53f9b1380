#include "reading/activities.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "store/store.h"

namespace weft::reading {

namespace {

base::Result<records::ActivityRecord> no_activity(std::string_view arn) {
  return base::fail(base::ErrorCode::kNotFound, fmt::format("Activity Does Not Exist: '{}'", arn));
}

}  // namespace

base::Result<records::ActivityRecord> activity_meant(const Query& query, std::string_view arn) {
  const auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind != "activity") {
    return base::fail(
        base::ErrorCode::kInvalidArn,
        fmt::format("Invalid Arn: 'Resource type not valid in this context: {}'", parts->kind));
  }
  const auto bytes = query.store().get(store::Family::kName, records::activity_key(parts->machine));
  if (!bytes) return std::unexpected(bytes.error());
  return *bytes ? records::decode_activity(**bytes) : no_activity(arn);
}

base::Result<records::ActivityRecord> activity(const Query& query, std::string_view arn) {
  auto found = activity_meant(query, arn);
  // Of another Region or account there is none here.
  return !found || found->arn == arn ? std::move(found) : no_activity(arn);
}

base::Result<Page<records::ActivityRecord>> activities(const Query& query, size_t limit,
                                                       std::string_view token) {
  Page<records::ActivityRecord> page;
  const std::string from = records::activity_key(token);
  auto scanned = store::scan_checked(
      query.store(), store::Family::kName, from, records::end_of_activities(), false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        if (page.rows.size() == limit) {
          page.next_token = key.substr(1);
          return false;
        }
        auto record = records::decode_activity(value);
        if (!record) return std::unexpected(record.error());
        page.rows.push_back(std::move(*record));
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

}  // namespace weft::reading
