#pragma once

#include <functional>
#include <string_view>

#include "aws/json_protocol.h"
#include "base/clock.h"
#include "base/error.h"
#include "reading/query.h"
#include "records/records.h"
#include "running/programs.h"
#include "running/requests.h"
#include "store/store.h"
#include "sync/mutex.h"

namespace weft::running {

// The state machines of a host: one change at a time, each durable when it returns. Thread-safe.
class Machines {
 public:
  // Commits and returns once it is durable. kStorage: the store is damaged.
  using Commit = std::function<base::Result<void>(store::Batch)>;
  // What is named outlives this.
  Machines(const reading::Query& query, Programs& programs, const base::Clock& clock, Commit commit)
      : query_(query), programs_(programs), clock_(clock), commit_(std::move(commit)) {}

  // Creating one again with the same definition, type, logging and tracing is a success and changes
  // nothing.
  base::Result<records::MachineRecord> create(const CreateStateMachine& request);
  // A new revision, unless nothing differs; executions keep the one they began with. Errors as of
  // Host::update_state_machine().
  base::Result<records::MachineRecord> update(const UpdateStateMachine& request);
  // Deleting one that is not there is a success.
  base::Result<void> remove(std::string_view arn);
  // Errors as of Host::change_tags().
  std::expected<void, aws::Fault> change_tags(std::string_view arn,
                                              const records::TagChange& change);

 private:
  const reading::Query& query_;
  Programs& programs_;
  const base::Clock& clock_;
  const Commit commit_;
  sync::Mutex mutex_;
};

// AWS's errors of TagResource and its like.
std::unexpected<aws::Fault> nothing_to_tag(std::string_view arn);            // ResourceNotFound
std::expected<void, aws::Fault> check_tag_count(const records::Tags& tags);  // TooManyTags

}  // namespace weft::running
