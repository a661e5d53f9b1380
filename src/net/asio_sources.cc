// The one translation unit that compiles Asio's and Beast's own code (see the separate-compilation
// macros in CMakeLists.txt).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
