#pragma once

#include <cstdint>

#include "api/lambda/lambda_call.h"

namespace weft::api {

// A payload, in bytes. AWS: "Lambda quotas", invocation payload: 6 MB synchronous, 1 MB
// asynchronous.
inline constexpr uint64_t kRequestBytesMax = 6'291'456;
inline constexpr uint64_t kEventBytesMax = 1'048'576;
// X-Amz-Client-Context, in Base64. AWS: Invoke, "up to 3,583 bytes of base64-encoded data".
inline constexpr uint64_t kClientContextBytesMax = 3'583;

// The answer to a payload of more than `limit` bytes.
LambdaFault too_large(uint64_t limit);

}  // namespace weft::api
