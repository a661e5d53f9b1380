#include "integrations/s3/md5.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "base/encoding.h"

namespace weft::s3 {
namespace {

EVP_MD_CTX* context_of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

void Md5::Free::operator()(void* context) const { EVP_MD_CTX_free(context_of(context)); }

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  WEFT_CHECK(EVP_DigestInit_ex(context_of(context_.get()), EVP_md5(), nullptr) == 1);
}

void Md5::append(std::string_view bytes) {
  EVP_DigestUpdate(context_of(context_.get()), bytes.data(), bytes.size());
}

Md5::Digest Md5::finish() {
  Digest digest{};
  EVP_DigestFinal_ex(context_of(context_.get()), digest.data(), nullptr);
  return digest;
}

std::string to_hex(const Md5::Digest& digest) {
  return base::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace weft::s3
