#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "history/rows.h"

// Which finished children of a Map Run keep full detail (payloads, inner spans). Rows are never
// dropped, so counts and percentiles stay exact whatever is chosen here; this decides only where
// one can look inside (docs/internals/trace.md).

namespace weft::columns {

// Why a child was kept, strongest first.
enum class KeepReason : uint8_t {
  kFirstOfError,   // the first of its error group
  kNewPath,        // the first of its path
  kPinned,         // asked for by name (Sampler::pin())
  kErrorGroup,     // the last and the slowest of its error group, and some more
  kSlow,           // among the slowest, over all and of its path
  kFirst,          // among the first that finished
  kLatencyBucket,  // stands for a range of durations of its path
  kRandom,         // drawn; `weight` children are like it
  kLast            // among the last that finished
};
std::string_view to_string(KeepReason reason);

struct Kept {
  history::ChildRow row;
  uint64_t path = 0;
  KeepReason reason = KeepReason::kRandom;
  // How many children it stands for. The weights of all who took the same path and ended with the
  // same error sum to how many those are.
  double weight = 1;
};

// Decides as children finish, and never keeps more than `budget` of them at any moment. The
// slowest few of all, a quarter of the budget and kSlowestSure at most, are always among them. The
// same children in the same order give the same choice, so that one who lost it adds them again;
// who is drawn depends on the child's index alone. Places that nobody has a claim to are shared by
// the strata, children with the same path and error, by the square roots of their sizes times the
// standard deviations of the logarithms of their durations: of a stratum a hundred times as large
// ten times as many are drawn, and of one whose durations differ twice as much twice as many.
// Beyond kPathsMax paths, and as many strata,
// the others count as one.
class Sampler {
 public:
  // `settles`: whether children become certain(). Not where drop_one() is used.
  explicit Sampler(size_t budget, bool settles = true)
      : budget_(budget),
        certain_max_(settles && budget != SIZE_MAX ? budget / kCertainShare : 0),
        pins_max_(std::min(kPinsMax, budget / kPinShare)) {}

  // A finished child; `path` names the way it took: its states, attempts and their outcomes.
  // Appends to `gone` the indexes of children whose detail may go now, this one perhaps among them.
  void add(const history::ChildRow& row, uint64_t path, std::vector<uint64_t>& gone);
  std::vector<uint64_t> add(const history::ChildRow& row, uint64_t path) {
    std::vector<uint64_t> gone;
    add(row, path, gone);
    return gone;
  }

  // Keeps a child for being asked for, from now on and as far as places go: one that has not
  // finished, that is kept, or that lost its place lately. False, and nothing changes, when there
  // are pins for a tenth of the budget already, when it lost its place long ago, or when it is sure
  // to be kept without. `finished`: it was added.
  bool pin(uint64_t index, bool finished, std::vector<uint64_t>& gone);

  // Gives up the child that matters least, though the budget would hold it, or the few that do;
  // never one that is certain.
  void drop_one(std::vector<uint64_t>& gone);

  // A child that nothing takes away again, whose reason stays and whose weight is 1.
  struct Certain {
    history::ChildRow row;
    KeepReason reason = KeepReason::kFirst;
  };
  // They may be shown while others still come. In the order they became certain, later ones behind
  // earlier ones: at most a quarter of the budget, nobody where that is less than kCertainMin.
  const std::vector<Certain>& certain() const { return certain_; }

  // What is kept now, in order of index.
  std::vector<Kept> kept() const;
  bool keeps(uint64_t index) const;
  size_t size() const { return children_.size() + last_.size(); }
  size_t budget() const { return budget_; }
  // Exact, whatever is kept: all children, and those of each error group.
  uint64_t count() const { return count_; }
  uint64_t errors(uint32_t group) const;

  static constexpr size_t kPathsMax = 1'000;
  static constexpr size_t kStrataMax = 1'000;
  static constexpr size_t kCertainMin = 10;
  static constexpr size_t kSlowestSure = 5;    // as many as a waterfall shows
  static constexpr size_t kPinsMax = 1'000;    // whatever the budget
  static constexpr size_t kRecentMax = 4'096;  // who lost their places last and may be pinned

 private:
  static constexpr size_t kPinShare = 10;
  static constexpr size_t kCertainShare = 4;         // of the budget, one in so many
  static constexpr size_t kReasons = 7;              // before kRandom
  using StratumKey = std::pair<uint64_t, uint32_t>;  // path, error group
  struct Child {
    history::ChildRow row;
    uint64_t path = 0;
    StratumKey stratum;
    uint64_t draw = 0;                        // the smaller, the longer it is kept
    std::array<uint16_t, kReasons> claims{};  // by reason: how many lists hold it
    bool example = false;                     // of its error, for good
    bool certain = false;
    bool heir = false;  // claims no longer count: it stands for others of its stratum
  };
  struct Ranked {
    int64_t duration = 0;
    uint64_t index = 0;
  };
  struct ErrorTally {
    uint64_t count = 0;
    Ranked slowest;
    uint64_t last = 0;
  };
  struct Path {
    uint64_t count = 0;
    std::vector<Ranked> slowest;
    std::set<int> buckets;  // log2 of the durations that have a child
  };
  struct Stratum {
    uint64_t count = 0;
    double mean = 0;     // of the logarithms of durations
    double squares = 0;  // sum of their squared differences from it
    uint64_t certain = 0;
    bool lost = false;                                 // somebody who is not kept
    uint64_t threshold = UINT64_MAX;                   // of draws: nobody above is drawn any more
    std::vector<std::pair<uint64_t, uint64_t>> drawn;  // draw, index; a max-heap
  };
  // Not certain, reason, draw (of slow ones: the slower, the smaller), index.
  using Order = std::tuple<bool, KeepReason, uint64_t, uint64_t>;
  struct Last {
    history::ChildRow row;
    uint64_t path = 0;
  };

  struct Lost {
    history::ChildRow row;
    uint64_t path = 0;
    StratumKey stratum;
  };

  void take(const Last& child, std::vector<uint64_t>& gone);
  Path& path_of(uint64_t& path);
  bool stands_out(const Last& child, const Path& path) const;
  static void note_duration(int64_t duration_us, Stratum& stratum);
  static double variance_of(const Stratum& stratum);
  static KeepReason reason_of(const Child& child);
  static Order order_of(uint64_t index, const Child& child);
  void make_certain(uint64_t index, Child& child);
  void claim(uint64_t index, KeepReason reason, int change);
  StratumKey stratum_of(const history::ChildRow& row, uint64_t path) const;
  void push_drawn(uint64_t index, const Child& child);
  bool take_out_of_draw(uint64_t index, const Child& child);
  bool take_back(uint64_t index);
  void lose(uint64_t index, std::vector<uint64_t>& gone);
  void note_lost(Lost child);
  void note_error(const history::ChildRow& row);
  void note_slow(const history::ChildRow& row, size_t limit, std::vector<Ranked>& slowest);
  Stratum* most_drawn();
  uint64_t drop_drawn(Stratum& stratum);
  bool is_sure(uint64_t index) const;
  std::optional<uint64_t> drop_claimed(bool sure_ones);
  void drop_losers(std::vector<uint64_t>& gone);
  void evict(std::vector<uint64_t>& gone);

  const size_t budget_;
  const size_t certain_max_;
  const size_t pins_max_;
  uint64_t count_ = 0;   // added
  uint64_t judged_ = 0;  // of them those that are no longer among the last
  std::map<uint32_t, ErrorTally> errors_;
  std::map<uint64_t, Path> paths_;
  std::map<StratumKey, Stratum> strata_;
  std::vector<Ranked> slowest_;  // of all
  std::unordered_map<uint64_t, Child> children_;
  std::vector<Certain> certain_;
  size_t certain_places_ = 0;     // that they and their heirs may take
  std::set<Order> claimed_;       // those with a reason; the last goes first
  std::vector<uint64_t> losers_;  // lost their last claim, and no draw keeps them
  std::unordered_set<uint64_t> pinned_;
  std::deque<Lost> recent_;
  std::deque<Last> last_;  // finished last: kept, and judged when others came after them
};

}  // namespace weft::columns
