#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "aws/step_functions.h"
#include "base/error.h"
#include "runtime/import.h"
#include "store/store.h"

namespace weft::cli {

struct AwsImportOptions {
  std::string execution_arn;  // of a parent or a child
  int concurrency = 8;        // requests at once
  // Children whose events are held in memory before they are stored.
  size_t children_at_once = 2'000;
  // Told how many children of how many known ones have been read.
  std::function<void(uint64_t read, uint64_t known)> progress;
};

struct AwsImportReport {
  runtime::ImportReport report;  // of the last part for counts of executions; sums otherwise
  uint64_t events = 0;
  uint64_t children = 0;           // read
  std::vector<std::string> notes;  // what could not be read, and why
};

// Copies an execution out of AWS, or whatever answers like it, into a store nobody works on: its
// history and definition (GetExecutionHistory, DescribeExecution,
// DescribeStateMachineForExecution), its Map Runs (ListMapRuns, DescribeMapRun), their children
// (ListExecutions) and the children's histories. What is stored already is completed. Errors: of
// the execution itself and of the store; what else cannot be read becomes a note.
base::Result<AwsImportReport> import_from_aws(aws::StepFunctions& client, store::Store& store,
                                              const AwsImportOptions& options);

}  // namespace weft::cli
