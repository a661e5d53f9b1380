#pragma once

#include <string_view>

namespace weft::server {

// SIGINT and SIGTERM, counted. The first one asks the program to end well; the second ends it at
// once with exit status 130. Those that functions send are ignored. install() once, from main's
// thread; the rest from any thread.
class Interrupts {
 public:
  static void install();
  static int count();
  // What the first one was, as a cause says it: "Stopped with Ctrl-C". "" while none came.
  static std::string_view cause();
  // Blocks until the first one came.
  static void wait();
};

}  // namespace weft::server
