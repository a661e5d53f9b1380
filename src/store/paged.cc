#include "store/paged.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "sync/mutex.h"

namespace weft::store {
namespace {

using base::ErrorCode;
using base::fail;

// Most scans are short; long ones take larger pages as they go on.
constexpr size_t kFirstPageBytes = 64 << 10;
constexpr size_t kPageBytesMax = 4 << 20;
constexpr size_t kPageGrowth = 4;

void append_text(std::string& page, std::string_view text) {
  WEFT_CHECK(text.size() <= UINT32_MAX);  // S6: what is written can be read: lengths are u32
  append_u32(page, static_cast<uint32_t>(text.size()));
  page += text;
}

// Takes a text off the front of `rest`; false when it is cut.
bool take_text(std::string_view& rest, std::string_view& text) {
  const std::optional<uint32_t> size = read_u32(rest, 0);
  if (!size) return false;
  rest.remove_prefix(sizeof(uint32_t));
  if (rest.size() < *size) return false;
  text = rest.substr(0, *size);
  rest.remove_prefix(*size);
  return true;
}

std::unexpected<base::Error> damaged() {
  return fail(ErrorCode::kSerialization, "A page of a store that is read from afar is damaged");
}

struct Entries {
  std::vector<std::pair<std::string, std::string>> list;
  bool more = false;
};

base::Result<Entries> entries_of(std::string_view page) {
  if (page.empty()) return damaged();
  Entries entries{.list = {}, .more = page.front() != 0};
  page.remove_prefix(1);
  std::string_view key;
  std::string_view value;
  while (!page.empty()) {
    if (!take_text(page, key) || !take_text(page, value)) return damaged();
    entries.list.emplace_back(key, value);
  }
  if (entries.more && entries.list.empty()) return damaged();
  return entries;
}

// The first key behind `key`.
std::string behind(std::string_view key) {
  std::string next(key);
  next.push_back('\0');
  return next;
}

// What was read ahead of one family: all entries from a key on. Whoever reads many short ranges one
// after another, as those of children are, asks once for many. How far to read ahead follows from
// how much of it was of use the last time.
class ReadAhead {
 public:
  // Null when it does not hold all of that range.
  std::shared_ptr<const Entries> find(std::string_view from, std::string_view to) {
    const bool covers =
        entries_ != nullptr && from >= from_ && (!entries_->more || (!to.empty() && to <= end_));
    uses_ += covers ? 1 : 0;
    return covers ? entries_ : nullptr;
  }
  // How many bytes to read from the next key on.
  size_t bytes() {
    bytes_ = uses_ > 2 ? std::min(kMax, bytes_ * kPageGrowth) : std::max(kMin, bytes_ / 2);
    return bytes_;
  }
  void keep(std::string_view from, Entries entries) {
    // S5: where there is more, the page says from where: entries_of() refuses others.
    WEFT_CHECK(!entries.more || !entries.list.empty());
    from_ = from;
    end_ = entries.more ? behind(entries.list.back().first) : "";
    entries_ = std::make_shared<const Entries>(std::move(entries));
    uses_ = 0;
  }

 private:
  static constexpr size_t kMin = 8 << 10;
  static constexpr size_t kMax = 2 << 20;

  std::string from_;
  std::string end_;
  std::shared_ptr<const Entries> entries_;
  size_t bytes_ = kMin;
  size_t uses_ = 0;
};

class PagedStore final : public Store {
 public:
  explicit PagedStore(FetchPage fetch) : fetch_(std::move(fetch)) {}

  base::Result<void> commit(Batch) override {
    return fail(ErrorCode::kUnavailable, "This store can only be read");
  }

  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    std::optional<std::string> found;
    auto read =
        scan(family, key, behind(key), false, [&](std::string_view, std::string_view value) {
          found = value;
          return false;
        });
    if (!read) return std::unexpected(read.error());
    return found;
  }

  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool reverse,
                          const Visit& visit) const override {
    const bool of_children = family == Family::kTurn || family == Family::kSpan;
    if (of_children && !reverse && !to.empty()) return scan_ahead(family, from, to, visit);
    return scan_pages({.family = family,
                       .from = std::string(from),
                       .to = std::string(to),
                       .reverse = reverse,
                       .bytes = kFirstPageBytes},
                      visit);
  }

 private:
  base::Result<void> scan_pages(PageQuestion question, const Visit& visit) const {
    while (true) {
      const auto page = fetch_(question);
      if (!page) return std::unexpected(page.error());
      const auto entries = entries_of(*page);
      if (!entries) return std::unexpected(entries.error());
      for (const auto& [key, value] : entries->list) {
        if (!visit(key, value)) return {};
      }
      if (!entries->more) return {};
      const std::string& last = entries->list.back().first;
      const bool goes_on =
          question.reverse ? question.to.empty() || last < question.to : last >= question.from;
      if (!goes_on) return damaged();
      (question.reverse ? question.to : question.from) = question.reverse ? last : behind(last);
      question.bytes = std::min(kPageBytesMax, question.bytes * kPageGrowth);
    }
  }

  base::Result<void> scan_ahead(Family family, std::string_view from, std::string_view to,
                                const Visit& visit) const {
    auto ahead = read_ahead(family, from, to);
    if (!ahead) return std::unexpected(ahead.error());
    if (*ahead == nullptr) {  // a long range
      return scan_pages({.family = family,
                         .from = std::string(from),
                         .to = std::string(to),
                         .bytes = kFirstPageBytes},
                        visit);
    }
    auto at = std::ranges::lower_bound((*ahead)->list, from, {},
                                       &std::pair<std::string, std::string>::first);
    for (; at != (*ahead)->list.end() && at->first < to; ++at) {
      if (!visit(at->first, at->second)) break;
    }
    return {};
  }

  // Entries that hold all of the range, or null.
  base::Result<std::shared_ptr<const Entries>> read_ahead(Family family, std::string_view from,
                                                          std::string_view to) const {
    const sync::MutexLock lock(mutex_);
    ReadAhead& ahead = ahead_[static_cast<size_t>(family)];
    if (auto entries = ahead.find(from, to)) return entries;
    const auto page =
        fetch_({.family = family, .from = std::string(from), .to = {}, .bytes = ahead.bytes()});
    if (!page) return std::unexpected(page.error());
    auto entries = entries_of(*page);
    if (!entries) return std::unexpected(entries.error());
    ahead.keep(from, std::move(*entries));
    return ahead.find(from, to);
  }

  const FetchPage fetch_;
  mutable sync::Mutex mutex_;
  mutable std::array<ReadAhead, kFamilyCount> ahead_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace

base::Result<std::string> read_page(const Store& store, const PageQuestion& question) {
  std::string page(1, '\0');
  auto read = store.scan(question.family, question.from, question.to, question.reverse,
                         [&](std::string_view key, std::string_view value) {
                           if (page.size() > question.bytes) {
                             page.front() = 1;
                             return false;
                           }
                           append_text(page, key);
                           append_text(page, value);
                           return true;
                         });
  if (!read) return std::unexpected(read.error());
  return page;
}

std::unique_ptr<Store> open_paged(FetchPage fetch) {
  return std::make_unique<PagedStore>(std::move(fetch));
}

std::optional<Family> family_of(std::string_view name) {
  for (size_t i = 0; i < kFamilyCount; ++i) {
    if (to_string(static_cast<Family>(i)) == name) return static_cast<Family>(i);
  }
  return std::nullopt;
}

}  // namespace weft::store
