#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/store.h"

// A store read from another process, page by page: scans become questions that may travel anywhere.

namespace weft::store {

// What Store::scan() takes, and how many bytes of entries to answer with: about, and one entry at
// least.
struct PageQuestion {
  Family family = Family::kMeta;
  std::string from;
  std::string to;
  bool reverse = false;
  size_t bytes = 0;
};

// A byte, 1 when there is more, then the entries: length u32 and bytes of the key, the same of the
// value. Errors: from the store.
base::Result<std::string> read_page(const Store& store, const PageQuestion& question);

using FetchPage = std::function<base::Result<std::string>(const PageQuestion&)>;

// A store that reads what `fetch` answers, as read_page() does elsewhere; it sees what is stored
// there at the moment of each page. Turns and spans are read ahead: open another to see what came
// to those already read. Takes no writes: kUnavailable. Thread-safe if `fetch` is.
// Errors: from `fetch`; kSerialization when a page is damaged.
std::unique_ptr<Store> open_paged(FetchPage fetch);

// Nothing when no family is called so.
std::optional<Family> family_of(std::string_view name);

}  // namespace weft::store
