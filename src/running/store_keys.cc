#include "running/store_keys.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "integrations/tokens/task_tokens.h"

namespace weft::running {
namespace {

using base::ErrorCode;
using base::fail;

base::Result<std::string> key_of(store::Store& store, std::string_view name, size_t bytes) {
  auto stored = store.get(store::Family::kMeta, name);
  if (!stored) return std::unexpected(stored.error());
  if (*stored && (*stored)->size() == bytes) return std::move(**stored);
  if (*stored) {
    return fail(ErrorCode::kStorage,
                fmt::format("The store is damaged: its {} has {} bytes, expected {}", name,
                            (*stored)->size(), bytes));
  }
  std::string key(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(bytes)) != 1)
    return fail(ErrorCode::kInternal, "The system has no random numbers");
  store::Batch batch;
  batch.put(store::Family::kMeta, std::string(name), key);
  if (auto written = store.commit(std::move(batch)); !written)
    return std::unexpected(written.error());
  return key;
}

}  // namespace

base::Result<StoreKeys> store_keys(store::Store& store) {
  const auto names = key_of(store, "child-name-key", sizeof(uint64_t));
  if (!names) return std::unexpected(names.error());
  auto tokens = key_of(store, "task-token-key", tokens::TaskTokens::kKeyBytes);
  if (!tokens) return std::unexpected(tokens.error());
  return StoreKeys{*store::read_u64(*names, 0), std::move(*tokens)};
}

}  // namespace weft::running
