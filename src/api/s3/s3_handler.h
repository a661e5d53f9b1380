#pragma once

#include <cstdint>
#include <string_view>

#include "integrations/s3/bucket_registry.h"
#include "net/http.h"
#include "net/worker_pool.h"

namespace weft::api {

// Answers S3's REST protocol (path style and virtual-hosted style) for the buckets of the registry:
// ListBuckets, Create-, Head-, DeleteBucket, ListObjects V1 and V2, GetBucketLocation, Get-, Head-,
// Put-, Copy-, DeleteObject(s), tagging of objects, all of multipart. Other sub-resources get
// NotImplemented.
//
// Signatures and credentials are NOT verified: whoever reaches the port may read and write all
// buckets, so the port belongs on the loopback interface or behind something that checks. Both
// arguments must outlive the handler.
net::Handler make_s3_handler(s3::BucketRegistry& buckets, net::WorkerPool& workers);

// How large the body of a request for S3 may be; only objects and parts may be large.
uint64_t s3_body_limit(const net::Request& request);
// The answer to a request for S3 whose body was not taken: too large (413) or no room for it (503).
net::Response refuse_s3_body(const net::Request& request, int status);

// Whether a request on the shared port is for S3: no X-Amz-Target, and, unless the host is S3's, no
// path whose first part is `elsewhere` than at S3. A browser that opens "/" is not S3 either.
bool is_s3_request(const net::Request& request, bool (*elsewhere)(std::string_view first));

}  // namespace weft::api
