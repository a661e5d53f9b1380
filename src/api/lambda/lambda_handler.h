#pragma once

#include <cstdint>
#include <string_view>

#include "integrations/lambda/function_pool.h"
#include "net/http.h"
#include "net/worker_pool.h"

namespace weft::api {

// Answers Lambda's REST API for the functions of a pool: Invoke, ListFunctions, GetFunction,
// GetFunctionConfiguration. What changes functions is refused by name. Signatures are not checked.
// Operations begin on `workers`; an Invoke holds no thread while its function works. Both arguments
// must outlive the handler. Requests have passed net::guarded().
net::Handler make_lambda_handler(lambda::FunctionPool& functions, net::WorkerPool& workers);

// Whether the first part of a path is a version of Lambda's APIs: "2015-03-31".
bool is_lambda_version(std::string_view first);
// Whether a request on the shared port is for Lambda: its path begins /YYYY-MM-DD/functions.
bool is_lambda_request(const net::Request& request);
// How many bytes the body of such a request may have, and the answer to one with more (413) or for
// which there is no room (503).
uint64_t lambda_body_limit(const net::Request& request);
net::Response refuse_lambda_body(const net::Request& request, int status);

}  // namespace weft::api
