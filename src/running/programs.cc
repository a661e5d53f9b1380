#include "running/programs.h"

#include "records/content_hash.h"
#include "sync/mutex.h"

namespace weft::running {

base::Result<std::shared_ptr<const asl::Program>> Programs::compile(
    const base::Text& definition, const asl::CompileOptions& options) {
  const std::string hash = records::content_hash(definition.view());
  {
    const sync::MutexLock lock(mutex_);
    if (const auto found = programs_.find(hash); found != programs_.end()) return found->second;
  }
  asl::CompileResult result = asl::compile(definition, options);
  if (result.program == nullptr)
    return std::unexpected(asl::invalid_definition(result.diagnostics));
  const sync::MutexLock lock(mutex_);
  return programs_.emplace(hash, std::move(result.program)).first->second;
}

base::Result<std::shared_ptr<const asl::Program>> Programs::get(const std::string& hash) {
  {
    const sync::MutexLock lock(mutex_);
    if (const auto found = programs_.find(hash); found != programs_.end()) return found->second;
  }
  auto text = store_.get(store::Family::kDefinition, hash);
  if (!text) return std::unexpected(text.error());
  if (!*text)
    return base::fail(base::ErrorCode::kStorage,
                      "the definition with sha256 " + hash + " is not in the store");
  return compile(base::Text(std::move(**text)), {.stored = true});
}

}  // namespace weft::running
