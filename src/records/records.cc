#include "records/records.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "history/codec.h"
#include "json/arena.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/value.h"
#include "json/write.h"

namespace weft::records {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionKey;
using json::Value;

constexpr std::array<std::string_view, 3> kSettingNames = {"concurrency", "toleratedFailureCount",
                                                           "toleratedFailurePercentage"};
constexpr std::array<std::string_view, 4> kMapRunStatusNames = {"RUNNING", "SUCCEEDED", "FAILED",
                                                                "ABORTED"};

// Writes one record. Empty strings and zeros are left out: reading gives them back as defaults.
class RecordWriter {
 public:
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) members_.add_ref(name, Value::string_ref(value));
  }
  void number(std::string_view name, int64_t value) {
    if (value != 0) members_.add_ref(name, Value::integer(value));
  }
  void count(std::string_view name, uint64_t value) { number(name, static_cast<int64_t>(value)); }
  void real(std::string_view name, double value) {
    if (value != 0) members_.add_ref(name, Value::number(value));
  }
  void flag(std::string_view name, bool value) {
    if (value) members_.add_ref(name, Value::boolean(true));
  }
  void key(std::string_view name, const ExecutionKey& value) {
    json::ArrayBuilder pair(arena_);
    pair.push(Value::integer(static_cast<int64_t>(value.run)));
    pair.push(Value::integer(static_cast<int64_t>(value.index)));
    members_.add_ref(name, pair.finish());
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    json::ArrayBuilder all(arena_);
    for (const std::string& value : values) all.push(Value::string_ref(value));
    members_.add_ref(name, all.finish());
  }
  void counts(std::string_view name, const history::MapRunCounts& value) {
    json::ArrayBuilder all(arena_);
    for (uint64_t count : {value.pending, value.running, value.succeeded, value.failed,
                           value.timed_out, value.aborted, value.total, value.results_written,
                           value.failures_not_redrivable, value.pending_redrive}) {
      all.push(Value::integer(static_cast<int64_t>(count)));
    }
    members_.add_ref(name, all.finish());
  }
  void changes(std::string_view name, const std::vector<LimitChange>& changes) {
    if (changes.empty()) return;
    json::ArrayBuilder all(arena_);
    for (const LimitChange& change : changes) {
      json::ArrayBuilder one(arena_);
      one.push(Value::integer(static_cast<int64_t>(change.setting)));
      one.push(Value::integer(change.at_ms));
      one.push(Value::number(change.from));
      one.push(Value::number(change.to));
      all.push(one.finish());
    }
    members_.add_ref(name, all.finish());
  }
  void files(std::string_view name, const std::vector<history::ResultFile>& files) {
    if (files.empty()) return;
    json::ArrayBuilder all(arena_);
    for (const history::ResultFile& file : files) {
      json::ArrayBuilder one(arena_);
      one.push(Value::integer(static_cast<int64_t>(file.kind)));
      one.push(Value::string_ref(file.key));
      one.push(Value::integer(static_cast<int64_t>(file.bytes)));
      one.push(Value::integer(static_cast<int64_t>(file.records)));
      all.push(one.finish());
    }
    members_.add_ref(name, all.finish());
  }
  void trace(std::string_view name, const trace::Context& value) {
    if (value.trace.low == 0) return;
    const std::string text =
        fmt::format("{}-{}-{}", value.trace.hex(), trace::hex_of(value.span), value.priority);
    members_.add_ref(name, Value::string(text, arena_));
  }
  void tags(std::string_view name, const Tags& tags) {
    if (tags.empty()) return;
    json::ArrayBuilder all(arena_);
    for (const auto& [key, value] : tags) {
      json::ArrayBuilder tag(arena_);
      tag.push(Value::string_ref(key));
      tag.push(Value::string_ref(value));
      all.push(tag.finish());
    }
    members_.add_ref(name, all.finish());
  }
  std::string finish() { return json::to_text(members_.finish()); }

 private:
  json::Arena arena_;
  json::ObjectBuilder members_{arena_};
};

// Reads one record; absent members give defaults.
class RecordReader {
 public:
  static base::Result<RecordReader> open(std::string_view bytes, std::string_view what,
                                         json::Arena& arena) {
    auto parsed = json::parse(bytes, arena);
    if (!parsed || !parsed->is_object()) {
      return fail(ErrorCode::kStorage, "The stored record of a " + std::string(what) +
                                           " is not a JSON object: the store is damaged");
    }
    return RecordReader(*parsed);
  }
  std::string text(std::string_view name) const {
    return std::string(value_.find(name).as_string());
  }
  int64_t number(std::string_view name) const { return value_.find(name).as_int(); }
  uint64_t count(std::string_view name) const { return static_cast<uint64_t>(number(name)); }
  double real(std::string_view name) const { return value_.find(name).as_double(); }
  bool flag(std::string_view name) const { return value_.find(name).as_bool(); }
  ExecutionKey key(std::string_view name) const {
    const Value pair = value_.find(name);
    return {element(pair, 0), element(pair, 1)};
  }
  std::optional<std::vector<std::string>> texts(std::string_view name) const {
    const Value all = value_.find(name);
    if (!all.is_array()) return std::nullopt;
    std::vector<std::string> values;
    for (size_t i = 0; i < all.size(); ++i) values.emplace_back(all.item(i).as_string());
    return values;
  }
  history::MapRunCounts counts(std::string_view name) const {
    const Value all = value_.find(name);
    return {.pending = element(all, 0),
            .running = element(all, 1),
            .succeeded = element(all, 2),
            .failed = element(all, 3),
            .timed_out = element(all, 4),
            .aborted = element(all, 5),
            .total = element(all, 6),
            .results_written = element(all, 7),
            .failures_not_redrivable = element(all, 8),
            .pending_redrive = element(all, 9)};
  }
  std::vector<LimitChange> changes(std::string_view name) const {
    std::vector<LimitChange> changes;
    const Value all = value_.find(name);
    for (uint32_t i = 0; all.is_array() && i < all.size(); ++i) {
      const Value one = all.item(i);
      const uint64_t setting = element(one, 0);
      if (setting >= kSettingNames.size() || one.size() != 4) continue;
      changes.push_back({.setting = static_cast<LimitChange::Setting>(setting),
                         .at_ms = one.item(1).as_int(),
                         .from = one.item(2).as_double(),
                         .to = one.item(3).as_double()});
    }
    return changes;
  }
  std::vector<history::ResultFile> files(std::string_view name) const {
    std::vector<history::ResultFile> files;
    const Value all = value_.find(name);
    for (uint32_t i = 0; all.is_array() && i < all.size(); ++i) {
      const Value one = all.item(i);
      const uint64_t kind = element(one, 0);
      if (kind >= history::kResultKinds || one.size() != 4) continue;
      files.push_back({.kind = static_cast<history::ResultFile::Kind>(kind),
                       .key = std::string(one.item(1).as_string()),
                       .bytes = element(one, 2),
                       .records = element(one, 3)});
    }
    return files;
  }
  Tags tags(std::string_view name) const {
    Tags tags;
    const Value all = value_.find(name);
    for (uint32_t i = 0; all.is_array() && i < all.size(); ++i) {
      const Value tag = all.item(i);
      if (tag.is_array() && tag.size() == 2)
        tags.emplace_back(tag.item(0).as_string(), tag.item(1).as_string());
    }
    return tags;
  }
  trace::Context trace(std::string_view name) const {
    const std::string_view text = value_.find(name).as_string();
    if (text.size() < 51) return {};
    const auto hex = [&](size_t from) {
      uint64_t number = 0;
      std::from_chars(text.data() + from, text.data() + from + 16, number, 16);
      return number;
    };
    return {.trace = {.high = hex(0), .low = hex(16)}, .span = hex(33), .priority = text[50] - '0'};
  }
  history::ExecutionStatus status() const {
    history::ExecutionStatus result = history::ExecutionStatus::kRunning;
    history::parse_status(value_.find("status").as_string(), result);
    return result;
  }

 private:
  explicit RecordReader(Value value) : value_(value) {}
  static uint64_t element(const Value& array, size_t i) {
    return array.is_array() && i < array.size() ? static_cast<uint64_t>(array.item(i).as_int()) : 0;
  }

  Value value_;
};

void add_settings(RecordWriter& out, const LoggingConfiguration& logging, bool tracing) {
  if (logging.level != history::LoggingLevel::kOff)
    out.text("logLevel", history::to_string(logging.level));
  out.flag("logData", logging.include_execution_data);
  if (logging.destinations) out.texts("logGroups", *logging.destinations);
  out.flag("tracing", tracing);
}

MachineSettings settings_of(const RecordReader& in) {
  return {.logging = {.level = history::parse_logging_level(in.text("logLevel"))
                                   .value_or(history::LoggingLevel::kOff),
                      .include_execution_data = in.flag("logData"),
                      .destinations = in.texts("logGroups")},
          .tracing = in.flag("tracing")};
}

}  // namespace

std::string_view to_string(LimitChange::Setting setting) {
  return kSettingNames[static_cast<size_t>(setting)];
}

std::string_view to_string(MapRunStatus status) {
  return kMapRunStatusNames[static_cast<size_t>(status)];
}

std::string labelled_machine(const MapRunRecord& run) {
  return fmt::format("{}/{}", run.machine_name, run.label);
}

std::string child_arn_prefix(const MapRunRecord& run) {
  return arn::sibling_arn(run.arn, run.express ? "express" : "execution",
                          labelled_machine(run) + ':');
}

std::string child_arn(const MapRunRecord& run, const arn::ChildNames& names, uint64_t index) {
  return child_arn_prefix(run) + names.name_in_arn({run.number, index}, run.express);
}

std::string encode(const MachineRecord& record) {
  RecordWriter out;
  out.text("name", record.name);
  out.text("arn", record.arn);
  out.text("roleArn", record.role_arn);
  out.flag("express", record.express);
  out.number("created", record.created_ms);
  out.text("definition", record.definition_hash);
  add_settings(out, record.logging, record.tracing);
  out.text("revision", record.revision_id);
  out.number("updated", record.updated_ms);
  out.tags("tags", record.tags);
  return out.finish();
}

base::Result<MachineRecord> decode_machine(std::string_view bytes) {
  json::Arena arena;
  auto in = RecordReader::open(bytes, "state machine", arena);
  if (!in) return std::unexpected(in.error());
  MachineSettings settings = settings_of(*in);
  return MachineRecord{.name = in->text("name"),
                       .arn = in->text("arn"),
                       .role_arn = in->text("roleArn"),
                       .express = in->flag("express"),
                       .created_ms = in->number("created"),
                       .definition_hash = in->text("definition"),
                       .logging = std::move(settings.logging),
                       .tracing = settings.tracing,
                       .revision_id = in->text("revision"),
                       .updated_ms = in->number("updated"),
                       .tags = in->tags("tags")};
}

std::string encode(const ExecutionRecord& record) {
  RecordWriter out;
  out.key("key", record.key);
  out.text("name", record.name);
  out.text("arn", record.arn);
  out.text("machine", record.machine_name);
  out.text("machineArn", record.machine_arn);
  out.text("roleArn", record.role_arn);
  out.text("definition", record.definition_hash);
  out.text("revision", record.revision_id);
  out.number("revisionMs", record.revision_ms);
  if (record.settings) {
    out.flag("settings", true);
    add_settings(out, record.settings->logging, record.settings->tracing);
  }
  out.text("traceHeader", record.trace_header);
  out.trace("trace", record.trace);
  out.text("inputHash", record.input_hash);
  out.text("startedBy", record.started_by);
  out.text("parentArn", record.parent_arn);
  if (record.detail_of.run != 0) out.key("detailOf", record.detail_of);
  if (record.waiting_task != 0) {
    out.key("waiter", record.waiter);
    out.number("waitingTask", record.waiting_task);
  }
  out.flag("express", record.express);
  out.text("status", history::to_string(record.status));
  out.number("start", record.start_ms);
  out.number("stop", record.stop_ms);
  out.count("redrives", record.redrive_count);
  out.number("redriven", record.redrive_ms);
  out.text("redriveToken", record.redrive_token);
  out.flag("imported", record.imported);
  out.flag("lost", record.lost);
  return out.finish();
}

base::Result<ExecutionRecord> decode_execution(std::string_view bytes) {
  json::Arena arena;
  auto in = RecordReader::open(bytes, "execution", arena);
  if (!in) return std::unexpected(in.error());
  return ExecutionRecord{
      .key = in->key("key"),
      .name = in->text("name"),
      .arn = in->text("arn"),
      .machine_name = in->text("machine"),
      .machine_arn = in->text("machineArn"),
      .role_arn = in->text("roleArn"),
      .definition_hash = in->text("definition"),
      .revision_id = in->text("revision"),
      .revision_ms = in->number("revisionMs"),
      .settings = in->flag("settings") ? std::optional(settings_of(*in)) : std::nullopt,
      .trace_header = in->text("traceHeader"),
      .trace = in->trace("trace"),
      .input_hash = in->text("inputHash"),
      .started_by = in->text("startedBy"),
      .parent_arn = in->text("parentArn"),
      .detail_of = in->key("detailOf"),
      .waiter = in->key("waiter"),
      .waiting_task = static_cast<uint32_t>(in->number("waitingTask")),
      .express = in->flag("express"),
      .status = in->status(),
      .start_ms = in->number("start"),
      .stop_ms = in->number("stop"),
      .redrive_count = static_cast<uint32_t>(in->number("redrives")),
      .redrive_ms = in->number("redriven"),
      .redrive_token = in->text("redriveToken"),
      .imported = in->flag("imported"),
      .lost = in->flag("lost")};
}

std::string encode(const MapRunRecord& record) {
  RecordWriter out;
  out.count("number", record.number);
  out.text("arn", record.arn);
  out.text("executionArn", record.execution_arn);
  out.key("parent", record.parent);
  out.count("parentScope", record.parent_scope);
  out.count("state", record.state);
  out.text("stateName", record.state_name);
  out.text("label", record.label);
  out.flag("express", record.express);
  out.text("machine", record.machine_name);
  out.text("definition", record.definition_hash);
  out.text("roleArn", record.role_arn);
  out.text("configuration", record.configuration);
  out.text("status", to_string(record.status));
  out.number("start", record.start_ms);
  out.number("stop", record.stop_ms);
  out.number("maxConcurrency", record.max_concurrency);
  out.real("toleratedFailurePercentage", record.tolerated_failure_percentage);
  out.number("toleratedFailureCount", record.tolerated_failure_count);
  out.changes("changes", record.changes);
  out.counts("items", record.items);
  out.counts("executions", record.executions);
  out.text("error", record.error);
  out.text("cause", record.cause);
  if (record.closing) out.text("closing", to_string(*record.closing));
  out.text("resultBucket", record.result_bucket);
  out.text("resultKey", record.result_key);
  out.files("resultFiles", record.result_files);
  out.count("redrives", record.redrive_count);
  out.number("redriven", record.redrive_ms);
  out.count("generationChunk", record.generation_chunk);
  out.count("exportedChunk", record.exported_chunk);
  out.count("detailBudget", record.detail_budget);
  out.count("detailBytes", record.detail_bytes);
  out.trace("trace", record.trace);
  out.flag("imported", record.imported);
  out.flag("lost", record.lost);
  out.count("revision", record.revision);
  return out.finish();
}

base::Result<MapRunRecord> decode_map_run(std::string_view bytes) {
  json::Arena arena;
  auto in = RecordReader::open(bytes, "Map Run", arena);
  if (!in) return std::unexpected(in.error());
  MapRunRecord record{.number = in->count("number"),
                      .arn = in->text("arn"),
                      .execution_arn = in->text("executionArn"),
                      .parent = in->key("parent"),
                      .parent_scope = static_cast<history::ScopeId>(in->number("parentScope")),
                      .state = static_cast<uint32_t>(in->number("state")),
                      .state_name = in->text("stateName"),
                      .label = in->text("label"),
                      .express = in->flag("express"),
                      .machine_name = in->text("machine"),
                      .definition_hash = in->text("definition"),
                      .role_arn = in->text("roleArn"),
                      .configuration = in->text("configuration"),
                      .start_ms = in->number("start"),
                      .stop_ms = in->number("stop"),
                      .max_concurrency = in->number("maxConcurrency"),
                      .tolerated_failure_percentage = in->real("toleratedFailurePercentage"),
                      .tolerated_failure_count = in->number("toleratedFailureCount"),
                      .changes = in->changes("changes"),
                      .items = in->counts("items"),
                      .executions = in->counts("executions"),
                      .error = in->text("error"),
                      .cause = in->text("cause"),
                      .result_bucket = in->text("resultBucket"),
                      .result_key = in->text("resultKey"),
                      .result_files = in->files("resultFiles"),
                      .redrive_count = static_cast<uint32_t>(in->number("redrives")),
                      .redrive_ms = in->number("redriven"),
                      .generation_chunk = in->count("generationChunk"),
                      .exported_chunk = in->count("exportedChunk"),
                      .detail_budget = in->count("detailBudget"),
                      .detail_bytes = in->count("detailBytes"),
                      .trace = in->trace("trace"),
                      .imported = in->flag("imported"),
                      .lost = in->flag("lost"),
                      .revision = in->count("revision")};
  const std::string status = in->text("status");
  const std::string closing = in->text("closing");
  for (size_t i = 0; i < kMapRunStatusNames.size(); ++i) {
    if (status == kMapRunStatusNames[i]) record.status = static_cast<MapRunStatus>(i);
    if (closing == kMapRunStatusNames[i]) record.closing = static_cast<MapRunStatus>(i);
  }
  return record;
}

base::Result<std::vector<history::ChildRow>> decode_own_rows(std::string_view bytes) {
  auto rows = history::decode_rows(bytes);
  if (!rows) return rows;
  for (const history::ChildRow& row : *rows) {
    if (row.index < base::kMapRunItemsMax) continue;
    return fail(ErrorCode::kStorage,
                fmt::format("The store is damaged: a row has the index {}, expected less than {}",
                            row.index, base::kMapRunItemsMax));
  }
  return rows;
}

history::DetailKey detail_key(const ExecutionRecord& record) {
  if (record.detail_of.run == 0) return record.key;
  return {record.detail_of, record.key.index};
}

}  // namespace weft::records
