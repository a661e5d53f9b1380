#include "store/rocksdb_log.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/write_batch.h>

#include "store/store_files.h"

namespace weft::store {
namespace {

constexpr size_t kBatchHeaderBytes = 12;  // RocksDB's: sequence number and count
// How the mark ends a batch: tag, family, length and bytes of the key, the same of the mark.
constexpr size_t kMarkRecordBytes = 1 + 1 + 1 + kCommitKey.size() + 1 + kCommitMarkBytes;

struct LoggedCommit {
  CommitMark mark;
  std::string_view body;  // what the mark's hash goes over
};

// Nothing when the batch does not end with a mark.
std::optional<LoggedCommit> commit_of(const rocksdb::WriteBatch& batch) {
  const std::string_view bytes = batch.Data();
  if (bytes.size() < kBatchHeaderBytes + kMarkRecordBytes) return std::nullopt;
  const std::string_view record = bytes.substr(bytes.size() - kMarkRecordBytes);
  if (record.substr(3, kCommitKey.size()) != kCommitKey) return std::nullopt;
  const auto mark = decode_commit_mark(record.substr(record.size() - kCommitMarkBytes));
  if (!mark) return std::nullopt;
  return LoggedCommit{
      .mark = *mark,
      .body = bytes.substr(kBatchHeaderBytes, bytes.size() - kBatchHeaderBytes - kMarkRecordBytes)};
}

std::string log_path(const std::string& directory, uint64_t number) {
  return fmt::format("{}/{:06}.log", directory, number);
}

struct NeededLogs {
  uint64_t keep = 0;          // what older logs held is in tables
  rocksdb::VectorLogPtr all;  // oldest first; the last one is being written
};

uint64_t newest_log_file(const std::string& directory) {
  uint64_t number = 0;
  for (const StoreFile& file : list_store_files(directory)) {
    if (file.name.ends_with(".log")) number = std::max(number, file_number(file.name).value_or(0));
  }
  return number;
}

base::Result<NeededLogs> needed_logs(const Database& database) {
  NeededLogs logs{.keep = oldest_needed_log(database)};
  const rocksdb::Status listed = database.db().GetSortedWalFiles(logs.all);
  if (!listed.ok()) return failure(listed, database.directory());
  std::erase_if(logs.all, [&](const auto& log) { return log->LogNumber() < logs.keep; });
  return logs;
}

std::unexpected<base::Error> broken(const std::string& directory, uint64_t log,
                                    const std::string& what) {
  return refusal(fmt::format("E_LOST_TAIL: {} ({})", what, log_path(directory, log)));
}

// Commits follow one another without a gap, and each is what its hash was made of.
base::Result<LogRead> read_commits(const Database& database, const rocksdb::LogFile& from) {
  const auto broken_at = [&](const std::string& what) {
    return broken(database.directory(), from.LogNumber(), what);
  };
  std::unique_ptr<rocksdb::TransactionLogIterator> commits;
  const rocksdb::Status found = database.db().GetUpdatesSince(from.StartSequence(), &commits);
  if (!found.ok()) return broken_at("the log cannot be read: " + found.ToString());
  LogRead read;
  for (; commits->Valid(); commits->Next()) {
    const rocksdb::BatchResult batch = commits->GetBatch();
    const auto commit = commit_of(*batch.writeBatchPtr);
    if (!commit) return broken_at("the log holds what is no commit");
    const CommitMark& mark = commit->mark;
    if (read.commits > 0 && mark != next_mark(read.last, mark.epoch, commit->body)) {
      return broken_at(
          fmt::format("in the log commit {} is followed by commit {}, or by another "
                      "one than was written",
                      read.last.ordinal, mark.ordinal));
    }
    if (read.commits++ == 0) read.first = mark;
    read.last = mark;
  }
  if (commits->status().ok()) return read;
  return broken_at("the log cannot be read: " + commits->status().ToString());
}

}  // namespace

uint64_t oldest_needed_log(const Database& database) {
  uint64_t number = 0;
  database.db().GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &number);
  return number;
}

base::Result<LogMark> first_log(const Database& database, const LogMark& known,
                                const std::function<uint64_t()>& newest) {
  const auto logs = needed_logs(database);
  if (!logs) return std::unexpected(logs.error());
  // RocksDB lists no empty one: the last that there is, into which the next commit goes.
  if (logs->all.empty())
    return LogMark{.number = newest_log_file(database.directory()), .ordinal = newest() + 1};
  const rocksdb::LogFile& first = *logs->all.front();
  if (first.LogNumber() == known.number) return known;
  const LogMark empty{.number = first.LogNumber(), .ordinal = newest() + 1};
  if (first.StartSequence() == 0) return empty;
  std::unique_ptr<rocksdb::TransactionLogIterator> commits;
  const rocksdb::Status found = database.db().GetUpdatesSince(first.StartSequence(), &commits);
  if (!found.ok() || !commits->Valid()) return empty;
  const rocksdb::BatchResult batch = commits->GetBatch();
  const auto commit = commit_of(*batch.writeBatchPtr);
  return LogMark{.number = first.LogNumber(), .ordinal = commit ? commit->mark.ordinal : 0};
}

base::Result<LogRead> check_log(const Database& database, const LogMark& known,
                                const CommitMark& last) {
  const std::string& directory = database.directory();
  const auto logs = needed_logs(database);
  if (!logs) return std::unexpected(logs.error());
  LogRead read;
  const auto first =
      std::ranges::find_if(logs->all, [](const auto& log) { return log->StartSequence() != 0; });
  if (first != logs->all.end()) {
    auto commits = read_commits(database, **first);
    if (!commits) return commits;
    read = *commits;
  }
  // A table that was written since may have made the log that is known needless.
  const bool needed = known.number >= logs->keep && known.ordinal <= last.ordinal;
  if (needed && (read.commits == 0 || read.first.ordinal > known.ordinal)) {
    return broken(directory, known.number,
                  fmt::format("the log lacks commits from {} on", known.ordinal));
  }
  if (read.commits == 0 || read.last == last) return read;
  return broken(directory, logs->all.back()->LogNumber(),
                fmt::format("the log ends with commit {}, and commit {} was written",
                            read.last.ordinal, last.ordinal));
}

}  // namespace weft::store
