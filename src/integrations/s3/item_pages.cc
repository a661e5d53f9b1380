#include "integrations/s3/item_pages.h"

#include <algorithm>
#include <charconv>

namespace weft::s3 {

using maprun::Configuration;
using maprun::PageRead;

PageRead state_page(const Configuration& configuration, const std::string& cursor) {
  size_t first = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), first);
  first = std::min(first, configuration.items.size());
  const size_t end = std::min(configuration.items.size(), first + kPageItems);
  PageRead page;
  page.items.assign(configuration.items.begin() + static_cast<std::ptrdiff_t>(first),
                    configuration.items.begin() + static_cast<std::ptrdiff_t>(end));
  page.cursor = std::to_string(end);
  page.keyed = configuration.keyed;
  page.last = end == configuration.items.size();
  return page;
}

ItemPage ItemPages::read(uint64_t run, std::shared_ptr<const Configuration> configuration,
                         const std::string& cursor, const Unwanted& unwanted) {
  Open open = take(run, cursor, unwanted);
  if (open.reading == nullptr) {
    open.configuration = std::move(configuration);
    open.unwanted = unwanted;
    open.reading = open_reading(*open.configuration, cursor, source_, parquet_, unwanted);
  }
  ItemPage page = open.reading->next_page();
  if (const auto* read = std::get_if<PageRead>(&page); read != nullptr && !read->last) {
    open.cursor = read->cursor;
    keep(run, std::move(open));
  }
  return page;
}

ItemPages::Open ItemPages::take(uint64_t run, const std::string& cursor, const Unwanted& unwanted) {
  const sync::MutexLock lock(mutex_);
  const auto found = open_.find(run);
  if (found == open_.end()) return {};
  Open open = std::move(found->second);
  open_.erase(found);
  // A run that was stopped and goes on wants what nobody wanted.
  if (open.cursor != cursor || open.unwanted != unwanted) return {};
  return open;
}

void ItemPages::keep(uint64_t run, Open open) {
  const sync::MutexLock lock(mutex_);
  open.used = ++uses_;
  open_.insert_or_assign(run, std::move(open));
  if (open_.size() <= kOpenMax) return;
  open_.erase(std::ranges::min_element(open_, {}, [](const auto& one) { return one.second.used; }));
}

}  // namespace weft::s3
