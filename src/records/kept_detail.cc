#include "records/kept_detail.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <tuple>

#include "records/records.h"
#include "store/store.h"

namespace weft::records {
namespace {

using columns::KeepReason;
using store::Family;
using trace::DetailChoice;

constexpr size_t kFactsBytes = 4 * sizeof(uint64_t);
constexpr size_t kChildBytes = 2 * sizeof(uint64_t) + 1;
constexpr uint32_t kFactsPart = 0;
constexpr uint32_t kChildrenPart = 1;
constexpr uint32_t kDropsPart = 2;
constexpr uint32_t kPinsPart = 3;

// The value of a reason is stored: this order never changes.
constexpr std::array kReasons = {
    KeepReason::kFirstOfError,  KeepReason::kNewPath, KeepReason::kSlow, KeepReason::kFirst,
    KeepReason::kLatencyBucket, KeepReason::kRandom,  KeepReason::kLast, KeepReason::kPinned};

uint8_t code_of(std::string_view reason) {
  for (size_t i = 0; i < kReasons.size(); ++i) {
    if (columns::to_string(kReasons[i]) == reason) return static_cast<uint8_t>(i);
  }
  return 0;
}

std::unexpected<base::Error> damaged() {
  return base::fail(base::ErrorCode::kStorage,
                    "the stored choice of children with full detail is damaged");
}

std::string part_key(uint64_t run, uint32_t part) {
  std::string key = map_run_key(run);
  store::append_u32(key, part);
  return key;
}

// What was decided between two rows.
struct Decision {
  uint64_t rows = 0;   // there were so many
  uint64_t drops = 0;  // and so many had been given up since the last
  uint64_t order = 0;
  std::optional<uint64_t> pin;  // of this child, then
};

// In the order they were made. Pins of one moment follow the drops before them and precede others.
base::Result<std::vector<Decision>> read_decisions(const store::Store& store, uint64_t run) {
  std::vector<Decision> decisions;
  const size_t at = part_key(run, 0).size();
  const auto take_drops = [&](std::string_view key, std::string_view value) -> base::Result<bool> {
    const auto rows = store::read_u64(key, at);
    const auto drops = store::read_u64(value, 0);
    if (!rows || !drops) return damaged();
    decisions.push_back({.rows = *rows, .drops = *drops, .order = UINT64_MAX});
    return true;
  };
  const auto take_pin = [&](std::string_view key, std::string_view value) -> base::Result<bool> {
    const auto rows = store::read_u64(key, at);
    const auto order = store::read_u64(key, at + sizeof(uint64_t));
    const auto pin = store::read_u64(value, 0);
    const auto drops = store::read_u64(value, sizeof(uint64_t));
    if (!rows || !order || !pin || !drops) return damaged();
    decisions.push_back({.rows = *rows, .drops = *drops, .order = *order, .pin = *pin});
    return true;
  };
  auto read = store::scan_checked(store, Family::kDetail, part_key(run, kDropsPart),
                                  part_key(run, kPinsPart), false, take_drops);
  if (!read) return std::unexpected(read.error());
  read = store::scan_checked(store, Family::kDetail, part_key(run, kPinsPart),
                             part_key(run, kPinsPart + 1), false, take_pin);
  if (!read) return std::unexpected(read.error());
  std::ranges::sort(decisions, {},
                    [](const Decision& one) { return std::tuple(one.rows, one.drops, one.order); });
  return decisions;
}

}  // namespace

DetailChoice choice_of(const columns::Sampler& sampler) {
  DetailChoice choice{.budget = sampler.budget() == SIZE_MAX ? 0 : sampler.budget(),
                      .total = sampler.count(),
                      .kept = sampler.size()};
  if (choice.complete()) return choice;
  for (const columns::Kept& one : sampler.kept()) {
    choice.children.push_back(
        {.index = one.row.index, .reason = columns::to_string(one.reason), .weight = one.weight});
  }
  return choice;
}

// The layout is docs/internals/store-format.md.
std::string encode_detail_facts(const DetailChoice& choice) {
  std::string bytes;
  for (const uint64_t number : {choice.budget, choice.total, choice.kept, choice.late_spans,
                                choice.byte_budget, choice.bytes}) {
    store::append_u64(bytes, number);
  }
  return bytes;
}

std::string encode_detail_children(const DetailChoice& choice) {
  std::string bytes;
  bytes.reserve(choice.children.size() * kChildBytes);
  for (const DetailChoice::Child& child : choice.children) {
    store::append_u64(bytes, child.index);
    store::append_u64(bytes, std::bit_cast<uint64_t>(child.weight));
    bytes.push_back(static_cast<char>(code_of(child.reason)));
  }
  return bytes;
}

base::Result<DetailChoice> decode_detail(std::string_view facts, std::string_view children) {
  if (facts.size() < kFactsBytes || children.size() % kChildBytes != 0) return damaged();
  const auto fact = [&](size_t place) {  // 0 where an older program did not write it
    return store::read_u64(facts, place * sizeof(uint64_t)).value_or(0);
  };
  DetailChoice choice{.budget = fact(0),
                      .total = fact(1),
                      .kept = fact(2),
                      .late_spans = fact(3),
                      .byte_budget = fact(4),
                      .bytes = fact(5)};
  choice.children.reserve(children.size() / kChildBytes);
  for (size_t at = 0; at < children.size(); at += kChildBytes) {
    const auto index = store::read_u64(children, at);
    const auto weight = store::read_u64(children, at + sizeof(uint64_t));
    const auto code = static_cast<uint8_t>(children[at + kChildBytes - 1]);
    if (!index || !weight || code >= kReasons.size()) return damaged();
    choice.children.push_back({.index = *index,
                               .reason = columns::to_string(kReasons[code]),
                               .weight = std::bit_cast<double>(*weight)});
  }
  return choice;
}

Replayed::Replayed(const MapRunRecord& run)
    : sampler(run.detail_budget > 0 ? run.detail_budget : SIZE_MAX, run.detail_bytes == 0) {}

base::Result<Replayed> replay_choice(const store::Store& store, const MapRunRecord& run,
                                     const std::function<void(const history::ChildRow&)>& visit) {
  Replayed result(run);
  if (auto read = replay_further(store, run, visit, result); !read)
    return std::unexpected(read.error());
  return result;
}

base::Result<void> replay_further(const store::Store& store, const MapRunRecord& run,
                                  const std::function<void(const history::ChildRow&)>& visit,
                                  Replayed& result) {
  auto decisions = read_decisions(store, run.number);
  if (!decisions) return std::unexpected(decisions.error());
  auto next = std::ranges::lower_bound(*decisions, result.sampler.count(), {}, &Decision::rows);
  std::vector<uint64_t> gone;
  std::vector<bool>& finished = result.finished;
  const auto decide = [&] {
    for (; next != decisions->end() && next->rows == result.sampler.count(); ++next) {
      for (; result.drops < next->drops; ++result.drops) result.sampler.drop_one(gone);
      if (!next->pin || next->order < result.pins) continue;  // made already
      ++result.pins;
      const uint64_t index = *next->pin;
      result.sampler.pin(index, index < finished.size() && finished[index], gone);
    }
    gone.clear();
  };
  const auto take = [&](const history::ChildRow& row) {
    decide();
    result.drops = 0;
    result.sampler.add(row, row.path, gone);
    if (finished.size() <= row.index) finished.resize(std::max(row.index + 1, 2 * row.index));
    finished[row.index] = true;
    if (visit) visit(row);
  };
  const auto rows = store::scan_checked(
      store, Family::kRow, row_key(run.number, result.next_chunk), row_key(run.number + 1, 0),
      false, [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto place = parse_row_key(key);
        if (!place) return std::unexpected(place.error());
        const auto chunk = decode_own_rows(value);
        if (!chunk) return std::unexpected(chunk.error());
        std::ranges::for_each(*chunk, take);
        result.next_chunk = place->chunk + 1;
        return true;
      });
  if (!rows) return rows;
  decide();
  return {};
}

base::Result<std::vector<std::string>> detail_decision_keys(const store::Store& store,
                                                            uint64_t run) {
  std::vector<std::string> keys;
  const auto read = store.scan(Family::kDetail, part_key(run, kDropsPart),
                               part_key(run, kPinsPart + 1), false, [&](auto key, auto) {
                                 keys.emplace_back(key);
                                 return true;
                               });
  if (!read) return std::unexpected(read.error());
  return keys;
}

std::string detail_pin_key(uint64_t run, uint64_t rows, uint64_t pin) {
  std::string key = part_key(run, kPinsPart);
  store::append_u64(key, rows);
  store::append_u64(key, pin);
  return key;
}

std::string detail_drops_key(uint64_t run, uint64_t rows) {
  std::string key = part_key(run, kDropsPart);
  store::append_u64(key, rows);
  return key;
}

std::string detail_facts_key(uint64_t run) { return part_key(run, kFactsPart); }
std::string detail_children_key(uint64_t run) { return part_key(run, kChildrenPart); }

}  // namespace weft::records
