#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace weft::s3 {

// MD5 as S3 uses it: for ETags and Content-MD5, not for security.
class Md5 {
 public:
  using Digest = std::array<unsigned char, 16>;

  Md5();
  void append(std::string_view bytes);
  // Ends the computation.
  Digest finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

std::string to_hex(const Md5::Digest& digest);

}  // namespace weft::s3
