#pragma once

#include <memory>
#include <string>

#include <boost/asio/buffers_iterator.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <boost/system/error_code.hpp>

#include "net/byte_budget.h"
#include "net/file_descriptor.h"
#include "net/http.h"

namespace weft::net {

// Makes an unnamed file in `directory` ("" = TMPDIR or /tmp); not open when that fails.
FileDescriptor make_spool_file(const std::string& directory);
// Writes all of it, or returns an errno.
int write_fully(int fd, const char* data, size_t size);

// A Beast body that keeps small bodies in memory and writes larger ones to an unnamed file as they
// arrive.
struct RequestBody {
  struct value_type {
    std::string memory;
    FileDescriptor file;
    uint64_t size = 0;
    // Set by the session before the body is read.
    size_t memory_limit = 0;
    const std::string* spool_directory = nullptr;
    ByteLease lease;                    // what `file` holds of the server's spool
    ByteLease* memory_lease = nullptr;  // what `memory` holds; null: of nothing

    // Appends; returns an errno or 0.
    int append(const char* data, size_t length);
  };

  class reader {
   public:
    template <bool kIsRequest, class Fields>
    reader(boost::beast::http::header<kIsRequest, Fields>& /*header*/, value_type& body)
        : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error) {
      error = {};
      if (length && *length <= body_.memory_limit) body_.memory.reserve(*length);
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (auto it = boost::asio::buffer_sequence_begin(buffers);
           it != boost::asio::buffer_sequence_end(buffers); ++it) {
        boost::asio::const_buffer piece = *it;
        int failed = body_.append(static_cast<const char*>(piece.data()), piece.size());
        if (failed != 0) {
          error.assign(failed, boost::system::system_category());
          return taken;
        }
        taken += piece.size();
      }
      return taken;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace weft::net
