#include "trace/printed_keys.h"

namespace weft::trace {
namespace {

// Of a key without an end; RSA's with 16,384 bits has 200.
constexpr size_t kLinesMax = 256;

}  // namespace

bool PrintedKeys::next(const LogLine& line) {
  if (left_ > 0 && line.request_id == call_) {
    left_ = line.text.contains("-----END ") ? 0 : left_ - 1;
    return true;
  }
  const size_t begin = line.text.rfind("-----BEGIN ");
  if (begin == std::string::npos) return false;
  if (line.text.find("PRIVATE KEY-----", begin) == std::string::npos) return false;
  if (line.text.find("-----END ", begin) != std::string::npos) return false;
  call_ = line.request_id;
  left_ = kLinesMax;
  return false;
}

}  // namespace weft::trace
