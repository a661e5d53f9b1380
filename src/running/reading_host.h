#pragma once

#include <string_view>
#include <vector>

#include "running/host.h"

namespace weft::running {

// A host of what lies in a store: it answers questions and runs nothing. What was running when the
// store was written still is, for whoever looks. Commands fail with kUnavailable.
class ReadingHost : public Host {
 public:
  // `query` outlives it.
  explicit ReadingHost(const reading::Query& query) : query_(query) {}

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
  std::vector<MapRunProgress> progress(std::string_view) const override { return {}; }
  std::optional<MapRunProgress> map_run_progress(std::string_view) const override { return {}; }
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

  const reading::Query& query_;
};

}  // namespace weft::running
