#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::api {

// Opaque page tokens. A token carries a place and a mark of the request it belongs to, so that one
// used with another operation or other arguments is refused, as AWS does.
class PageToken {
 public:
  // `operation` and `arguments` must be equal on every page.
  PageToken(std::string_view operation, std::initializer_list<std::string_view> arguments);

  std::string encode(std::string_view place) const;
  // The place; "" for an empty token. kInvalidToken: "Invalid Token: 'Invalid token'".
  base::Result<std::string> decode(std::string_view token) const;

 private:
  std::string mark_;
};

}  // namespace weft::api
