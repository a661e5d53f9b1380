#include "runtime/programs.h"

#include <fmt/format.h>
#include <openssl/sha.h>

namespace weft::runtime {

std::string definition_hash(std::string_view definition) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(definition.data()), definition.size(), digest);
  std::string hex;
  hex.reserve(2 * SHA256_DIGEST_LENGTH);
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

base::Result<std::shared_ptr<const asl::Program>> Programs::compile(
    const base::Text& definition, const asl::CompileOptions& options) {
  const std::string hash = definition_hash(definition.view());
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = programs_.find(hash); found != programs_.end()) return found->second;
  }
  asl::CompileResult result = asl::compile(definition, options);
  if (result.program == nullptr)
    return std::unexpected(asl::invalid_definition(result.diagnostics));
  const std::lock_guard lock(mutex_);
  return programs_.emplace(hash, std::move(result.program)).first->second;
}

base::Result<std::shared_ptr<const asl::Program>> Programs::get(const std::string& hash) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = programs_.find(hash); found != programs_.end()) return found->second;
  }
  auto text = store_.get(store::Family::kDefinition, hash);
  if (!text) return std::unexpected(text.error());
  if (!*text)
    return base::fail(base::ErrorCode::kStorage,
                      "the definition with sha256 " + hash + " is not in the store");
  return compile(base::Text(std::move(**text)), {.stored = true});
}

}  // namespace weft::runtime
