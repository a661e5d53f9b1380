#include "running/results.h"

#include <algorithm>

#include <fmt/format.h>

#include "history/outcome.h"
#include "json/object_text.h"
#include "maprun/json_array.h"
#include "maprun/slice.h"
#include "running/child_outcomes.h"
#include "running/replayed.h"

namespace weft::running {
namespace {

using history::ExecutionStatus;
using history::ResultFile;
using Transformation = maprun::Results::Transformation;

// Calls `add` for what the transformation makes of a child's output.
template <typename Add>
base::Result<void> add_output(Transformation transformation, std::string_view output, Add add) {
  const size_t first = output.find_first_not_of(" \t\r\n");
  const bool array = first != std::string_view::npos && output[first] == '[';
  if (transformation != Transformation::kFlatten || !array) return add(output);
  auto split = maprun::split_array(output, true, true, SIZE_MAX);
  if (!split) return std::unexpected(split.error());
  for (const std::string_view element : split->elements) {
    if (auto added = add(element); !added) return added;
  }
  return {};
}

// Not one is left out: those of a run that has ended are all stored.
base::Result<void> check_count(const records::MapRunRecord& record, uint64_t outcomes) {
  if (outcomes == record.executions.finished()) return {};
  return damaged(fmt::format("Map Run {} has {} children that ended, and the ends of {}",
                             record.number, record.executions.finished(), outcomes));
}

// What of a child's outcome is written: its record, or parts of its output.
template <typename Add>
base::Result<void> add_outcome(const maprun::Results& results, const arn::ChildNames& names,
                               const RunInfo& run, const ChildOutcome& child, Add add) {
  if (results.transformation == Transformation::kNone ||
      history::status_of(child.end.type) != ExecutionStatus::kSucceeded) {
    return add(result_record(names, run, child));
  }
  return add_output(results.transformation, child.end.text.view(), add);
}

// JSON Lines have a line break at their ends alone.
std::string on_one_line(std::string_view json) {
  std::string line(json);
  std::erase_if(line, [](char c) { return c == '\n' || c == '\r'; });  // not raw in a string
  return line;
}

// Each redrive writes to a folder of its own: what was written before stays.
std::string folder_of(const maprun::Results& results, const records::MapRunRecord& record) {
  std::string folder =
      maprun::joined_key(results.prefix, record.arn.substr(record.arn.rfind(':') + 1));
  if (record.redrive_count > 0) folder += fmt::format("/Redrive-{}", record.redrive_count);
  return folder;
}

// One writing of all files.
class Writing {
 public:
  Writing(const store::Store& store, uint64_t child_name_key, const WriteResults& what,
          const ResultTarget& target)
      : store_(store),
        names_(child_name_key),
        run_(*what.run),
        results_(what.configuration->results),
        target_(target),
        folder_(folder_of(results_, run_.record)),
        files_(target.bucket, folder_, results_.lines, target.file_bytes_max) {}

  base::Result<WrittenResults> run() {
    if (auto done = find_exported(); !done) return std::unexpected(done.error());
    if (auto done = ended(); !done) return std::unexpected(done.error());
    if (auto done = pending(); !done) return std::unexpected(done.error());
    auto files = files_.finish();
    if (!files) return std::unexpected(files.error());
    WrittenResults written{.manifest_key = maprun::joined_key(folder_, "manifest.json"),
                           .files = std::move(earlier_)};
    std::ranges::move(*files, std::back_inserter(written.files));
    auto manifest = target_.bucket.create(written.manifest_key);
    if (!manifest) return std::unexpected(manifest.error());
    auto put =
        (*manifest)->append(maprun::manifest_text(results_.bucket, run_.record.arn, written.files));
    if (put) put = (*manifest)->finish();
    if (!put) return std::unexpected(put.error());
    return written;
  }

  void remove() {
    for (const ResultFile& file : files_.files()) (void)target_.bucket.remove(file.key);
  }

 private:
  base::Result<void> add(ResultFile::Kind kind, std::string_view record) {
    if (results_.lines) return files_.add(kind, on_one_line(record));
    return files_.add(kind, record);
  }

  base::Result<void> go_on() const {
    if (!target_.stopping || !target_.stopping()) return {};
    return base::fail(base::ErrorCode::kUnavailable, "The server is stopping");
  }

  // Successes that stand in files of an earlier redrive.
  base::Result<void> find_exported() {
    const records::MapRunRecord& record = run_.record;
    for (const ResultFile& file : record.result_files) {
      const auto size = target_.bucket.size_of(file.key);
      if (!size) return std::unexpected(size.error());
      if (*size != file.bytes) return {};  // whose results it had nobody knows by now
    }
    earlier_ = record.result_files;
    if (record.exported_chunk == 0) return {};
    return store::scan_checked(store_, store::Family::kRow, records::row_key(record.number, 0),
                               records::row_key(record.number, record.exported_chunk), false,
                               [&](std::string_view, std::string_view value) -> base::Result<bool> {
                                 const auto rows = records::decode_own_rows(value);
                                 if (!rows) return std::unexpected(rows.error());
                                 for (const history::ChildRow& row : *rows) {
                                   if (row.status != ExecutionStatus::kSucceeded) continue;
                                   if (exported_.size() <= row.index)
                                     exported_.resize(row.index + 1);
                                   exported_[row.index] = true;
                                 }
                                 return true;
                               });
  }

  base::Result<void> ended() {
    uint64_t outcomes = 0;
    auto scanned = scan_outcomes(
        store_, run_.record.number, [&](const ChildOutcome& child) -> base::Result<bool> {
          if (auto on = go_on(); !on) return std::unexpected(on.error());
          ++outcomes;
          if (ended_.size() <= child.index) ended_.resize(child.index + 1);
          ended_[child.index] = true;
          if (child.index < exported_.size() && exported_[child.index]) return true;
          const bool succeeded = history::status_of(child.end.type) == ExecutionStatus::kSucceeded;
          const auto kind = succeeded ? ResultFile::Kind::kSucceeded : ResultFile::Kind::kFailed;
          auto added = add_outcome(results_, names_, run_, child,
                                   [&](std::string_view json) { return add(kind, json); });
          if (!added) return std::unexpected(added.error());
          return true;
        });
    return scanned ? check_count(run_.record, outcomes) : scanned;
  }

  // Those that have an input and no outcome.
  base::Result<void> pending() {
    if (run_.record.executions.pending == 0) return {};
    const uint64_t number = run_.record.number;
    return store::scan_checked(store_, store::Family::kSlice, records::slice_key(number, 0),
                               records::slice_key(number + 1, 0), false,
                               [&](std::string_view, std::string_view value) -> base::Result<bool> {
                                 if (auto on = go_on(); !on) return std::unexpected(on.error());
                                 auto slice = maprun::decode_slice(value);
                                 if (!slice) return std::unexpected(slice.error());
                                 for (size_t i = 0; i < slice->children.size(); ++i) {
                                   const uint64_t index = slice->first_index + i;
                                   if (index < ended_.size() && ended_[index]) continue;
                                   auto added =
                                       add(ResultFile::Kind::kPending,
                                           pending_record(slice->children[i].input.view()));
                                   if (!added) return std::unexpected(added.error());
                                 }
                                 return true;
                               });
  }

  const store::Store& store_;
  const arn::ChildNames names_;
  const RunInfo& run_;
  const maprun::Results& results_;
  const ResultTarget& target_;
  const std::string folder_;
  maprun::ResultFiles files_;
  std::vector<bool> ended_;          // by index
  std::vector<bool> exported_;       // the same
  std::vector<ResultFile> earlier_;  // with the results of those
};

}  // namespace

base::Result<base::Text> collect_results(const store::Store& store, uint64_t child_name_key,
                                         const CollectResults& what, size_t bytes_max) {
  const maprun::Results& results = what.configuration->results;
  // Flattened, the brackets of the outputs are not in the result.
  if (results.transformation != Transformation::kFlatten && what.output_bytes > bytes_max)
    return base::Text();
  const arn::ChildNames names(child_name_key);
  std::string result = "[";
  const auto add = [&](std::string_view json) -> base::Result<void> {
    if (result.size() > 1) result += ',';
    result += json;
    return {};
  };
  uint64_t outcomes = 0;
  auto scanned = scan_outcomes(store, what.run->record.number,
                               [&](const ChildOutcome& child) -> base::Result<bool> {
                                 ++outcomes;
                                 auto added = add_outcome(results, names, *what.run, child, add);
                                 if (!added) return std::unexpected(added.error());
                                 return result.size() <= bytes_max;
                               });
  if (!scanned) return std::unexpected(scanned.error());
  if (result.size() >= bytes_max) return base::Text();
  if (auto all = check_count(what.run->record, outcomes); !all) return std::unexpected(all.error());
  result += ']';
  return base::Text(std::move(result));
}

base::Result<void> try_results(maprun::ResultBucket& bucket, const maprun::Results& results,
                               const records::MapRunRecord& run) {
  // As long as any name of a result file can be: what is too long fails now.
  const std::string key =
      maprun::joined_key(folder_of(results, run), ".weft_test_of_the_result_writer");
  auto object = bucket.create(key);
  if (!object) return std::unexpected(object.error());
  auto written = (*object)->append("Weft writes this to see whether it may.\n");
  if (written) written = (*object)->finish();
  if (written) (void)bucket.remove(key);  // to remove it may be forbidden
  return written;
}

base::Result<WrittenResults> write_results(const store::Store& store, uint64_t child_name_key,
                                           const WriteResults& what, const ResultTarget& target) {
  Writing writing(store, child_name_key, what, target);
  auto written = writing.run();
  const bool stopped = target.stopping && target.stopping();
  if (!written && !stopped) writing.remove();
  return written;
}

engine::MapRunClosed closed_run(const records::MapRunRecord& record) {
  engine::MapRunClosed closed{.map_run = record.number, .redrives = record.redrive_count};
  if (record.status != records::MapRunStatus::kSucceeded) {
    closed.status = ExecutionStatus::kFailed;
    closed.error = record.error;
    closed.cause = record.cause;
    return closed;
  }
  json::ObjectText details;
  details.text("Bucket", record.result_bucket);
  details.text("Key", record.result_key);
  json::ObjectText output;
  output.text("MapRunArn", record.arn);
  output.raw("ResultWriterDetails", details.finish());
  closed.result = base::Text(output.finish());
  return closed;
}

}  // namespace weft::running
