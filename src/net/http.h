#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/file_descriptor.h"

// HTTP messages as plain values. Nothing here knows Asio; handlers written against this header run
// in tests without a socket.

namespace weft::net {

// Header fields in the order they came. Names compare without regard to case; a name may occur more
// than once.
struct Headers {
  std::vector<std::pair<std::string, std::string>> fields;

  // The value of the first field called `name`, or nothing. The view lives as long as the field.
  std::optional<std::string_view> find(std::string_view name) const;
  // The same, with "" for an absent field.
  std::string_view get(std::string_view name) const;
  // How many fields are called `name`.
  size_t count(std::string_view name) const;
  // Replaces all fields called `name` by one.
  void set(std::string_view name, std::string value);
  // Appends a field beside those of the same name.
  void add(std::string_view name, std::string value);
};

// A request body that was too large for memory: an unlinked temporary file, gone when the last
// owner lets go.
class SpooledBody {
 public:
  SpooledBody(FileDescriptor file, uint64_t size) : file_(std::move(file)), size_(size) {}
  // Readable at any offset with pread; the file position means nothing.
  int fd() const { return file_.get(); }
  uint64_t size() const { return size_; }
  // All of it in memory; nothing when it cannot be read back.
  std::optional<std::string> read() const;

 private:
  FileDescriptor file_;
  uint64_t size_ = 0;
};

// The connection that a request came on. Any thread, also when it is closed.
class Connection {
 public:
  virtual ~Connection() = default;
  // Whether the other side has closed it, so that nobody reads an answer; false while requests that
  // it has sent wait to be read.
  virtual bool is_gone() = 0;
};

// One request whose body has arrived completely.
struct Request {
  std::string method;  // as sent: "GET"
  std::string target;  // as sent: "/a%20b?x=1"
  std::string path;    // target before "?", still percent-encoded
  std::string query;   // target after "?", still percent-encoded; "" when there is none
  Headers headers;
  std::string body;                        // empty when `spooled` is set
  std::shared_ptr<SpooledBody> spooled;    // set instead of `body` above Limits.memory_body_bytes
  std::string peer;                        // "127.0.0.1:40312"
  std::shared_ptr<Connection> connection;  // null of requests that no server read

  uint64_t body_size() const { return spooled ? spooled->size() : body.size(); }
};

// Bytes of an open file to send as a response body.
struct FileRange {
  std::shared_ptr<const FileDescriptor> file;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// A body whose length nobody knows when it begins, such as server-sent events. The server takes a
// piece when the one before it is written, so that no more waits than the source itself keeps, and
// lets go of the source when the connection ends, for whatever reason. A reader that takes nothing
// for Limits::stream_stall is cut off.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Called once, before the first take(). `wake` says that take() may have something again: any
  // thread, at any time, also when the connection is gone.
  virtual void start(std::function<void()> wake) = 0;
  // The next piece; "" when there is nothing yet, nothing at the end. On one loop thread: it must
  // not block.
  virtual std::optional<std::string> take() = 0;
};

// The body is `stream` when set, else `file` when set, else `body`. The server writes
// Content-Length, Date and Connection itself; a Content-Length set by the handler is sent only in
// answers to HEAD (whose body is never sent).
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::optional<FileRange> file;
  std::shared_ptr<BodySource> stream;  // the connection ends with it
};

// Answers one request. Call it at most once, from any thread, at any later time; dropping it
// unanswered sends status 500.
using Responder = std::move_only_function<void(Response)>;

// Called on a loop thread: it must not block (see worker_pool.h) and must not throw.
using Handler = std::function<void(Request, Responder)>;

// Names of headers and hosts as they compare: A-Z as a-z.
std::string lower_case(std::string_view name);

// Whether two names of header fields are the same one: ASCII letters of either case (RFC
// 9110, 5.1).
bool same_name(std::string_view a, std::string_view b);

// Whether `text` is a token, as methods and names of header fields are (RFC 9110, 5.6.2).
bool is_token(std::string_view text);

// The standard phrase of a status ("Not Found"), "" for an unknown one.
std::string_view status_phrase(int status);

}  // namespace weft::net
