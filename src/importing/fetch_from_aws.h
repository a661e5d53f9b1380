#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "aws/step_functions.h"
#include "base/error.h"
#include "importing/import.h"
#include "store/store.h"

namespace weft::importing {

// What is fetched, and the bounds of fetching.
struct AwsImportOptions {
  std::string execution_arn;  // of a parent or a child, valid
  int concurrency = 8;        // requests at once
  // Nested executions that are fetched; 0: none.
  uint64_t nested_max = 10'000;
  // What histories may hold in memory before they are stored; one more a request may come on top.
  uint64_t part_bytes = 128u << 20;
  // Told how many executions, children and nested ones, of how many known ones have been read.
  std::function<void(uint64_t read, uint64_t known)> progress;
};

struct AwsImportReport {
  ImportReport report;  // summed over the parts
  uint64_t events = 0;
  uint64_t left_out = 0;           // children and nested executions that could not be read
  std::vector<std::string> notes;  // what could not be read, and why
};

// Copies an execution out of AWS, or whatever answers like it, into a store nobody works on: its
// history and definition (GetExecutionHistory, DescribeExecution,
// DescribeStateMachineForExecution), its Map Runs (ListMapRuns, DescribeMapRun), their children
// (ListExecutions) and the children's histories; then the same of the executions that tasks of all
// these started, and of those they started. What is stored already is completed. Errors: of the
// execution itself and of the store; what else cannot be read becomes a note.
base::Result<AwsImportReport> import_from_aws(aws::StepFunctions& client, store::Store& store,
                                              const AwsImportOptions& options);

}  // namespace weft::importing
