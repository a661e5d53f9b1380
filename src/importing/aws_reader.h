#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/step_functions.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "cloudwatch/log_event.h"
#include "json/value.h"

namespace weft::importing {

// One execution as GetExecutionHistory tells it.
struct AwsHistory {
  std::string arn;
  std::vector<cloudwatch::LogEvent> events;
  uint64_t rejected = 0;  // events that could not be read
  std::string reject;     // why the last of them could not

  base::UnixMs start_ms() const { return events.empty() ? 0 : events.front().event.time_ms; }
};

// What AWS's API says about executions. Errors carry AWS's name and message. history() may be
// called by several threads at once, the others by one.
class AwsReader {
 public:
  // `client` outlives the reader.
  explicit AwsReader(aws::StepFunctions& client) : client_(client) {}

  // `map_run_arn`: of a child, else "".
  base::Result<AwsHistory> history(const std::string& arn, const std::string& map_run_arn);
  // The Map Run that the execution is a child of; "" when it is none.
  base::Result<std::string> map_run_of(const std::string& arn);
  // What the execution ran by. One that ran while the definition asked for before was the current
  // one of its state machine is given that without asking.
  base::Result<base::Text> definition(const std::string& arn, base::UnixMs start_ms);
  base::Result<std::vector<std::string>> map_runs(const std::string& arn);
  base::Result<std::vector<std::string>> children(const std::string& map_run_arn);
  // How many children of a Map Run have started; 0 when AWS does not say.
  uint64_t started_children(const std::string& map_run_arn);

 private:
  // A definition and the starts of the executions that surely ran by it.
  struct Definition {
    base::Text text;
    base::UnixMs from_ms = 0;
    base::UnixMs to_ms = 0;
  };

  // Calls `visit` with each page of `operation`.
  base::Result<void> pages(const std::string& operation, std::string_view name,
                           const std::string& arn, const std::function<void(json::Value)>& visit);
  base::Result<std::vector<std::string>> list(const std::string& operation, std::string_view name,
                                              const std::string& arn, std::string_view items,
                                              std::string_view member);

  aws::StepFunctions& client_;
  std::map<std::string, Definition> definitions_;  // the last one, by ARN of executions, less name
};

}  // namespace weft::importing
