#pragma once

#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pugixml.hpp>
#include <unistd.h>

#include "api/s3/s3_handler.h"
#include "integrations/s3/temporary_bucket.h"

namespace weft::api {

// S3's handler over a bucket "photos" and a home for more, without a socket.
class S3HandlerTest : public ::testing::Test {
 protected:
  S3HandlerTest() {
    std::filesystem::create_directory(home());
    EXPECT_TRUE(registry_.add("photos", bucket_.path().string()).has_value());
  }

  // Where CreateBucket makes buckets.
  std::filesystem::path home() const { return bucket_.outside() / "home"; }

  net::Response send(const std::string& method, const std::string& target, std::string body = "",
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
    net::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.headers.fields = std::move(headers);
    request.body = std::move(body);
    std::promise<net::Response> answered;
    handler_(std::move(request),
             [&](net::Response response) { answered.set_value(std::move(response)); });
    return answered.get_future().get();
  }
  static std::string code_of(const net::Response& response) {
    pugi::xml_document document;
    document.load_string(response.body.c_str());
    return document.child("Error").child_value("Code");
  }
  static std::string content_of(const net::Response& response) {
    if (!response.file) return response.body;
    std::string out(response.file->length, '\0');
    EXPECT_EQ(::pread(response.file->file->get(), out.data(), out.size(),
                      static_cast<off_t>(response.file->offset)),
              static_cast<ssize_t>(out.size()));
    return out;
  }

  s3::TemporaryBucket bucket_;
  s3::BucketRegistry registry_{{.staging = (bucket_.outside() / "stages").string(),
                                .home = (bucket_.outside() / "home").string()}};
  net::WorkerPool workers_{2};
  net::Handler handler_ = make_s3_handler(registry_, workers_);
};

}  // namespace weft::api
