#pragma once

// WEFT_CHECK guards invariants of our own code: always on, prints the condition and aborts. Input from users never reaches
// one; that is what Result is for. WEFT_DCHECK is the same in debug builds only.

namespace weft::base {

// Prints `file:line: CHECK failed: condition` to stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition);

}  // namespace weft::base

#define WEFT_CHECK(condition) \
  ((condition) ? (void)0 : ::weft::base::check_failed(__FILE__, __LINE__, #condition))

#ifdef NDEBUG
#define WEFT_DCHECK(condition) ((void)0)
#else
#define WEFT_DCHECK(condition) WEFT_CHECK(condition)
#endif
