#pragma once

#include <memory>
#include <string>

#include "asl/program.h"
#include "base/error.h"
#include "base/time.h"
#include "records/records.h"
#include "running/stored_work.h"
#include "store/store.h"

// What stands in a store for what of it is lost: an end that says so. The error is States.Runtime,
// which no States.ALL catches or retries.

namespace weft::running {

inline constexpr const char* kLostError = "States.Runtime";
std::string lost_cause(const std::string& why);

// Ends an execution as FAILED, behind the turns of its history that fit one another; later ones are
// removed. `program` may be null: then only their numbers are looked at.
base::Result<void> end_lost_execution(const store::Store& store,
                                      const std::shared_ptr<const asl::Program>& program,
                                      records::ExecutionRecord record, const std::string& why,
                                      base::UnixMs now_ms, store::Batch& batch);

// The record of a Map Run of which a part is lost: FAILED, with the counts that its rows give, when
// `fails`; it is not redriven.
base::Result<records::MapRunRecord> lost_run(const store::Store& store,
                                             records::MapRunRecord record, const std::string& why,
                                             bool fails, base::UnixMs now_ms);

// A record in the place of one that is missing, of a Map Run that `parent` says it started; nothing
// when its history does not say so.
struct Parent {
  history::ExecutionKey key;
  std::string arn;
  std::string machine_name;
  std::string definition_hash;
  std::string role_arn;
};
base::Result<std::optional<records::MapRunRecord>> missing_run(const store::Store& store,
                                                               Programs& programs,
                                                               const Parent& parent,
                                                               uint64_t number,
                                                               base::UnixMs now_ms);

}  // namespace weft::running
