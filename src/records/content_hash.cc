#include "records/content_hash.h"

#include <openssl/sha.h>

#include "base/encoding.h"

namespace weft::records {

std::string content_hash(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base::to_hex({reinterpret_cast<const char*>(digest), sizeof digest});
}

}  // namespace weft::records
