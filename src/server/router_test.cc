#include "server/router.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/intake.h"

namespace weft::server {
namespace {

// A service that answers with its own name.
net::Handler named(const char* name) {
  return [name](const net::Request&, net::Responder respond) {
    respond({.status = 200, .body = name});
  };
}

class RouterTest : public testing::Test {
 protected:
  net::Response get(const std::string& path, const std::string& target = "") {
    net::Request request{.method = target.empty() ? "GET" : "POST", .target = path, .path = path};
    if (!target.empty()) request.headers.set("x-amz-target", target);
    net::Response answer;
    Router::handler(router_)(std::move(request),
                             [&](net::Response response) { answer = std::move(response); });
    return answer;
  }
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
};

TEST_F(RouterTest, EachRequest_ReachesItsService) {
  router_->set_s3(named("s3"));
  router_->set_api(named("api"));
  EXPECT_EQ(get("/", "AWSStepFunctions.ListStateMachines").body, "api");
  EXPECT_EQ(get("/_weft/health").body, "api");
  EXPECT_EQ(get("/bucket/key").body, "s3");
  EXPECT_EQ(get("/metrics").status, 200);
  router_->set_lambda(named("lambda"));
  EXPECT_EQ(get("/2015-03-31/functions/f/invocations").body, "lambda");
  EXPECT_EQ(get("/2015-03-31/functions/").body, "lambda");
}

TEST_F(RouterTest, PathsThatNoServiceHas_AreNotS3s) {
  router_->set_s3(named("s3"));
  for (const char* path : {"/v1/profiles", "/metrics/x", "/2018-06-01/runtime/invocation/next"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(get("/debugger/key").body, "s3") << "which says that there is no such bucket";
}

TEST_F(RouterTest, NoBucket_HasTheNameOfAnotherServicesPaths) {
  std::vector<std::string_view> paths = telemetry::Intake::paths();
  paths.insert(paths.end(), {"/metrics", "/_weft/v1/live", "/2015-03-31/functions"});
  for (const std::string_view path : paths) {
    const std::string_view first = path.substr(1, path.find('/', 1) - 1);
    EXPECT_TRUE(Router::shadows_bucket(first)) << path;
  }
  EXPECT_TRUE(Router::shadows_bucket("v0.4"));
  for (const char* name : {"photos", "v2.0", "2026", "2026-11-30-photos"})
    EXPECT_FALSE(Router::shadows_bucket(name)) << name;
}

TEST_F(RouterTest, BeforeStartAndAfterClose_AnswersUnavailable) {
  router_->set_s3(named("s3"));
  EXPECT_EQ(get("/_weft/health").status, 503);
  EXPECT_EQ(get("/bucket/key").body, "s3");
  router_->close();
  EXPECT_EQ(get("/bucket/key").status, 503);
}

}  // namespace
}  // namespace weft::server
