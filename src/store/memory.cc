#include <array>
#include <map>

#include "store/store.h"
#include "sync/mutex.h"

namespace weft::store {
namespace {

using Rows = std::map<std::string, std::string, std::less<>>;

class MemoryStore final : public Store {
 public:
  base::Result<void> commit(Batch batch) override {
    const sync::WriterLock lock(mutex_);
    for (const Batch::Write& write : batch.writes()) {
      Rows& rows = families_[static_cast<size_t>(write.family)];
      if (write.removal) {
        rows.erase(write.key);
      } else {
        rows.insert_or_assign(write.key, write.value);
      }
    }
    return {};
  }

  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    const sync::ReaderLock lock(mutex_);
    const Rows& rows = families_[static_cast<size_t>(family)];
    auto found = rows.find(key);
    if (found == rows.end()) return std::nullopt;
    return found->second;
  }

  // Takes the lock anew for each step, so that `visit` may use the store.
  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool reverse,
                          const Visit& visit) const override {
    std::optional<std::string> last;
    while (true) {
      std::optional<std::pair<std::string, std::string>> row =
          reverse ? step_down(family, from, to, last) : step_up(family, from, to, last);
      if (!row || !visit(row->first, row->second)) return {};
      last = std::move(row->first);
    }
  }

 private:
  using Row = std::optional<std::pair<std::string, std::string>>;

  Row step_up(Family family, std::string_view from, std::string_view to,
              const std::optional<std::string>& last) const {
    const sync::ReaderLock lock(mutex_);
    const Rows& rows = families_[static_cast<size_t>(family)];
    auto at = last ? rows.upper_bound(*last) : rows.lower_bound(from);
    if (at == rows.end() || (!to.empty() && at->first >= to)) return std::nullopt;
    return *at;
  }

  Row step_down(Family family, std::string_view from, std::string_view to,
                const std::optional<std::string>& last) const {
    const sync::ReaderLock lock(mutex_);
    const Rows& rows = families_[static_cast<size_t>(family)];
    auto at = rows.end();
    if (last) {
      at = rows.lower_bound(*last);
    } else if (!to.empty()) {
      at = rows.lower_bound(to);
    }
    if (at == rows.begin()) return std::nullopt;
    --at;
    if (at->first < from) return std::nullopt;
    return *at;
  }

  mutable sync::SharedMutex mutex_;
  std::array<Rows, kFamilyCount> families_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Store> open_memory() { return std::make_unique<MemoryStore>(); }

}  // namespace weft::store
