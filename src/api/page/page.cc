#include "api/page/page.h"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "api/page/files.h"
#include "api/query/gzip.h"

namespace weft::api {
namespace {

constexpr std::string_view kIndex = "index.html";
// Styles come from the file and, for sizes that data decides, from attributes.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

// A file as it is sent.
struct Ready {
  std::string_view type;
  std::string tag;
  std::string_view text;
  std::string zipped;
  bool by_content = false;  // its name changes with what is in it
};

std::string_view type_of(std::string_view path) {
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "text/plain; charset=utf-8";
}

// FNV-1a: names a text, keeps no secret.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char byte : text) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  }
  return hash;
}

using Files = std::map<std::string_view, Ready>;

Files compress() {
  Files files;
  for (const PageFile& file : page_files()) {
    files.emplace(file.path, Ready{.type = type_of(file.path),
                                   .tag = fmt::format("\"{:016x}\"", hash_of(file.text)),
                                   .text = file.text,
                                   .zipped = gzip(file.text, true),
                                   .by_content = file.path.starts_with("assets/")});
  }
  return files;
}

const Files& files() {
  static const Files all = compress();
  return all;
}

net::Response plain(int status, std::string text) {
  net::Response response{.status = status};
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.body = std::move(text);
  return response;
}

net::Response send(const Ready& file, const net::Request& request) {
  net::Response response;
  response.headers.set("ETag", file.tag);
  response.headers.set("Cache-Control",
                       file.by_content ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("Content-Security-Policy", std::string(kPolicy));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  if (request.headers.get("If-None-Match") == file.tag) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(file.type));
  const bool zipped = request.headers.get("Accept-Encoding").find("gzip") != std::string_view::npos;
  if (zipped) response.headers.set("Content-Encoding", "gzip");
  response.body = zipped ? file.zipped : std::string(file.text);
  return response;
}

}  // namespace

bool is_page(std::string_view path) {
  return path.starts_with(kPagePath) || path == kPagePath.substr(0, kPagePath.size() - 1);
}

net::Response page_response(const net::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return plain(405, request.path + " answers GET only\n");
  }
  if (!request.path.starts_with(kPagePath)) {
    net::Response moved{.status = 308};
    moved.headers.set("Location", std::string(kPagePath));
    return moved;
  }
  const std::string_view path = std::string_view(request.path).substr(kPagePath.size());
  const auto exact = files().find(path);
  if (exact != files().end()) return send(exact->second, request);
  const auto index = files().find(kIndex);
  if (index == files().end()) return plain(404, "This weft was built without its page\n");
  // A file of another version of the page.
  if (path.starts_with("assets/")) return plain(404, "There is no file " + request.path + "\n");
  return send(index->second, request);
}

}  // namespace weft::api
