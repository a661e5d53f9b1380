#pragma once

#include "integrations/s3/bucket_registry.h"
#include "net/http.h"
#include "net/worker_pool.h"

namespace weft::api {

// Answers S3's REST protocol (path style) for the buckets of the registry: ListBuckets, ListObjects
// V1 and V2, HeadBucket, GetBucketLocation, Get-, Head-, Put-, Copy-, DeleteObject(s), all of
// multipart. Other sub-resources get NotImplemented. Buckets cannot be made or removed here: they
// are directories named at the start.
//
// Signatures and credentials are NOT verified: whoever reaches the port may read and write all
// buckets, so the port belongs on the loopback interface or behind something that checks. Both
// arguments must outlive the handler.
net::Handler make_s3_handler(s3::BucketRegistry& buckets, net::WorkerPool& workers);

// Whether a request on the shared port is for S3: no X-Amz-Target, and not below the paths of the
// other services (/_weft/, Lambda's /YYYY-MM-DD/, traces' /v0.N/ and /v1/, /metrics). A browser
// that opens "/" is not S3 either.
bool is_s3_request(const net::Request& request);

}  // namespace weft::api
