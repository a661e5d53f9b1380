#pragma once

#include <string>

#include <sys/types.h>

#include "terminal/terminal.h"

namespace weft::terminal {

// The command that shows long text a screen at a time: WEFT_PAGER, else PAGER, else `less -RFX`
// where there is one. "" when there is none, or the variable is empty or `cat`.
std::string pager_command();

// Leads standard output through a pager from its construction to its destruction, which waits until
// the reader has closed it. Does nothing where standard output is no terminal, TERM is dumb, or
// there is no pager. Ask for the Terminal before: afterwards standard output is a pipe.
//
// A reader who closes it early has seen enough: the next write ends the process with status 0. One
// at a time, on the main thread of a command that only reads.
class Pager {
 public:
  Pager(const Terminal& screen, bool wanted);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

 private:
  int screen_ = -1;  // what standard output was; -1: no pager runs
};

}  // namespace weft::terminal
