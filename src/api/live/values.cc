#include "api/live/values.h"

#include <fmt/format.h>

#include "api/query/question.h"
#include "base/hash.h"
#include "history/rows.h"
#include "records/records.h"
#include "store/store.h"

namespace weft::api {
namespace {

// Of the list, those that a page shows first.
constexpr size_t kListed = 100;

aws::Answer begin(json::Arena& arena, std::string_view topic) {
  aws::Answer answer(arena);
  answer.text("topic", topic);
  return answer;
}

void add_version(std::string_view topic, std::string_view facts, LiveValues& values) {
  json::Arena arena;
  values["wm"] = begin(arena, topic).text("v", fmt::format("{:x}", base::fnv64(facts))).to_text();
}

void add_end(std::string_view topic, std::string_view status, LiveValues& values) {
  json::Arena arena;
  values["end"] = begin(arena, topic).text("status", status).to_text();
}

std::string facts_of(const history::MapRunCounts& counts) {
  return fmt::format("{},{},{},{},{},{};", counts.pending, counts.running, counts.succeeded,
                     counts.failed, counts.timed_out, counts.aborted);
}

std::string facts_of(running::Host& host, const records::MapRunRecord& run) {
  if (run.status != records::MapRunStatus::kRunning) {
    return fmt::format("{}:{}:{};", run.arn, records::to_string(run.status), run.revision);
  }
  const auto live = host.map_run_progress(run.arn);
  return run.arn + (live ? facts_of(live->items) : std::string("?;"));
}

LiveValues list_values(running::Host& host, std::string_view topic) {
  LiveValues values;
  const auto page = host.query().executions("", std::nullopt, kListed, "");
  if (!page) return values;
  std::string facts;
  for (const reading::ExecutionItem& row : page->rows) {
    facts += fmt::format("{:x}:{};", row.key.index, history::to_string(row.status));
    if (row.status != history::ExecutionStatus::kRunning) continue;
    const auto runs = host.query().map_runs(row.key);
    if (!runs) continue;
    for (const records::MapRunRecord& run : *runs) facts += facts_of(host, run);
  }
  add_version(topic, facts, values);
  return values;
}

// Its last turn's place: it moves on with every event.
std::string last_turn(const store::Store& store, history::ExecutionKey key) {
  std::string last;
  const auto scanned = store.scan(store::Family::kTurn, records::turn_key(key, 0),
                                  records::turn_key({key.run, key.index + 1}, 0), true,
                                  [&](std::string_view place, std::string_view /*turn*/) {
                                    last = place;
                                    return false;
                                  });
  return scanned ? last : std::string();
}

LiveValues execution_values(running::Host& host, std::string_view topic, std::string_view arn) {
  LiveValues values;
  const reading::Query& query = host.query();
  const auto key = query.find_execution(arn);
  if (!key) return values;
  std::string facts = last_turn(query.store(), *key);
  if (const auto runs = query.map_runs(*key)) {
    for (const records::MapRunRecord& run : *runs) facts += facts_of(host, run);
  }
  if (key->run == 0) {
    const auto record = query.execution_record(*key);
    if (!record) return values;
    facts += history::to_string(record->status);
    if (record->status != history::ExecutionStatus::kRunning) {
      add_end(topic, history::to_string(record->status), values);
    }
  }
  add_version(topic, facts, values);
  return values;
}

LiveValues map_run_values(running::Host& host, std::string_view topic, std::string_view arn) {
  LiveValues values;
  // The host first: a run that ends between the reads then has its final counts in the record.
  const auto live = host.map_run_progress(arn);
  const auto run = host.query().map_run(arn);
  if (!run) return values;
  const bool open = run->status == records::MapRunStatus::kRunning;
  json::Arena arena;
  values["counts"] =
      begin(arena, topic)
          .flag("reading", open && live && live->reading)
          .value("itemCounts", counts_value(open && live ? live->items : run->items, arena))
          .value("executionCounts",
                 counts_value(open && live ? live->executions : run->executions, arena))
          .to_text();
  const history::MapRunCounts& counts = open && live ? live->executions : run->executions;
  add_version(topic,
              fmt::format("{}:{}:{}:{}", facts_of(counts), records::to_string(run->status),
                          run->revision, run->changes.size()),
              values);
  if (!open) add_end(topic, records::to_string(run->status), values);
  return values;
}

}  // namespace

std::optional<std::string> own_version(const reading::Query& query, std::string_view arn) {
  const auto key = query.find_execution(arn);
  if (!key || key->run != 0) return std::nullopt;
  const auto record = query.execution_record(*key);
  const bool runs = record && record->status == history::ExecutionStatus::kRunning;
  if (!runs || record->imported) return std::nullopt;
  return last_turn(query.store(), *key);
}

LiveValues live_values(running::Host& host, std::string_view topic) {
  if (topic == "list") return list_values(host, topic);
  const size_t colon = topic.find(':');
  const std::string_view kind = topic.substr(0, colon);
  const std::string_view arn = topic.substr(colon + 1);
  if (kind == "exec") return execution_values(host, topic, arn);
  return map_run_values(host, topic, arn);
}

}  // namespace weft::api
