#include "reading/run_columns.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace weft::reading {
namespace {

using columns::Columns;

// Reads the inputs of all children and fills in the column of key prefixes.
base::Result<void> read_keys(const Query& query, uint64_t run, Columns& columns) {
  std::vector<uint32_t> by_index;
  columns::Dictionary prefixes;
  auto read = query.child_inputs(run, [&](uint64_t index, std::string_view input) {
    const uint32_t number = prefixes.number(columns::key_prefix(item_key(input)));
    if (index >= by_index.size()) by_index.resize(index + 1, number);
    by_index[index] = number;
    return true;
  });
  if (!read) return read;
  const uint32_t unknown = prefixes.number("");
  columns.key_prefix.clear();
  columns.key_prefix.reserve(columns.size());
  for (const uint64_t index : columns.index) {
    columns.key_prefix.push_back(index < by_index.size() ? by_index[index] : unknown);
  }
  columns.key_prefixes = std::move(prefixes);
  return {};
}

}  // namespace

std::string_view item_key(std::string_view input) {
  constexpr std::string_view kMember = "\"Key\"";
  for (size_t at = input.find(kMember); at != std::string_view::npos;
       at = input.find(kMember, at + 1)) {
    std::string_view rest = input.substr(at + kMember.size());
    const size_t colon = rest.find_first_not_of(" \t\r\n");
    if (colon == std::string_view::npos || rest[colon] != ':') continue;  // a value, no member
    rest.remove_prefix(colon + 1);
    const size_t quote = rest.find_first_not_of(" \t\r\n");
    if (quote == std::string_view::npos || rest[quote] != '"') continue;
    rest.remove_prefix(quote + 1);
    size_t end = 0;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    return rest.substr(0, end);
  }
  return {};
}

std::shared_ptr<RunColumns::Entry> RunColumns::entry(uint64_t run) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(entries_, [&](const auto& one) { return one->run == run; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    entries_.push_front(std::make_shared<Entry>());
    entries_.front()->run = run;
  }
  return entries_.front();
}

void RunColumns::drop_oldest() {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  auto one = entries_.begin();
  while (one != entries_.end()) {
    std::unique_lock reading((*one)->mutex, std::try_to_lock);
    if (reading) bytes += (*one)->columns->bytes();
    reading = {};
    one = bytes > bytes_max_ && one != entries_.begin() ? entries_.erase(one) : std::next(one);
  }
}

base::Result<std::shared_ptr<const Columns>> RunColumns::get(const Query& query,
                                                             const records::MapRunRecord& run,
                                                             bool keys) {
  const std::shared_ptr<Entry> kept = entry(run.number);
  std::shared_ptr<const Columns> answer;
  {
    const std::lock_guard lock(kept->mutex);
    // Whoever still reads the columns keeps the old ones.
    auto fresh = [&, copied = false]() mutable -> Columns& {
      if (!copied && kept->columns.use_count() > 1) {
        kept->columns = std::make_shared<Columns>(*kept->columns);
      }
      copied = true;
      return *kept->columns;
    };
    if (kept->revision != run.revision) {  // rows of an imported run may change
      kept->columns = std::make_shared<Columns>();
      kept->next_chunk = 0;
      kept->revision = run.revision;
    }
    if (kept->next_chunk == 0) kept->columns->origin_us = run.start_ms * 1'000;
    auto read = query.row_chunks(run.number, kept->next_chunk,
                                 [&](uint64_t chunk, std::span<const history::ChildRow> rows) {
                                   for (const history::ChildRow& row : rows) fresh().append(row);
                                   kept->next_chunk = chunk + 1;
                                   return true;
                                 });
    if (!read) return std::unexpected(read.error());
    if (keys && kept->columns->key_prefix.size() != kept->columns->size()) {
      if (auto known = read_keys(query, run.number, fresh()); !known) {
        return std::unexpected(known.error());
      }
    }
    answer = kept->columns;
  }
  drop_oldest();
  return answer;
}

}  // namespace weft::reading
