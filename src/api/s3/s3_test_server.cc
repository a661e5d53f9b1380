// Serves directories over S3 and nothing else, for the end-to-end tests of this folder:
//   s3_test_server --bucket NAME=DIR ... --port-file FILE
// Writes the port it listens on to FILE and runs until standard input ends.
#include <cstdio>
#include <fstream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "api/s3/s3_handler.h"
#include "net/server.h"

int main(int argc, char** argv) {
  CLI::App app("Serves directories over S3");
  std::vector<std::string> buckets;
  std::string port_file;
  std::string home;
  std::string staging;
  app.add_option("--bucket", buckets, "NAME=DIRECTORY");
  app.add_option("--buckets", home, "a directory whose subfolders are buckets");
  app.add_option("--staging", staging, "where uploads lie until they are complete")->required();
  app.add_option("--port-file", port_file, "where to write the port")->required();
  CLI11_PARSE(app, argc, argv);

  weft::s3::BucketRegistry registry({.staging = staging, .home = home});
  for (const std::string& bucket : buckets) {
    size_t equals = bucket.find('=');
    auto added = equals == std::string::npos
                     ? weft::base::fail(weft::base::ErrorCode::kInvalidArgument,
                                        "--bucket " + bucket + ": expected NAME=DIRECTORY")
                     : registry.add(bucket.substr(0, equals), bucket.substr(equals + 1));
    if (!added) {
      std::fprintf(stderr, "%s\n", added.error().message.c_str());
      return 2;
    }
  }
  weft::net::Loop loop;
  weft::net::WorkerPool workers(4);
  auto server = weft::net::HttpServer::listen(loop, "127.0.0.1", 0,
                                              weft::api::make_s3_handler(registry, workers));
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  loop.start(1);
  // Renamed into place, so that a reader never sees half of it.
  std::ofstream(port_file + ".new") << (*server)->port() << "\n";
  std::rename((port_file + ".new").c_str(), port_file.c_str());
  char ignored[256];
  while (::read(STDIN_FILENO, ignored, sizeof(ignored)) > 0) {
  }
  (*server)->close();
  loop.stop();
  return 0;
}
