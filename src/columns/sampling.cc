#include "columns/sampling.h"

#include <algorithm>
#include <bit>

#include "columns/columns.h"

namespace weft::columns {
namespace {

constexpr uint64_t kErrorExamples = 3;  // beside the last and the slowest
constexpr size_t kSlowestOfAll = 20;
constexpr size_t kSlowestOfPath = 3;
constexpr uint64_t kFirst = 3;

// splitmix64: spreads indexes evenly, the same on every machine.
uint64_t draw_of(uint64_t index) {
  uint64_t x = index + 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

std::string_view to_string(KeepReason reason) {
  switch (reason) {
    case KeepReason::kFirstOfError:
    case KeepReason::kErrorGroup:
      return "error_group";
    case KeepReason::kNewPath:
      return "rare_path";
    case KeepReason::kSlow:
      return "slow";
    case KeepReason::kFirst:
      return "first";
    case KeepReason::kLatencyBucket:
      return "latency_bucket";
    case KeepReason::kRandom:
      return "random";
  }
  return "";
}

KeepReason Sampler::reason_of(const Child& child) {
  for (size_t i = 0; i < kReasons; ++i) {
    if (child.claims[i] > 0) return static_cast<KeepReason>(i);
  }
  return KeepReason::kRandom;
}

void Sampler::claim(uint64_t index, KeepReason reason, int change) {
  const auto found = children_.find(index);
  if (found == children_.end()) return;
  Child& child = found->second;
  order_.erase({reason_of(child), child.draw, index});
  uint16_t& claims = child.claims[static_cast<size_t>(reason)];
  claims = static_cast<uint16_t>(claims + change);
  order_.insert({reason_of(child), child.draw, index});
}

void Sampler::note_error(const history::ChildRow& row) {
  ErrorGroup& group = errors_[row.error_group];
  if (group.count++ == 0) {
    claim(row.index, KeepReason::kFirstOfError, 1);
  } else {
    claim(group.last, KeepReason::kErrorGroup, -1);
  }
  group.last = row.index;
  claim(row.index, KeepReason::kErrorGroup, 1);
  if (group.count == 1 || row.duration_us > group.slowest.duration) {
    if (group.count > 1) claim(group.slowest.index, KeepReason::kErrorGroup, -1);
    group.slowest = {row.duration_us, row.index};
    claim(row.index, KeepReason::kErrorGroup, 1);
  }
  if (group.count <= kErrorExamples) claim(row.index, KeepReason::kErrorGroup, 1);
}

void Sampler::note_slow(const history::ChildRow& row, size_t limit, std::vector<Ranked>& slowest) {
  if (slowest.size() == limit && row.duration_us <= slowest.back().duration) return;
  const auto place = std::ranges::find_if(
      slowest, [&](const Ranked& one) { return one.duration < row.duration_us; });
  slowest.insert(place, {row.duration_us, row.index});
  claim(row.index, KeepReason::kSlow, 1);
  if (slowest.size() <= limit) return;
  claim(slowest.back().index, KeepReason::kSlow, -1);
  slowest.pop_back();
}

std::vector<uint64_t> Sampler::add(const history::ChildRow& row, uint64_t path) {
  const uint64_t draw = draw_of(row.index);
  children_[row.index] = {.row = row, .path = path, .draw = draw};
  order_.insert({KeepReason::kRandom, draw, row.index});
  if (count_++ < kFirst) claim(row.index, KeepReason::kFirst, 1);
  if (row.error_group != 0) note_error(row);
  Path& way = paths_[path];
  if (way.count++ == 0) claim(row.index, KeepReason::kNewPath, 1);
  note_slow(row, kSlowestOfAll, slowest_);
  note_slow(row, kSlowestOfPath, way.slowest);
  const auto bucket = static_cast<int>(
      std::bit_width(static_cast<uint64_t>(std::max<int64_t>(0, row.duration_us))));
  if (way.buckets.insert(bucket).second) claim(row.index, KeepReason::kLatencyBucket, 1);
  std::vector<uint64_t> gone;
  evict(gone);
  return gone;
}

// First those drawn whose draw is above the threshold, so that whoever is left is an even sample of
// all, early and late; then the weakest until the budget holds.
void Sampler::evict(std::vector<uint64_t>& gone) {
  while (!order_.empty()) {
    const auto [reason, draw, index] = *order_.rbegin();
    const bool random = reason == KeepReason::kRandom;
    if (children_.size() <= budget_ && !(random && draw >= threshold_)) return;
    if (random) threshold_ = std::min(threshold_, draw);
    order_.erase(std::prev(order_.end()));
    children_.erase(index);
    gone.push_back(index);
  }
}

uint64_t Sampler::errors(uint32_t group) const {
  const auto found = errors_.find(group);
  return found == errors_.end() ? 0 : found->second.count;
}

std::vector<Kept> Sampler::kept() const {
  std::map<uint64_t, std::pair<uint64_t, uint64_t>> of_path;  // certain, drawn
  for (const auto& [index, child] : children_) {
    auto& [certain, drawn] = of_path[child.path];
    ++(reason_of(child) == KeepReason::kRandom ? drawn : certain);
  }
  std::vector<Kept> result;
  for (const auto& [index, child] : children_) {
    const KeepReason reason = reason_of(child);
    const auto [certain, drawn] = of_path.at(child.path);
    const auto all = static_cast<double>(paths_.at(child.path).count);
    double weight = 1;
    if (drawn == 0) {  // nobody drawn: the certain ones stand for the others too
      weight = all / static_cast<double>(certain);
    } else if (reason == KeepReason::kRandom) {
      weight = (all - static_cast<double>(certain)) / static_cast<double>(drawn);
    }
    result.push_back({.row = child.row, .path = child.path, .reason = reason, .weight = weight});
  }
  std::ranges::sort(result, {}, [](const Kept& one) { return one.row.index; });
  return result;
}

}  // namespace weft::columns
