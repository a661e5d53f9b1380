#include "integrations/s3/md5.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace weft::s3 {
namespace {

EVP_MD_CTX* context_of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

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
  std::string out;
  for (unsigned char byte : digest) {
    out.push_back("0123456789abcdef"[byte >> 4]);
    out.push_back("0123456789abcdef"[byte & 15]);
  }
  return out;
}

bool from_hex(std::string_view hex, Md5::Digest& digest) {
  if (hex.size() != 2 * digest.size()) return false;
  for (size_t i = 0; i < digest.size(); ++i) {
    int high = digit(hex[2 * i]);
    int low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

}  // namespace weft::s3
