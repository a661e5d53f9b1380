#include "columns/sampling.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/mix.h"
#include "columns/columns.h"

namespace weft::columns {
namespace {

constexpr size_t kFewDrawn = 5;         // of a stratum: they are left until all others are as few
constexpr uint64_t kErrorExamples = 3;  // beside the last and the slowest
constexpr size_t kSlowestOfAll = 20;
constexpr size_t kSlowestOfPath = 3;
constexpr uint64_t kFirst = 3;
constexpr size_t kLastKept = 3;
constexpr size_t kBudgetForLast = 20;  // below it the last are worth no place of their own
constexpr double kVarianceMin = 0.01;
constexpr uint64_t kOtherPaths = UINT64_MAX;
constexpr size_t kErrorsMax = 100'000;  // groups; further ones count as one
constexpr uint32_t kOtherErrors = UINT32_MAX;

uint64_t draw_of(uint64_t index) { return base::mix64(index + base::kMixStep); }

int bucket_of(const history::ChildRow& row) {
  return static_cast<int>(
      std::bit_width(static_cast<uint64_t>(std::max<int64_t>(0, row.duration_us))));
}

}  // namespace

std::string_view to_string(KeepReason reason) {
  switch (reason) {
    case KeepReason::kFirstOfError:
    case KeepReason::kErrorGroup:
      return "error_group";
    case KeepReason::kNewPath:
      return "rare_path";
    case KeepReason::kPinned:
      return "pinned";
    case KeepReason::kSlow:
      return "slow";
    case KeepReason::kFirst:
      return "first";
    case KeepReason::kLatencyBucket:
      return "latency_bucket";
    case KeepReason::kRandom:
      return "random";
    case KeepReason::kLast:
      return "last";
  }
  return "";
}

KeepReason Sampler::reason_of(const Child& child) {
  if (child.heir) return KeepReason::kRandom;
  for (size_t i = 0; i < kReasons; ++i) {
    if (child.claims[i] > 0) return static_cast<KeepReason>(i);
  }
  return KeepReason::kRandom;
}

Sampler::Order Sampler::order_of(uint64_t index, const Child& child) {
  const KeepReason reason = reason_of(child);
  const auto duration = static_cast<uint64_t>(std::max<int64_t>(0, child.row.duration_us));
  return {!child.certain, reason, reason == KeepReason::kSlow ? UINT64_MAX - duration : child.draw,
          index};
}

// Reasons are given to a child as it is taken; later it can only lose them, unless it is pinned.
void Sampler::claim(uint64_t index, KeepReason reason, int change) {
  const auto found = children_.find(index);
  if (found == children_.end() || found->second.heir) return;
  Child& child = found->second;
  const KeepReason before = reason_of(child);
  const Order place = order_of(index, child);
  uint16_t& claims = child.claims[static_cast<size_t>(reason)];
  if (change < 0 && claims == 0) return;  // of one that was taken back
  claims = static_cast<uint16_t>(claims + change);
  const KeepReason after = reason_of(child);
  if (after == before) return;
  if (before != KeepReason::kRandom) claimed_.erase(place);
  if (after == KeepReason::kRandom) return push_drawn(index, child);
  claimed_.insert(order_of(index, child));
  if (change < 0) make_certain(index, child);
}

// A child whose reason is one that nobody takes away is certain, while there are places for that.
// Certain children stand for themselves alone: whoever else of their stratum loses their place has
// an heir, one who is kept and stands for them, and that takes a place too.
void Sampler::make_certain(uint64_t index, Child& child) {
  const KeepReason reason = reason_of(child);
  if (child.certain || reason == KeepReason::kSlow || reason == KeepReason::kRandom) return;
  if (reason == KeepReason::kErrorGroup && !child.example) return;
  Stratum& stratum = strata_.at(child.stratum);
  if (stratum.lost && stratum.drawn.empty()) return;
  const size_t limit = reason == KeepReason::kFirstOfError ? certain_max_ : certain_max_ / 2;
  const size_t places = certain_places_ + (stratum.certain == 0 ? 2 : 1);
  if (certain_max_ < kCertainMin || places > limit) return;
  certain_places_ = places;
  ++stratum.certain;
  claimed_.erase(order_of(index, child));
  child.certain = true;
  claimed_.insert(order_of(index, child));
  certain_.push_back({.row = child.row, .reason = reason});
}

void Sampler::push_drawn(uint64_t index, const Child& child) {
  Stratum& stratum = strata_.at(child.stratum);
  if (child.draw >= stratum.threshold) return losers_.push_back(index);
  stratum.drawn.emplace_back(child.draw, index);
  std::ranges::push_heap(stratum.drawn);
}

void Sampler::note_error(const history::ChildRow& row) {
  const bool known = errors_.size() < kErrorsMax || errors_.contains(row.error_group);
  ErrorTally& group = errors_[known ? row.error_group : kOtherErrors];
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
  if (group.count > kErrorExamples) return;
  claim(row.index, KeepReason::kErrorGroup, 1);
  children_.at(row.index).example = true;
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

Sampler::Path& Sampler::path_of(uint64_t& path) {
  if (paths_.size() >= kPathsMax && !paths_.contains(path)) path = kOtherPaths;
  return paths_[path];
}

Sampler::StratumKey Sampler::stratum_of(const history::ChildRow& row, uint64_t path) const {
  const StratumKey key{path, row.error_group};
  if (strata_.size() < kStrataMax || strata_.contains(key)) return key;
  return {kOtherPaths, kOtherErrors};
}

// Whether a claim is due to it: otherwise only the draw decides.
bool Sampler::stands_out(const Last& child, const Path& path) const {
  const auto slow = [&](const std::vector<Ranked>& slowest, size_t limit) {
    return slowest.size() < limit || child.row.duration_us > slowest.back().duration;
  };
  return child.row.error_group != 0 || judged_ <= kFirst || path.count == 1 ||
         slow(slowest_, kSlowestOfAll) || slow(path.slowest, kSlowestOfPath) ||
         !path.buckets.contains(bucket_of(child.row)) || pinned_.contains(child.row.index);
}

void Sampler::add(const history::ChildRow& row, uint64_t path, std::vector<uint64_t>& gone) {
  ++count_;
  last_.push_back({row, path});
  if (last_.size() > (budget_ < kBudgetForLast ? 0 : kLastKept)) {
    take(last_.front(), gone);
    last_.pop_front();
  }
  evict(gone);
}

void Sampler::take(const Last& child, std::vector<uint64_t>& gone) {
  const history::ChildRow& row = child.row;
  uint64_t path = child.path;
  Path& way = path_of(path);
  ++judged_;
  ++way.count;
  const StratumKey key = stratum_of(row, path);
  Stratum& stratum = strata_[key];
  ++stratum.count;
  note_duration(row.duration_us, stratum);
  const uint64_t draw = draw_of(row.index);
  if (draw >= stratum.threshold && !stands_out(child, way)) {
    gone.push_back(row.index);
    note_lost({.row = row, .path = path, .stratum = key});
    return;
  }
  Child& taken = children_[row.index] = {.row = row, .path = path, .stratum = key, .draw = draw};
  if (judged_ <= kFirst) claim(row.index, KeepReason::kFirst, 1);
  if (row.error_group != 0) note_error(row);
  if (way.count == 1) claim(row.index, KeepReason::kNewPath, 1);
  note_slow(row, kSlowestOfAll, slowest_);
  note_slow(row, kSlowestOfPath, way.slowest);
  if (way.buckets.insert(bucket_of(row)).second) claim(row.index, KeepReason::kLatencyBucket, 1);
  if (pinned_.contains(row.index)) claim(row.index, KeepReason::kPinned, 1);
  if (reason_of(taken) == KeepReason::kRandom) return push_drawn(row.index, taken);
  make_certain(row.index, taken);
}

// Welford's running variance.
void Sampler::note_duration(int64_t duration_us, Stratum& stratum) {
  const double value = std::log1p(static_cast<double>(std::max<int64_t>(0, duration_us)));
  const double difference = value - stratum.mean;
  stratum.mean += difference / static_cast<double>(stratum.count);
  stratum.squares += difference * (value - stratum.mean);
}

// Durations that hardly differ count as if they did by a tenth: there is more to see than time.
double Sampler::variance_of(const Stratum& stratum) {
  return stratum.squares / static_cast<double>(stratum.count) + kVarianceMin;
}

// The stratum with the most drawn for its share, see the class. Strata with a few are left until
// all others have as few; then the one with the most goes first, the largest of them. Null when
// nobody is drawn, those aside who are the only heirs of their stratum.
Sampler::Stratum* Sampler::most_drawn() {
  Stratum* most = nullptr;
  std::pair<bool, double> excess;
  for (auto& [key, stratum] : strata_) {
    if (stratum.drawn.empty()) continue;
    if (stratum.certain > 0 && stratum.drawn.size() == 1) continue;
    const auto drawn = static_cast<double>(stratum.drawn.size());
    const auto all = static_cast<double>(stratum.count);
    const bool many = stratum.drawn.size() > kFewDrawn;
    const std::pair now{many,
                        many ? drawn * drawn / (all * variance_of(stratum)) : drawn - 1 / all};
    if (most != nullptr && now <= excess) continue;
    most = &stratum;
    excess = now;
  }
  return most;
}

// Of a stratum those with the highest draws go, and nobody with such a draw comes in again, so that
// whoever is left is an even sample of all of it, early and late.
uint64_t Sampler::drop_drawn(Stratum& stratum) {
  const auto [draw, index] = stratum.drawn.front();
  stratum.lost = true;
  stratum.threshold = draw;
  std::ranges::pop_heap(stratum.drawn);
  stratum.drawn.pop_back();
  return index;
}

// Whether it is one of the slowest few, for which everybody else gives way.
bool Sampler::is_sure(uint64_t index) const {
  const size_t sure = std::min({kSlowestSure, slowest_.size(), budget_ / 4});
  return std::any_of(slowest_.begin(), slowest_.begin() + static_cast<ptrdiff_t>(sure),
                     [&](const Ranked& one) { return one.index == index; });
}

// Nothing when only certain ones have a reason, and those who are sure unless `sure_ones`.
std::optional<uint64_t> Sampler::drop_claimed(bool sure_ones) {
  auto at = claimed_.end();
  while (at != claimed_.begin()) {
    --at;
    const auto [uncertain, reason, draw, index] = *at;
    if (!uncertain) break;
    if (!sure_ones && is_sure(index)) continue;
    at = claimed_.erase(at);
    Child& child = children_.at(index);
    Stratum& stratum = strata_.at(child.stratum);
    stratum.lost = true;
    if (stratum.certain == 0 || !stratum.drawn.empty()) return index;
    child.heir = true;
    push_drawn(index, child);
  }
  return std::nullopt;
}

void Sampler::drop_one(std::vector<uint64_t>& gone) {
  const size_t before = gone.size();
  while (!last_.empty() && size() <= kBudgetForLast) {
    take(last_.front(), gone);
    last_.pop_front();
  }
  drop_losers(gone);
  if (gone.size() > before || children_.empty()) return;
  Stratum* stratum = most_drawn();
  auto index = stratum != nullptr ? std::optional(drop_drawn(*stratum)) : drop_claimed(false);
  if (!index && stratum == nullptr) index = drop_claimed(true);
  if (index) lose(*index, gone);
}

void Sampler::lose(uint64_t index, std::vector<uint64_t>& gone) {
  const auto found = children_.find(index);
  note_lost({found->second.row, found->second.path, found->second.stratum});
  children_.erase(found);
  pinned_.erase(index);
  gone.push_back(index);
}

void Sampler::note_lost(Lost child) {
  if (pins_max_ == 0) return;
  recent_.push_back(std::move(child));
  if (recent_.size() > kRecentMax) recent_.pop_front();
}

bool Sampler::pin(uint64_t index, bool finished, std::vector<uint64_t>& gone) {
  if (pinned_.size() >= pins_max_ || pinned_.contains(index)) return false;
  const bool waits = std::ranges::any_of(
      last_, [&](const Last& child) { return child.row.index == index; });  // to be judged
  if (!finished || waits) return pinned_.insert(index).second;
  if (!children_.contains(index) && !take_back(index)) return false;
  Child& child = children_.at(index);
  if (child.certain || child.heir) return false;
  if (reason_of(child) == KeepReason::kRandom && !take_out_of_draw(index, child)) return false;
  pinned_.insert(index);
  claim(index, KeepReason::kPinned, 1);
  make_certain(index, child);
  evict(gone);
  return true;
}

// Of a child that lost its place lately. It is nobody's example or slowest any more.
bool Sampler::take_back(uint64_t index) {
  const auto lost =
      std::ranges::find_if(recent_, [&](const Lost& child) { return child.row.index == index; });
  if (lost == recent_.end()) return false;
  Child& child = children_[index] = {
      .row = lost->row, .path = lost->path, .stratum = lost->stratum, .draw = draw_of(index)};
  recent_.erase(lost);
  Stratum& stratum = strata_.at(child.stratum);  // among its drawn until it is pinned
  stratum.drawn.emplace_back(child.draw, index);
  return true;
}

// False when it is needed there: it alone stands for those its stratum lost.
bool Sampler::take_out_of_draw(uint64_t index, const Child& child) {
  Stratum& stratum = strata_.at(child.stratum);
  if (stratum.certain > 0 && stratum.drawn.size() == 1) return false;
  std::erase_if(stratum.drawn, [&](const auto& one) { return one.second == index; });
  std::ranges::make_heap(stratum.drawn);
  return true;
}

void Sampler::drop_losers(std::vector<uint64_t>& gone) {
  for (const uint64_t index : losers_) lose(index, gone);
  losers_.clear();
}

void Sampler::evict(std::vector<uint64_t>& gone) {
  drop_losers(gone);
  while (size() > budget_) drop_one(gone);
}

uint64_t Sampler::errors(uint32_t group) const {
  const auto found = errors_.find(group);
  const auto last =
      std::ranges::count(last_, group, [](const Last& child) { return child.row.error_group; });
  return (found == errors_.end() ? 0 : found->second.count) + static_cast<uint64_t>(last);
}

bool Sampler::keeps(uint64_t index) const {
  return children_.contains(index) ||
         std::ranges::any_of(last_, [&](const Last& child) { return child.row.index == index; });
}

// Of each stratum those kept for a reason stand for themselves, those drawn for all others; where
// nobody was drawn the certain ones share the others.
std::vector<Kept> Sampler::kept() const {
  struct Share {
    uint64_t all = 0;
    uint64_t certain = 0;
    uint64_t drawn = 0;
  };
  std::map<StratumKey, Share> shares;
  for (const auto& [key, stratum] : strata_) shares[key].all = stratum.count;
  std::vector<std::pair<Kept, StratumKey>> found;
  for (const auto& [index, child] : children_) {
    const KeepReason reason = reason_of(child);
    found.push_back({{.row = child.row, .path = child.path, .reason = reason}, child.stratum});
  }
  for (const Last& child : last_) {
    const bool known = paths_.contains(child.path) || paths_.size() < kPathsMax;
    const uint64_t path = known ? child.path : kOtherPaths;
    const StratumKey key = stratum_of(child.row, path);
    ++shares[key].all;
    const bool failed = child.row.error_group != 0;
    const KeepReason reason = pinned_.contains(child.row.index) ? KeepReason::kPinned
                              : failed                          ? KeepReason::kErrorGroup
                                                                : KeepReason::kLast;
    found.push_back({{.row = child.row, .path = path, .reason = reason}, key});
  }
  for (const auto& [one, key] : found) {
    Share& share = shares[key];
    ++(one.reason == KeepReason::kRandom ? share.drawn : share.certain);
  }
  std::vector<Kept> result;
  for (auto& [one, key] : found) {
    const Share& share = shares[key];
    const auto others = static_cast<double>(share.all - share.certain);
    if (share.drawn == 0) {
      one.weight = static_cast<double>(share.all) / static_cast<double>(share.certain);
    } else if (one.reason == KeepReason::kRandom) {
      one.weight = others / static_cast<double>(share.drawn);
    }
    result.push_back(one);
  }
  std::ranges::sort(result, {}, [](const Kept& one) { return one.row.index; });
  return result;
}

}  // namespace weft::columns
