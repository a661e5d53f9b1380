#include "arn/place.h"

namespace weft::arn {

bool is_at(const Home& identity, std::string_view arn) {
  const ArnParts parts = arn_parts(arn);
  return parts.partition == identity.partition && parts.region == identity.region &&
         parts.account == identity.account;
}

}  // namespace weft::arn
