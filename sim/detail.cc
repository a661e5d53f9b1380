#include "detail.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "history/codec.h"
#include "reading/query.h"
#include "records/kept_detail.h"
#include "world.h"

namespace weft::sim {
namespace {

using Violations = std::vector<std::string>;
using records::MapRunRecord;
using store::Family;

struct Stored {
  std::set<uint64_t> sequences;
  uint64_t bytes = 0;
};

// By child.
std::map<uint64_t, Stored> spans_of(const store::Store& store, uint64_t run) {
  std::map<uint64_t, Stored> spans;
  (void)store.scan(Family::kSpan, records::execution_key({run, 0}),
                   records::execution_key({run + 1, 0}), false,
                   [&](std::string_view key, std::string_view value) {
                     const records::DetailPlace at = *records::parse_detail_place(key);
                     Stored& one = spans[at.key.index];
                     one.sequences.insert(at.sequence);
                     one.bytes += value.size();
                     return true;
                   });
  return spans;
}

std::map<uint64_t, history::ChildRow> rows_of(const store::Store& store, uint64_t run) {
  std::map<uint64_t, history::ChildRow> rows;
  (void)store.scan(Family::kRow, records::row_key(run, 0), records::row_key(run + 1, 0), false,
                   [&](std::string_view, std::string_view value) {
                     for (const auto& row : *history::decode_rows(value)) rows[row.index] = row;
                     return true;
                   });
  return rows;
}

std::vector<MapRunRecord> runs_with_budgets(const store::Store& store) {
  std::vector<MapRunRecord> runs;
  (void)store.scan(Family::kMapRun, "", "", false, [&](std::string_view, std::string_view value) {
    auto run = records::decode_map_run(value);
    if (run && (run->detail_budget > 0 || run->detail_bytes > 0)) runs.push_back(std::move(*run));
    return true;
  });
  return runs;
}

void check_spans(const World& world, const MapRunRecord& run, const trace::DetailChoice& choice,
                 Violations& out) {
  const auto spans = spans_of(world.store(), run.number);
  for (const auto& [index, row] : rows_of(world.store(), run.number)) {
    const auto found = spans.find(index);
    if (choice.dropped(index)) {
      if (found != spans.end())
        out.push_back(
            fmt::format("child {} of Map Run {} lost its detail and has spans", index, run.number));
      continue;
    }
    const auto written = world.spans_written().find({run.number, index});
    const bool same = written == world.spans_written().end()
                          ? found == spans.end()
                          : found != spans.end() && found->second.sequences == written->second;
    if (!same) {
      out.push_back(
          fmt::format("child {} of Map Run {} was kept without all its spans", index, run.number));
    }
  }
}

void check_choice(const World& world, const MapRunRecord& run, Violations& out) {
  const auto choice = reading::Query(world.store(), world.settings().identity).detail(run.number);
  if (!choice || !*choice) {
    return out.push_back(fmt::format("Map Run {} has no choice of detail", run.number));
  }
  const auto rows = rows_of(world.store(), run.number);
  double weights = (*choice)->complete() ? static_cast<double>((*choice)->kept) : 0;
  for (const auto& child : (*choice)->children) weights += child.weight;
  if ((*choice)->total != rows.size() || weights > static_cast<double>(rows.size()) + 1e-6) {
    out.push_back(
        fmt::format("the choice of Map Run {} is of {} children, their weights {}, not {}",
                    run.number, (*choice)->total, weights, rows.size()));
  }
  check_spans(world, run, **choice, out);
  if (run.detail_bytes > 0) return;  // then it follows from the sizes of spans too
  auto replayed = records::replay_choice(world.store(), run, nullptr);
  if (!replayed || records::choice_of(replayed->sampler).children != (*choice)->children) {
    out.push_back(fmt::format("the choice of Map Run {} is not that of its rows", run.number));
  }
  std::set<uint32_t> errors;
  std::set<uint32_t> kept;
  for (const auto& [index, row] : rows) {
    errors.insert(row.error_group);
    if (!(*choice)->dropped(index)) kept.insert(row.error_group);
  }
  errors.erase(0);
  kept.erase(0);
  if (errors.size() <= run.detail_budget && kept != errors) {
    out.push_back(
        fmt::format("Map Run {} keeps {} of {} errors", run.number, kept.size(), errors.size()));
  }
}

}  // namespace

std::vector<std::string> check_detail_budgets(const store::Store& store) {
  Violations out;
  for (const MapRunRecord& run : runs_with_budgets(store)) {
    const auto rows = rows_of(store, run.number);
    uint64_t children = 0;
    uint64_t bytes = 0;
    for (const auto& [index, spans] : spans_of(store, run.number)) {
      if (!rows.contains(index)) continue;
      ++children;
      bytes += spans.bytes;
    }
    if ((run.detail_budget > 0 && children > run.detail_budget) ||
        (run.detail_bytes > 0 && bytes > run.detail_bytes)) {
      out.push_back(fmt::format(
          "{} finished children of Map Run {} keep {} bytes of spans; its budget is {} and {}",
          children, run.number, bytes, run.detail_budget, run.detail_bytes));
    }
  }
  return out;
}

std::vector<std::string> check_detail_choices(const World& world) {
  Violations out;
  for (const MapRunRecord& run : runs_with_budgets(world.store())) {
    // A redrive chooses among the children that it ran and those that had succeeded, of which some
    // have lost their spans before.
    if (run.redrive_count == 0) check_choice(world, run, out);
  }
  return out;
}

}  // namespace weft::sim
