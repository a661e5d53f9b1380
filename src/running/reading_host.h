#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "running/host.h"
#include "running/programs.h"
#include "store/store.h"
#include "sync/mutex.h"

namespace weft::running {

// A host of what lies in a store: it answers questions and runs nothing. What was running when the
// store was written still is, for whoever looks: an open Map Run is as far as recovery would find
// it. Commands fail with kUnavailable.
class ReadingHost : public Host {
 public:
  // `query` outlives it, and so does `store`, where it is given: one that does not change, in which
  // open Map Runs are counted. Without it nothing is known of how far they are.
  explicit ReadingHost(const reading::Query& query, const store::Store* store = nullptr)
      : query_(query),
        store_(store),
        programs_(store == nullptr ? nullptr : std::make_unique<Programs>(*store)) {}

  const reading::Query& query() const override { return query_; }
  base::Result<records::MachineRecord> create_state_machine(const CreateStateMachine&) override {
    return refuse();
  }
  base::Result<void> delete_state_machine(std::string_view) override { return refuse(); }
  base::Result<StartedExecution> start_execution(const StartExecution&) override {
    return refuse();
  }
  base::Result<base::UnixMs> stop_execution(std::string_view, std::optional<std::string>,
                                            std::optional<std::string>) override {
    return refuse();
  }
  std::vector<MapRunProgress> progress(std::string_view execution_arn) const override;
  std::optional<MapRunProgress> map_run_progress(std::string_view map_run_arn) const override;
  std::vector<reading::ExecutionItem> running_children(std::string_view) const override {
    return {};
  }
  bool runs() const override { return false; }
  bool wait(std::string_view, int64_t) const override { return false; }

 private:
  static std::unexpected<base::Error> refuse() {
    return base::fail(base::ErrorCode::kUnavailable,
                      "This server shows what lies in a data directory and runs nothing");
  }

  std::optional<MapRunProgress> progress_of(records::MapRunRecord run) const;

  const reading::Query& query_;
  const store::Store* store_;
  std::unique_ptr<Programs> programs_;
  mutable sync::Mutex mutex_;
  mutable std::map<uint64_t, MapRunProgress> known_ WEFT_GUARDED_BY(mutex_);  // open runs
};

}  // namespace weft::running
