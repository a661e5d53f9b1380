#pragma once

#include <cstddef>
#include <cstdint>

// Bounds that mirror an AWS quota (AWS page "Step Functions service quotas") or that more than one
// folder keeps, with their units. One that one folder alone keeps stands there, beside its code.

namespace weft::base {

// A state's input, output, result, one variable, a child input: UTF-8 bytes of JSON. AWS: 256 KiB.
inline constexpr size_t kStateDataBytesMax = 262'144;
// A state machine definition. AWS: 1 MiB.
inline constexpr size_t kDefinitionBytesMax = 1'048'576;
// Nesting of JSON documents and of states inside states.
inline constexpr size_t kJsonDepthMax = 200;
inline constexpr size_t kBlockDepthMax = 40;
// Error and Cause of a failure. AWS: 256 and 32,768 characters.
inline constexpr size_t kErrorCharsMax = 256;
inline constexpr size_t kCauseCharsMax = 32'768;
// Names of state machines, executions, states. AWS: 80 characters.
inline constexpr size_t kNameCharsMax = 80;
// History events of a Standard execution. AWS: 25,000.
inline constexpr uint64_t kHistoryEventsMax = 25'000;
// Children of one Map Run at once. AWS: 10,000.
inline constexpr int64_t kMapRunConcurrencyMax = 10'000;
// Inline Map iterations at once. AWS: 40.
inline constexpr int64_t kInlineMapConcurrencyMax = 40;
// Items of one Map Run. AWS: 100,000,000.
inline constexpr uint64_t kMapRunItemsMax = 100'000'000;
// State transitions in one turn before the execution yields its shard.
inline constexpr int kTransitionsPerTurnMax = 256;
// One answer of a Lambda function. AWS: 6 MB (6,291,556 bytes); larger answers are an error of the
// function.
inline constexpr size_t kLambdaResponseBytesMax = 6'291'556;
// Turns waiting for the committer, and bytes in them, before shards pause.
inline constexpr size_t kCommitQueueTurnsMax = 16'384;
inline constexpr size_t kCommitQueueBytesMax = 32 * 1024 * 1024;
// What one call of a function may leave as printed lines, and as much again as log records: bytes,
// 16 for each line with them. Of what it printed the end is kept, of its records the beginning; the
// others are counted.
inline constexpr size_t kCallLogBytesMax = 64 * 1024;
// Spans and log lines of functions that wait to be stored; what comes beyond is dropped and
// counted.
inline constexpr size_t kSpanQueueBytesMax = 16 * 1024 * 1024;
// Items read ahead by one Map Run.
inline constexpr size_t kMapRunWindowItems = 2'000;
inline constexpr size_t kMapRunWindowBytes = 16 * 1024 * 1024;

// How often one Map Run, or one execution, can be redriven.
inline constexpr uint32_t kMapRunRedrivesMax = 1'000;
// One file of a ResultWriter. AWS: 5 GB.
inline constexpr uint64_t kResultFileBytesMax = uint64_t{5} << 30;

static_assert(kStateDataBytesMax < kDefinitionBytesMax);

}  // namespace weft::base
